import fc from "fast-check";
import { expect, test } from "vitest";
import { EC2, ID } from "../support.ts";
import { type Delivery, type Fault, World } from "./world.ts";

const faults = fc.array(
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: 16 }),
    what: fc.constantFrom("dies before", "dies after", "loses the call", "loses the answer"),
  }),
  { maxLength: 3 },
);
const deliveries = fc.array(
  fc.record<Delivery>({
    arrives: fc.constantFrom<Delivery["arrives"]>(0, 1, 1, 2),
    told: fc.constantFrom<Delivery["told"]>(0, 1, 1, 2),
  }),
  { maxLength: 6 },
);
/** Executions that begin together, each with what befalls it; and how many such rounds there are. */
const rounds = fc.array(fc.array(faults, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });

const QUIET_ENDS = ["ROTATED", "SUPERSEDED", "Superseded", "Retired"];
const LOUD_ENDS = ["PushUnanswered", "PushUndelivered", "PushRefused", "TemporarilyUnavailable"];

test("no interleaving, crash or repetition locks out, forks or goes back; and a rotation without faults heals", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), rounds, deliveries, async (scheduler, chaos, fates) => {
      const world = await World.create(scheduler, fates);
      for (const executions of chaos) {
        for (const befalls of executions) world.start(befalls);
        await world.settle();
        world.pass();
      }
      for (const end of world.ends) expect([...QUIET_ENDS, ...LOUD_ENDS]).toContain(end);

      world.deliveries.length = 0;
      const { generation } = (await world.plane.record()).current;
      world.start([]);
      await world.settle();
      expect(world.ends.at(-1)).toBe("ROTATED");
      const { current, pending } = await world.plane.record();
      expect(current.generation).toBe(generation + 1);
      expect(world.plane.instance.generation).toBe(generation + 1);
      expect(pending).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

test("a retirement at any moment ends every execution, and no key comes back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(faults, { minLength: 1, maxLength: 3 }),
      async (scheduler, executions) => {
        const world = await World.create(scheduler, []);
        for (const befalls of executions) world.start(befalls);
        void scheduler.schedule(Promise.resolve(), "retirement").then(() => {
          return world.plane.registry.retire(ID, { ec2InstanceId: EC2, at: world.plane.clock.at });
        });
        await world.settle();
        expect(world.plane.registry.records.get(ID)).toMatchObject({ status: "RETIRED" });
        for (const end of world.ends) expect([...QUIET_ENDS, ...LOUD_ENDS]).toContain(end);
      },
    ),
    { numRuns: 100 },
  );
});
