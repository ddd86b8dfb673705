import { describe, expect, test } from "vitest";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { checksOf } from "./checks.ts";
import { readDefinitions } from "./definitions.ts";
import { handlerChecks } from "./handlers.ts";
import type { Check } from "./scenarios/scenario.ts";

const definitions = readDefinitions();
const flows: { flow: FlowName; checks: Check[] }[] = [];
for (const { name } of FLOWS) flows.push({ flow: name, checks: await checksOf(name, definitions) });

describe.each(flows)("$flow", ({ checks }) => {
  test.each(checks)("$name", ({ run }) => run(definitions));
});

test("a catcher that is added to a file is driven, and one that nobody has thought of fails with a sentence", async () => {
  const altered = readDefinitions();
  altered.rotation.States.ReadTimeSeries?.Catch?.unshift({ ErrorEquals: ["Novelty"], Next: "NotTurned" });
  const checks = await handlerChecks("rotation", altered);
  const added = checks.find(({ name }) => name === "ReadTimeSeries: Novelty of its function");
  await expect(added?.run(altered)).rejects.toThrow("say it in failsWith of test/harness/scenarios/rotation.ts");
});

test("a retrier that is added to a file is driven until it is given up", async () => {
  const altered = readDefinitions();
  const state = altered.rotation.States.ReadTimeSeries;
  const [retrier] = state?.Retry ?? [];
  if (retrier === undefined) throw new Error("ReadTimeSeries has no retrier");
  state?.Retry?.push({ ...retrier, ErrorEquals: ["Novelty"], MaxAttempts: 3 });
  const added = (await handlerChecks("rotation", altered)).filter(({ name }) => name.includes("Novelty"));
  expect(added.map(({ name }) => name)).toEqual([
    "ReadTimeSeries: Novelty is outlasted 3 times",
    "ReadTimeSeries: Novelty is given up then",
  ]);
  for (const { run } of added) await run(altered);
});

test("a state that no route enters fails with a sentence", async () => {
  const altered = readDefinitions();
  const { Verdict, ReadTimeSeries } = altered.rotation.States;
  if (Verdict === undefined || ReadTimeSeries === undefined) throw new Error("rotation is another flow");
  altered.rotation.States.Another = { ...ReadTimeSeries, Next: "DeriveSuccessor" };
  Verdict.Choices?.push({ Condition: "{% $states.input.verdict = 'NOVELTY' %}", Next: "Another" });
  await expect(handlerChecks("rotation", altered)).rejects.toThrow(
    "No route of test/harness/scenarios/rotation.ts enters the state Another",
  );
});
