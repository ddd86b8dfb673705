import { describe, expect, test } from "vitest";
import { FLOW_FILES, type Scope, type State, scopesOf } from "./definitions.ts";

/**
 * AWS's guide and the language's specification differ on what a rule of a Choice without an Output hands on: its input, or
 * what the Output beside the rules makes of it. So each way says it, where the state that it leads to depends on it.
 */
describe("what a Choice hands on", () => {
  test.each(FLOW_FILES)("is said by each way of $name that leads to a state which depends on it", (flow) => {
    const message = `statemachines/${flow.name}.asl.yaml: give these (STATE → NEXT) an Output of their own, "{% $states.input %}" \
for what the Choice was given; that of Default stands beside the rules`;
    expect(scopesOf(flow).flatMap(unsaid), message).toEqual([]);
  });

  test("a way that leaves it unsaid is found, by a rule and by Default", () => {
    const States: Record<string, State> = {
      A: { Type: "Choice", Choices: [{ Condition: "{% true %}", Next: "B" }], Default: "C" },
      B: { Type: "Fail", Error: "{% $states.input.what %}" },
      C: { Type: "Choice", Choices: [{ Condition: "{% $x %}", Next: "D", Output: {} }], Default: "E" },
      D: { Type: "Succeed" },
      E: { Type: "Succeed", Output: {} },
    };
    expect(unsaid({ StartAt: "A", States })).toEqual(["A → B", "A → C"]);
  });
});

/** The ways out of Choices that lead to a state which depends on its input, and do not say what it is. */
function unsaid({ States }: Scope): string[] {
  return Object.entries(States).flatMap(([name, state]) => {
    const ways = [
      ...(state.Choices ?? []),
      ...(state.Default === undefined ? [] : [{ ...state, Next: state.Default }]),
    ];
    const missing = ways.filter(({ Next, Output }) => Output === undefined && dependsOnInput(States[Next]));
    return missing.map(({ Next }) => `${name} → ${Next}`);
  });
}

/** Whether a state reads its input, or hands it on as it is. */
function dependsOnInput(state: State | undefined): boolean {
  if (JSON.stringify(state).includes("$states.input")) return true;
  const handsOn = ["Choice", "Pass", "Succeed", "Wait"];
  return state?.Output === undefined && handsOn.includes(state?.Type ?? "");
}
