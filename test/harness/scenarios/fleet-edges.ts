import assert from "node:assert/strict";
import type { Definitions, Numbers } from "../definitions.ts";
import type { Check } from "../scenario.ts";
import { World } from "../world.ts";

/** A run over a fleet that comes in two pages, on the first of which so many rotations fail. */
async function pages(definitions: Definitions, due: number, failing: number, numbers: Partial<Numbers> = {}) {
  const world = new World({ definitions, numbers });
  const at = world.clock.now();
  const items = Array.from({ length: due }, (_, n) => ({
    id: (n + 1).toString(16).padStart(6, "0"),
    name: `due-${n}`,
  }));
  // Nobody knows these; those that do not fail were quarantined meanwhile.
  for (let n = 0; n < due - failing; n += 1) {
    world.functions.next("rotation/validate-id", { error: "Quarantined" });
  }
  world.functions.next("fleet-rotation/list-due", { output: { at, due: items, next: "more" } });
  world.functions.next("fleet-rotation/list-due", { output: { at, due: [] } });
  world.start("fleet-rotation", {});
  await world.settle();
  const [run] = world.flows.executions("fleet-rotation");
  const looked = world.functions.invoked.filter((step) => step === "fleet-rotation/list-due").length;
  return { error: run?.error ?? undefined, looked, world };
}

const tolerated = (due: number, most: number, numbers: Partial<Numbers> = {}): Check => ({
  name: `of ${due} that are due ${most} may fail, and not one more`,
  async run(definitions) {
    const { error, looked } = await pages(definitions, due, most, numbers);
    assert.deepEqual({ error, looked }, { error: undefined, looked: 2 }, `${most} failed`);
    const over = await pages(definitions, due, most + 1, numbers);
    assert.deepEqual(
      { error: over.error, looked: over.looked },
      { error: "Keyturn.FleetRotationStopped", looked: 1 },
      `${most + 1} failed`,
    );
  },
});

/** What holds of a run over the fleet at the edges of its numbers. */
export const edges: Check[] = [
  tolerated(8, 5),
  tolerated(14, 7, { toleratedFailureShare: 0.5 }),
  {
    name: "as many rotations run at once as the deployment says",
    async run(definitions) {
      const world = new World({ definitions, numbers: { maxConcurrency: 2 } });
      for (let n = 0; n < 4; n += 1) await world.settledHost(`0a1b2${n}`, `i-0123456789abcdef${n}`);
      let most = 0;
      world.functions.replaced.set("rotation/verify-hash", (step) => (input, neighbours) => {
        const running = world.flows.executions("rotation").filter(({ status }) => status === "RUNNING");
        most = Math.max(most, running.length);
        return step(input, neighbours);
      });
      world.start("fleet-rotation", {});
      await world.settle();
      assert.equal(most, 2);
      assert.equal(world.flows.executions("rotation").length, 4);
    },
  },
  {
    name: "a run that stops or comes to its end leaves no item out and turns none twice",
    async run(definitions) {
      const { error, looked, world } = await pages(definitions, 3, 0);
      assert.deepEqual({ error, looked }, { error: undefined, looked: 2 });
      assert.equal(world.flows.executions("rotation").length, 3);
    },
  },
];
