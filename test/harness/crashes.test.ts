import { describe, expect, test } from "vitest";
import { FLOWS } from "../../infra/wiring.ts";
import { crashEverywhere } from "./crash-points.ts";
import { readDefinitions } from "./definitions.ts";
import { scenarioOf } from "./scenario.ts";

const definitions = readDefinitions();

describe.each(FLOWS)("$name", ({ name: flow }) => {
  test.each(scenarioOf(flow).routes)("$name: whatever befalls at any call, all is well in the end", async (route) => {
    const { calls, points } = await crashEverywhere(flow, route, definitions);
    expect(points).toBeGreaterThanOrEqual(2 * calls);
  });
});

test("a flow without a scenario fails with a sentence that says what to write", () => {
  expect(() => scenarioOf("watch" as never)).toThrow("Write test/harness/scenarios/watch.ts");
});
