import fc from "fast-check";
import { expect, test } from "vitest";
import { ROTATE_EVERY_MS } from "../functions/support.ts";
import { type Fault, KINDS, type Scheduler } from "./calls.ts";
import type { Delivery } from "./commands.ts";
import { AT_THE_END, holdAll } from "./invariants.ts";
import { World } from "./world.ts";

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";

/** The calls are counted over all executions that run side by side. */
const faults = fc.array(
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: 48 }),
    when: fc.constantFrom("before", "after"),
    what: fc.constantFrom(...KINDS.filter((kind) => kind !== "outage" && kind !== "blackout")),
  }),
  { maxLength: 5 },
);
const deliveries = fc.array(
  fc.record<Delivery>({
    arrives: fc.constantFrom<Delivery["arrives"]>(0, 1, 1, 2),
    told: fc.constantFrom<Delivery["told"]>(0, 1, 1, 2),
  }),
  { maxLength: 6 },
);
/** How many executions begin together, and what befalls them; and how many such rounds there are. */
const rounds = fc.array(fc.record({ executions: fc.integer({ min: 1, max: 3 }), faults }), {
  minLength: 1,
  maxLength: 3,
});

const QUIET_ENDS = ["ROTATED", "SUPERSEDED", "RETIRED"];
const LOUD_ENDS = ["PushUnanswered", "PushUndelivered", "PushRefused", "PushFailed", "Lambda.Unknown"];

async function begin(scheduler: fc.Scheduler, fates: Delivery[]): Promise<World> {
  const world = new World({ scheduler: scheduler as unknown as Scheduler, deliveries: fates });
  await world.settledHost(ID, EC2);
  return world;
}

/** However it ended, it ended in a way that somebody has thought of. */
function expectKnownEnds(world: World): void {
  for (const { status, output, error } of world.flows.executions("rotation")) {
    if (status === "ABORTED") continue;
    if (error === null) expect(QUIET_ENDS).toContain(JSON.parse(output ?? "{}").outcome);
    else expect([...LOUD_ENDS, "TemporarilyUnavailable"]).toContain(error.replace(/^Keyturn\./, ""));
  }
}

test("no interleaving, crash or repetition locks out, forks or goes back; and a rotation without faults heals", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), rounds, deliveries, async (scheduler, chaos, fates) => {
      const world = await begin(scheduler, fates);
      for (const { executions, faults } of chaos) {
        world.calls.countAnew();
        world.calls.faults.splice(0, Number.POSITIVE_INFINITY, ...structuredClone(faults));
        for (let n = 0; n < executions; n += 1) world.start("rotation", { id: ID });
        await world.settle();
        await world.pass(ROTATE_EVERY_MS);
      }
      expectKnownEnds(world);

      world.commands.deliveries.length = 0;
      world.calls.faults.length = 0;
      const { generation = 0 } = (await world.hosts.get(EC2)?.keyFile()) ?? {};
      await world.comeRound();
      await world.comeRound();
      await holdAll(AT_THE_END, world);
      expect((await world.hosts.get(EC2)?.keyFile())?.generation).toBeGreaterThan(generation);
    }),
    { numRuns: 60 },
  );
});

test("a retirement at any moment ends every execution, and no key comes back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), faults, fc.integer({ min: 1, max: 3 }), async (scheduler, befalls, executions) => {
      const world = await begin(scheduler, []);
      world.calls.faults.push(...structuredClone(befalls));
      for (let n = 0; n < executions; n += 1) world.start("rotation", { id: ID });
      const retired = scheduler.schedule(Promise.resolve(), "retirement").then(() => {
        return world.registry.retire(ID, { ec2InstanceId: EC2, at: world.clock.now() });
      });
      await world.settle();
      await retired;
      expect(world.registry.records.get(ID)).toMatchObject({ status: "RETIRED" });
      expectKnownEnds(world);
    }),
    { numRuns: 50 },
  );
});
