import { describe, expect, test } from "vitest";
import { FLOWS } from "../../infra/wiring.ts";
import { hex64Of } from "../functions/support.ts";
import { crashEverywhere } from "./crash-points.ts";
import { readDefinitions } from "./definitions.ts";
import { scenarioOf } from "./scenarios/index.ts";

const definitions = readDefinitions();

describe.each(FLOWS)("$name", ({ name: flow }) => {
  test.each(scenarioOf(flow).routes)(
    "$name: whatever befalls at any call, all is well in the end",
    async (route) => {
      const { calls, points } = await crashEverywhere(flow, route, definitions);
      expect(points).toBeGreaterThanOrEqual(route.strikes === "own" ? 2 : 2 * calls);
    },
    300_000,
  );
});

test("a step that is right as long as nothing befalls it is found out", async () => {
  const [route] = scenarioOf("rotation").routes;
  if (route === undefined) throw new Error("rotation has no route");
  let drawn = 0;
  const broken = crashEverywhere("rotation", route, definitions, (world) => {
    // It draws its nonce instead of computing it, and takes no pending key that is there already.
    world.nonces.compute = async () => {
      drawn += 1;
      return hex64Of(`drawn ${drawn}`);
    };
    world.functions.replaced.set("rotation/derive-successor", (step) => (input, neighbours) => {
      for (const record of world.registry.records.values()) if ("pending" in record) delete record.pending;
      return step(input, neighbours);
    });
  });
  await expect(broken).rejects.toThrow(/call \d+ \(rotation\/derive-successor: .*a generation has one successor/);
});

test("a flow without a scenario fails with a sentence that says what to write", () => {
  const sentence = /^The flow sweep is run by no test\. Write \S+\/sweep\.ts: its routes/;
  expect(() => scenarioOf("sweep" as never)).toThrow(sentence);
});
