import fc from "fast-check";
import { expect, test } from "vitest";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import { type Fault, KINDS, type Scheduler } from "./calls.ts";
import type { Habit } from "./consumer.ts";
import { AT_THE_END, holdAll } from "./invariants.ts";
import { World } from "./world.ts";

/** The calls are counted over all executions, and Secrets Manager's own tries, that run side by side. */
const faults = fc.array(
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: 140 }),
    when: fc.constantFrom("before", "after"),
    what: fc.constantFrom(...KINDS.filter((kind) => kind !== "outage" && kind !== "blackout")),
  }),
  { maxLength: 6 },
);
/** How often a rotation is asked for at once, whether AWSPENDING is taken off by hand then, and what befalls meanwhile. */
const rounds = fc.array(fc.record({ asks: fc.integer({ min: 1, max: 2 }), takesOff: fc.boolean(), faults }), {
  minLength: 1,
  maxLength: 3,
});
const habit = fc.constantFrom<Habit>("asks", "asks", "seldom", "holds");
const QUIET_ENDS = ["ROTATED", "SUPERSEDED"];

let tokens = 0;
/** Another one each time. */
function nextToken(): string {
  tokens += 1;
  return `33333333-3333-4333-8333-${String(tokens).padStart(12, "0")}`;
}

async function currentOf(world: World, { name }: CredentialSettings): Promise<string | undefined> {
  return (await world.secrets.stages(name))?.current;
}

test("no interleaving, crash or repetition has a consumer refused, whatever its habits; and then it turns", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), rounds, fc.tuple(habit, habit), async (scheduler, chaos, [web, pool]) => {
      const world = new World({ scheduler: scheduler as unknown as Scheduler });
      const credential = await world.settledCredential();
      const consumers = [await world.consumer(credential, "web", web), await world.consumer(credential, "pool", pool)];
      for (const { asks, takesOff, faults } of chaos) {
        world.calls.countAnew();
        world.calls.faults.splice(0, Number.POSITIVE_INFINITY, ...structuredClone(faults));
        for (let n = 0; n < asks; n += 1) void world.rotateSecret(credential, nextToken());
        await world.settle();
        const { pending, current } = (await world.secrets.stages(credential.name)) ?? {};
        if (takesOff && pending !== undefined && pending !== current) {
          await world.secrets.dropPending(credential.name, pending);
        }
        await world.pass(2 * credential.deadlineSeconds * 1000);
      }

      world.calls.faults.length = 0;
      const isRetired = () => world.credentials.records.get(credential.name)?.predecessor === undefined;
      for (let days = 0; days < 3 || (days < 9 && !isRetired()); days += 1) {
        // Who reads its credential once is started again, as the event that names it asks for.
        for (const consumer of consumers.filter(({ habit }) => habit === "holds")) {
          consumer.stop();
          await consumer.use();
        }
        await world.comeRound();
      }
      expect(isRetired()).toBe(true);
      await holdAll(AT_THE_END, world);
      const before = await currentOf(world, credential);
      await world.rotateSecret(credential, nextToken());
      await world.settle();
      const last = world.flows.executions("credential").at(-1);
      expect(await currentOf(world, credential), `${last?.name}: ${last?.error} ${last?.cause}`).not.toBe(before);
      expect(consumers.flatMap(({ refused }) => refused)).toEqual([]);
      for (const { status, output, error } of world.flows.executions("credential")) {
        if (status !== "ABORTED" && error === null) {
          expect(QUIET_ENDS).toContain(JSON.parse(output ?? "{}").outcome);
        }
      }
    }),
    { numRuns: 15 },
  );
}, 300_000);
