import { describe, expect, test } from "vitest";
import { flowNames, parseFlow, readFlow } from "../../statemachines/read.ts";

const FLOW = `
x-patience: &patience
  - &throttled
    ErrorEquals: [Lambda.TooManyRequestsException]
    MaxAttempts: 8
StartAt: A
States:
  A: { Type: Task, Retry: *patience, Next: B }
  B:
    Type: Task
    TimeoutSeconds: "{% \${Seconds} %}"
    Retry:
      - *throttled
      - { ErrorEquals: [Late] }
    End: true
`;
const throttled = { ErrorEquals: ["Lambda.TooManyRequestsException"], MaxAttempts: 8 };

describe("a flow's file", () => {
  test("becomes the definition that AWS takes: each policy where it is named, and no holder left", () => {
    const { text, definition } = parseFlow(FLOW, "flow");
    expect(definition).toEqual({
      StartAt: "A",
      States: {
        A: { Type: "Task", Retry: [throttled], Next: "B" },
        B: {
          Type: "Task",
          TimeoutSeconds: "{% ${Seconds} %}",
          Retry: [throttled, { ErrorEquals: ["Late"] }],
          End: true,
        },
      },
    });
    expect(JSON.parse(text)).toEqual(definition);
  });

  test("gives each state a policy of its own, so that whoever alters one alters no other", () => {
    const { A, B } = parseFlow(FLOW, "flow").definition.States;
    expect(A?.Retry?.[0]).toEqual(B?.Retry?.[0]);
    expect(A?.Retry?.[0]).not.toBe(B?.Retry?.[0]);
  });

  test.each([
    ["is no mapping", "- a\n", "line 1: A flow is a mapping, with StartAt and States in it."],
    ["is empty", "", "line 1: A flow is a mapping, with StartAt and States in it."],
    ["says a key twice", "A: 1\nA: 2\n", "line 2: Map keys must be unique"],
    ["is no YAML", "A: [1\nB: 2\n", /line \d: /],
    ["names what is anchored nowhere", "A: 1\nB: *patience\n", "line 2: Nothing above is anchored as &patience."],
    ["holds itself", "A: &a\n  B: *a\n", "line 2: *a stands inside of &a itself."],
    ["has a policy that nothing uses", `${FLOW}\nx-tell: &tell { Next: A }\n`, "line 17: No state uses &tell."],
    [
      "has a part of a policy that nothing uses",
      FLOW.replace("- *throttled\n", ""),
      "line 4: No state uses &throttled.",
    ],
    ["has a holder without an anchor", `x-a: 1\nStartAt: A\n`, "line 1: x-a holds no anchor"],
  ])("that %s is refused, with the line", (_, source, problem) => {
    expect(() => parseFlow(source, "statemachines/x.asl.yaml")).toThrow(problem);
    expect(() => parseFlow(source, "statemachines/x.asl.yaml")).toThrow(/^statemachines\/x\.asl\.yaml, line /);
  });

  test("is found by its flow's name, and a name that has none is answered with those that have", () => {
    expect(flowNames()).toContain("rotation");
    for (const name of flowNames()) expect(readFlow(name).definition.StartAt).toBeTruthy();
    expect(() => readFlow("rotaton")).toThrow(/^There is no flow "rotaton" in statemachines\/, only .*rotation/);
  });
});
