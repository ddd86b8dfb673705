import fc from "fast-check";
import { expect, test } from "vitest";
import { agreedKey, keyPair } from "../../protocol/index.ts";
import { INTERVAL_MS, LINE, ROTATE_EVERY_MS, seededRandom } from "../functions/support.ts";
import { type Fault, KINDS, type Scheduler } from "./calls.ts";
import type { Delivery } from "./commands.ts";
import type { Host } from "./host.ts";
import { AT_THE_END, holdAll } from "./invariants.ts";
import { World } from "./world.ts";

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";
const A_DAY_MS = 24 * 3600 * 1000;

/** The calls are counted over all executions that run side by side. */
const faultsUpTo = (last: number) =>
  fc.array(
    fc.record<Fault>({
      call: fc.integer({ min: 1, max: last }),
      when: fc.constantFrom("before", "after"),
      what: fc.constantFrom(...KINDS.filter((kind) => kind !== "outage" && kind !== "blackout")),
    }),
    { maxLength: 5 },
  );
const faults = faultsUpTo(48);
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

/** Rekeys that begin together with rotations, and what befalls all of them. */
const rekeyings = fc.array(
  fc.record({
    rotations: fc.nat({ max: 2 }),
    rekeys: fc.array(fc.boolean(), { maxLength: 2 }),
    faults: faultsUpTo(100),
  }),
  { minLength: 1, maxLength: 2 },
);

test("no interleaving of rekeys and rotations, crash or repetition locks out, forks or goes back; and one rekey heals", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      rekeyings,
      deliveries,
      fc.boolean(),
      async (scheduler, chaos, fates, isAltered) => {
        const world = await begin(scheduler, fates);
        const host = world.hosts.get(EC2);
        if (isAltered) await host?.alterKey();
        for (const { rotations, rekeys, faults } of chaos) {
          world.calls.countAnew();
          world.calls.faults.splice(0, Number.POSITIVE_INFINITY, ...structuredClone(faults));
          for (const anew of rekeys) world.start("operate", { act: "rekey", id: ID, anew });
          for (let n = 0; n < rotations; n += 1) world.start("rotation", { id: ID });
          await world.settle();
          await world.pass(ROTATE_EVERY_MS);
        }

        world.commands.deliveries.length = 0;
        world.calls.faults.length = 0;
        const { generation = 0 } = (await host?.keyFile()) ?? {};
        world.start("operate", { act: "rekey", id: ID });
        await world.settle();
        expect(world.registry.records.get(ID)).not.toHaveProperty("rekey");
        // It may have agreed its key already, of which only the receipt was missing.
        expect((await host?.keyFile())?.generation).toBeGreaterThanOrEqual(generation);
        await world.comeRound();
        await world.comeRound();
        await holdAll(AT_THE_END, world);
      },
    ),
    { numRuns: 25 },
  );
});

test("a retirement at any moment ends every execution, and no key comes back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), faults, fc.integer({ min: 1, max: 3 }), async (scheduler, befalls, executions) => {
      const world = await begin(scheduler, []);
      world.calls.faults.push(...structuredClone(befalls));
      for (let n = 0; n < executions; n += 1) world.start("rotation", { id: ID });
      const retired = scheduler.schedule(Promise.resolve(), "retirement").then(() => {
        return world.registry.retire(ID, { ec2InstanceId: EC2, at: world.clock.now(), line: LINE });
      });
      await world.settle();
      await retired;
      expect(world.registry.records.get(ID)).toMatchObject({ status: "RETIRED" });
      expectKnownEnds(world);
    }),
    { numRuns: 50 },
  );
});

/** The EC2 instance's records: one is active, and beside it there is at the most who waits for its place. */
async function expectOneRecord(world: World): Promise<void> {
  const owner = await world.registry.findOwner(EC2);
  const live = [...world.registry.records.values()].filter(({ status }) => status !== "RETIRED");
  expect(live.filter(({ status }) => status === "ACTIVE").map(({ id }) => id)).toEqual([owner?.holder]);
  for (const { id, status } of live) if (status === "NEW") expect(id).toBe(owner?.newcomer);
}

const NEWCOMER = "abcdef";
const PUBLIC_KEY = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
const registration = (n: number) => ({ id: `fffff${n}`, ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY });

/** What the agent does when it starts anew: where its ID is gone, it draws another one. */
async function comeAgain(world: World, n: number): Promise<void> {
  await world.pass(A_DAY_MS); // as the five IDs a day may be used up
  for (const id of [registration(n).id, "eeeeee"]) {
    world.start("registration", { ...registration(n), id, ec2InstanceId: EC2 });
    await world.settle();
    const [last] = world.flows.executions("registration").slice(-1);
    if (JSON.parse(last?.output ?? "{}").reason !== "ID_TAKEN") return;
  }
}

test("of registrations of one EC2 instance at once, whatever befalls them, one record is active in the end", async () => {
  const ids = fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), ids, faults, async (scheduler, numbers, befalls) => {
      const world = new World({ scheduler: scheduler as unknown as Scheduler });
      world.calls.faults.push(...structuredClone(befalls));
      for (const n of numbers) world.start("registration", { ...registration(n), ec2InstanceId: EC2 });
      await world.settle();
      // Nobody answers the pushes: what is due is looked at, and no more.
      world.calls.faults.length = 0;
      await comeAgain(world, numbers[0] ?? 0);
      await world.pass(ROTATE_EVERY_MS);
      world.start("fleet-rotation", {});
      await world.settle();
      await expectOneRecord(world);
    }),
    { numRuns: 60 },
  );
});

/** The agent has lost its folder. Not through its own call: within that, others would wait for their turn without end. */
async function registerAnew(world: World, host: Host): Promise<void> {
  const agent = keyPair(seededRandom("agent"));
  const { publicKey } = agent;
  world.start("registration", { ...registration(0), id: NEWCOMER, publicKey, ec2InstanceId: EC2 });
  await world.settle();
  const [{ output } = { output: null }] = world.flows.executions("registration");
  const { serverPublic } = JSON.parse(output ?? "{}");
  const key = agreedKey({
    ...{ purpose: "first-key", id: NEWCOMER, ec2InstanceId: EC2, generation: 1 },
    ...{ privateKey: agent.privateKey, publicKey: serverPublic, agentPublic: publicKey, serverPublic },
  });
  host.hold({ id: NEWCOMER, generation: 1, key });
}

test("whatever befalls the rotations of a newcomer, and whoever comes meanwhile, one record is active in the end", async () => {
  const executions = fc.integer({ min: 1, max: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      executions,
      fc.boolean(),
      faults,
      async (scheduler, times, isFollowed, befalls) => {
        const world = await begin(scheduler, []);
        const host = world.hosts.get(EC2);
        if (host === undefined) throw new Error("there is no host");
        await registerAnew(world, host);
        await world.pass(11 * INTERVAL_MS);
        world.calls.countAnew();
        world.calls.faults.push(...structuredClone(befalls));
        for (let n = 0; n < times; n += 1) world.start("rotation", { id: NEWCOMER });
        if (isFollowed) world.start("registration", { ...registration(1), ec2InstanceId: EC2 });
        await world.settle();

        world.calls.faults.length = 0;
        await world.comeRound();
        await world.comeRound();
        await expectOneRecord(world);
        if (!isFollowed) await holdAll(AT_THE_END, world);
      },
    ),
    { numRuns: 60 },
  );
});
