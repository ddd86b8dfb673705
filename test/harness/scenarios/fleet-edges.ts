import assert from "node:assert/strict";
import { ROTATE_EVERY_MS } from "../../functions/support.ts";
import type { Definitions, Numbers } from "../definitions.ts";
import { World } from "../world.ts";
import type { Check } from "./scenario.ts";

/** A run over a fleet that comes in two pages, on the first of which so many rotations fail. */
async function pages(
  definitions: Definitions,
  due: number,
  failing: number,
  { refusedStart, ...numbers }: Partial<Numbers> & { refusedStart?: string } = {},
) {
  const world = new World({ definitions, numbers });
  // More often than any patience lasts.
  if (refusedStart !== undefined) world.refusedStarts.push(...Array.from({ length: 60 }, () => refusedStart));
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
  const times = (step: string) => world.functions.invoked.filter((one) => one === `fleet-rotation/${step}`).length;
  const looked = times("list-due");
  assert.equal(times("summarize"), 1, "a run is summed up once");
  return { error: run?.error ?? undefined, output: JSON.parse(run?.output ?? "null"), looked, world };
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

const ID = "0a1b2c";

/** What a run comes to that is started with this, in a world with one host, whose key is not due. */
async function cameTo(definitions: Definitions, input: unknown) {
  const world = new World({ definitions });
  await world.settledHost(ID, "i-0123456789abcdef0", { dueAt: world.clock.now() + ROTATE_EVERY_MS });
  world.start("fleet-rotation", input);
  await world.settle();
  const [run] = world.flows.executions("fleet-rotation");
  assert.deepEqual(world.mail.sent, []);
  return { world, error: run?.error, cause: run?.cause };
}

const refuses = (what: string, input: unknown, error: string, sentence: string): Check => ({
  name: `a run ${what} is refused with a sentence for whoever asked, and nobody is mailed`,
  async run(definitions) {
    const { world, ...came } = await cameTo(definitions, input);
    assert.deepEqual(came, { error: `Keyturn.${error}`, cause: sentence });
    assert.deepEqual(world.flows.executions("rotation"), []);
  },
});

const A_LIST = "list-due: input.ids must be a list of 1 to 1000 instance IDs";

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
    name: "when a rotation cannot be started, no further page is",
    async run(definitions) {
      const { error, looked } = await pages(definitions, 3, 0, { refusedStart: "AccessDeniedException" });
      assert.deepEqual({ error, looked }, { error: "Keyturn.FleetRotationStopped", looked: 1 });
    },
  },
  refuses("of no list", { ids: ID }, "InvalidInput", A_LIST),
  refuses("of nobody", { ids: [] }, "InvalidInput", A_LIST),
  refuses(
    "of those who are named, and of all",
    { ids: [ID], all: true },
    "InvalidInput",
    "list-due: input must name whom it means by ids or by all alone",
  ),
  refuses(
    "of somebody who is not there",
    { ids: [ID, "ffffff"] },
    "UnknownId",
    "No instance is registered under ffffff, so nothing was done. Look at the IDs.",
  ),
  {
    name: "who asked for a run, and why, goes into each rotation; of a run by the schedule nobody did",
    async run(definitions) {
      for (const claims of [{ requestedBy: "the harness", reason: "it is tried" }, { requestedBy: "" }]) {
        const { world } = await cameTo(definitions, { all: true, ...claims });
        const [run] = world.flows.executions("fleet-rotation");
        const [rotation] = world.flows.executions("rotation");
        const input = { id: ID, trigger: "fleet-rotation", run: run?.name, ...claims };
        assert.deepEqual(JSON.parse(rotation?.input ?? ""), input);
      }
    },
  },
  {
    name: "a page of all on which nobody can be turned is not the last",
    async run(definitions) {
      const world = new World({ definitions });
      await world.settledHost(ID, "i-0123456789abcdef0");
      world.functions.next("fleet-rotation/list-due", { output: { at: world.clock.now(), due: [], next: "{}" } });
      world.functions.next("fleet-rotation/list-due", {
        output: { at: world.clock.now(), due: [{ id: ID, name: "named" }] },
      });
      world.start("fleet-rotation", { all: true });
      await world.settle();
      assert.deepEqual(
        world.flows.executions("rotation").map(({ name }) => name),
        ["named"],
      );
    },
  },
  {
    name: "what is on several pages is turned once, and counted together",
    async run(definitions) {
      const { error, looked, output, world } = await pages(definitions, 3, 1);
      assert.deepEqual({ error, looked }, { error: undefined, looked: 2 });
      assert.deepEqual(output, { due: 3, turned: 0, skipped: 2, failed: 1, stopped: false });
      assert.equal(world.flows.executions("rotation").length, 3);
    },
  },
];
