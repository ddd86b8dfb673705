import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { contract as verifyHash } from "../../functions/rotation/verify-hash/contract.ts";
import type { StepContract } from "../../functions/shared/contract.ts";
import { INVALID_INPUT, TEMPORARILY_UNAVAILABLE } from "../../functions/shared/errors.ts";
import { placeholderOf, STEPS } from "../../functions/steps.ts";
import { ADVICE } from "../../functions/telling/advice.ts";
import { FLOW_FILES, PLATFORM, type Scope, type State, scopesOf, substituted, tasksOf } from "./definitions.ts";
import { unassigned, variablesIn } from "./variables.ts";

const validate: (definition: unknown) => { isValid: boolean; errorsText(): string } = createRequire(import.meta.url)(
  "asl-validator",
);

const steps: readonly StepContract[] = STEPS;
const tasks = FLOW_FILES.flatMap((flow) => tasksOf(flow).map((task) => ({ flow: flow.name, ...task })));
const calls = tasks.flatMap(({ step, ...call }) =>
  step ? [{ ...call, step, name: `${call.flow} ${call.state}` }] : [],
);

/** Steps that something else than a flow starts: the function URL, or an event. */
const CALLED_OTHERWISE = ["register", "end-push", "follow-state"];
/** Steps that tell people: when these fail, the execution does, and a rule tells. */
const NOTIFIERS = ["notify-sns", "summarize"];
const isOurs = (error: string) => !/^(States|Lambda|Sandbox|StepFunctions)\./.test(error);
const pascalCase = (name: string) => placeholderOf({ name } as StepContract).replace("FunctionArn", "");

describe("flows and steps", () => {
  test.each(FLOW_FILES)("$name is valid for asl-validator", ({ text }) => {
    const verdict = validate(substituted(text));
    expect(verdict.isValid ? "" : verdict.errorsText()).toBe("");
  });

  test.each(tasks)("$flow $state calls a step of its flow, or the flow of one instance", ({ task, step }) => {
    expect(step?.name ?? task.Resource).toMatch(/^([a-z-]+|arn:aws:states:::states:startExecution\.sync:2)$/);
  });

  test.each(steps.filter(({ name }) => !CALLED_OTHERWISE.includes(name)))(
    "$flow $name is called by its flow",
    (step) => {
      expect(calls.some((call) => call.step === step)).toBe(true);
    },
  );

  test.each(steps.filter(({ name }) => CALLED_OTHERWISE.includes(name)))("$name is called by no flow", (step) => {
    expect(calls.some((call) => call.step === step)).toBe(false);
  });

  test.each(calls)("$name is named after its step", ({ state, step }) => {
    expect(state === "NotifyConflict" ? "NotifySns" : state).toBe(pascalCase(step.name));
  });
});

describe("errors", () => {
  test.each(calls)("$name tries the platform's errors again, by name", ({ task, step }) => {
    // What has not answered yet may answer soon; of our own errors this alone is tried again.
    const own = step.name === "ask-for-receipt" ? ["PushUnanswered"] : [];
    const retried = task.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
    expect(retried.sort()).toEqual([...PLATFORM, ...own].sort());
  });

  test.each(calls.filter(({ step }) => !NOTIFIERS.includes(step.name)))(
    "$name leads every other error on",
    ({ task }) => {
      expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(["States.ALL"]);
      const before = task.Catch?.slice(0, -1).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(before).not.toContain("States.ALL");
    },
  );

  test.each(calls)("$name catches only what its step declares", ({ task, step }) => {
    const named = [...(task.Retry ?? []), ...(task.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals);
    const ours = named.filter(isOurs);
    expect([...step.errors, TEMPORARILY_UNAVAILABLE, INVALID_INPUT]).toEqual(expect.arrayContaining(ours));
  });

  const sources = readAll("functions/**/*.ts", (file) => !file.endsWith("contract.ts") && !file.endsWith("fake.ts"));
  const tests = readAll("test/**/*.test.ts", (file) => !file.startsWith("test/statemachines/"));
  const declared = steps.flatMap(({ flow, name, errors }) => errors.map((error) => ({ flow, name, error })));

  test.each(declared)("$flow $name: $error is raised in functions/, and by a test", ({ error }) => {
    expect(sources).toMatch(new RegExp(`(StepError\\(\\s*|error: )"${error}"`));
    expect(tests).toContain(`"${error}"`);
  });

  test("every error that is raised is declared by a step", () => {
    const raised = [...sources.matchAll(/new StepError\(\s*"(\w+)"/g)].map(([, error]) => error);
    expect(raised.length).toBeGreaterThan(5);
    for (const error of raised) expect(declared.map((one) => one.error)).toContain(error);
  });

  /** What may reach the notifier of the rotation: what its steps declare and no Catch before the last takes. */
  const alerting = new Set([
    "STALE",
    "MISMATCH",
    "CONFLICT",
    INVALID_INPUT,
    ...calls
      .filter(({ step }) => step.flow === "rotation" && !NOTIFIERS.includes(step.name))
      .flatMap(({ task, step }) => {
        const quiet = task.Catch?.slice(0, -1).flatMap(({ ErrorEquals }) => ErrorEquals);
        return step.errors.filter((error) => !quiet?.includes(error));
      }),
  ]);

  test.each([...alerting])("%s comes with advice", (what) => {
    expect(ADVICE[what]?.means).toMatch(/\.$/);
    expect(ADVICE[what]?.todo).toMatch(/[.`]$/);
  });

  test("there is advice for nothing that cannot come", () => {
    expect(Object.keys(ADVICE).filter((what) => !alerting.has(what))).toEqual([]);
  });

  test("every verdict goes on, ends quietly, or alerts", () => {
    const verdict = FLOW_FILES.find(({ name }) => name === "rotation")?.States.Verdict;
    const named = JSON.stringify(verdict?.Choices)
      .match(/'[A-Z_]+'/g)
      ?.map((name) => name.slice(1, -1));
    const all: readonly string[] = verifyHash.output.shape.verdict.options;
    expect(all.filter((name) => !named?.includes(name)).sort()).toEqual(["MISMATCH", "STALE"]);
    expect(verdict?.Default).toBe("NotifySns");
    expect(all).toEqual(expect.arrayContaining(named ?? []));
  });
});

describe("data", () => {
  test.each(FLOW_FILES)("every variable in $name is assigned on every way to where it is read", (flow) => {
    // A Distributed Map sees no variable from outside.
    expect(scopesOf(flow).flatMap(unassigned)).toEqual([]);
  });

  test.each(FLOW_FILES)("no variable in $name is assigned in vain", ({ States }) => {
    const states = Object.values(States);
    const handlers = states.flatMap((state) => [state, ...(state.Choices ?? []), ...(state.Catch ?? [])]);
    const assigned = new Set(handlers.flatMap(({ Assign }) => Object.keys(Assign ?? {})));
    expect([...assigned].filter((name) => !variablesIn(states).has(name))).toEqual([]);
  });

  test("a variable that one way leaves unassigned is found", () => {
    const pass = (fields: Partial<State>): State => ({ Type: "Pass", ...fields });
    const scope: Scope = {
      StartAt: "A",
      States: {
        A: { Type: "Choice", Choices: [{ Condition: "{% true %}", Next: "B" }], Default: "C", Assign: { x: 1 } },
        B: pass({ Assign: { y: "{% $x %}" }, Next: "C" }),
        C: pass({ Output: "{% $x + $count($y) + $map($states.input, function($v) { $v }) %}", Next: "D" }),
        D: { Type: "Succeed" },
      },
    };
    expect(unassigned(scope)).toEqual(["B: x", "C: x", "C: y"]);
    expect([...variablesIn("{% ${Number} + $now() + $states.input.id %}")]).toEqual([]);
  });

  /** Names under which key material would go; `publicKey` and a key's generation are none. */
  const SECRET = /^(key|keys|ciphertext|privateKey|plaintext|secret|shared|password)$/i;

  test.each(tasks)("nothing secret goes through $flow $state", ({ task }) => {
    const { FunctionName: _function, StateMachineArn: _flow, ...passed } = task.Arguments ?? {};
    const words = JSON.stringify([passed, task.Output, task.Assign, task.Catch]).match(/\w+/g) ?? [];
    expect(words.filter((word) => SECRET.test(word))).toEqual([]);
  });

  test.each(steps)("nothing secret goes into or out of $flow $name", ({ input, output }) => {
    const names = [input, output].flatMap(propertiesOf);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => SECRET.test(name))).toEqual([]);
  });
});

function readAll(pattern: string, accept: (file: string) => boolean): string {
  const root = new URL("../../", import.meta.url);
  const files = globSync(pattern, { cwd: root }).filter(accept);
  return files.map((file) => readFileSync(new URL(file, root), "utf8")).join("\n");
}

/** The names of all fields in a schema, however deep. */
function propertiesOf(schema: z.ZodMiniType): string[] {
  const names: string[] = [];
  JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any" }), (name, value: unknown) => {
    if (name === "properties" && typeof value === "object" && value !== null) names.push(...Object.keys(value));
    return value;
  });
  return names;
}
