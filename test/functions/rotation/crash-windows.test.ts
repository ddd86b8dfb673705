import { expect, test } from "vitest";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { verifyHash } from "../../../functions/rotation/verify-hash/step.ts";
import { EC2, hex64Of, ID, INTERVAL_MS, TestInstance } from "../support.ts";
import { type Delivery, type Fault, inOrder, World } from "./world.ts";

/** Runs an execution to its end, or to where it dies. */
async function run(world: World, faults: Fault[] = []): Promise<void> {
  world.start(faults);
  await world.settle();
}

const create = (deliveries: Delivery[] = []) => World.create(inOrder, deliveries);

/** What the record and the instance have in common at the end of a rotation. */
async function expectTurnedTo(world: World, generation: number): Promise<void> {
  const { current, pending } = await world.plane.record();
  expect({ ...current, pending }).toMatchObject({ generation, pending: undefined });
  expect(world.plane.instance.generation).toBe(generation);
  expect(world.plane.instance.nonce).toBe(current.nonce);
}

test("nothing befalls it: turned, promoted and told in one push", async () => {
  const world = await create();
  await run(world);
  expect(world.ends).toEqual(["ROTATED"]);
  expect(world.plane.commands.sent).toHaveLength(1);
  expect(world.plane.bus.events).toHaveLength(1);
  await expectTurnedTo(world, 2);
});

test.each<[string, Fault]>([
  ["before pending is written", { call: "setPending", what: "dies before" }],
  ["after pending is written and before the push", { call: "setPending", what: "dies after" }],
  ["before the token is stored", { call: "setPush", what: "dies before" }],
  ["after the token is stored and before the command is sent", { call: "setPush", what: "dies after" }],
  ["after the command is sent", { call: "send", what: "dies after" }],
  ["after the receipt and before the promotion", { call: "promote", what: "dies before" }],
])("an execution that dies %s is finished by the next, with the same successor", async (_when, fault) => {
  const world = await create();
  const foreseen = await world.plane.nonces.compute({ id: ID, ec2InstanceId: EC2, generation: 2 });
  await run(world, [fault]);
  expect(world.ends).toEqual([]);
  world.pass();
  await run(world);
  expect(world.ends).toEqual(["ROTATED"]);
  await expectTurnedTo(world, 2);
  expect((await world.plane.record()).current.nonce).toBe(foreseen);
});

test("an execution that dies after the promotion leaves nothing to finish: the next turns on", async () => {
  const world = await create();
  await run(world, [{ call: "promote", what: "dies after" }]);
  await expectTurnedTo(world, 2);
  world.pass();
  await run(world);
  await expectTurnedTo(world, 3);
});

test.each(["find", "read", "unseal", "nonce", "seal", "setPending", "setPush", "send", "promote", "put"])(
  "when the answer of '%s' is lost, the step runs again and the rotation succeeds",
  async (call) => {
    const world = await create();
    await run(world, [{ call, what: "loses the answer" }]);
    expect(world.ends).toEqual(["ROTATED"]);
    await expectTurnedTo(world, 2);
  },
);

test("when the event is lost, the receipt is asked for", async () => {
  const world = await create([{ arrives: 1, told: 0 }]);
  await run(world);
  expect(world.ends).toEqual(["ROTATED"]);
  await expectTurnedTo(world, 2);
});

test("when event and command come twice, it is turned once", async () => {
  const world = await create([{ arrives: 2, told: 2 }]);
  await run(world);
  expect(world.ends).toEqual(["ROTATED"]);
  await expectTurnedTo(world, 2);
});

test("a push that never arrives is told, changes nothing, and the next one carries the same ticket", async () => {
  const world = await create([{ arrives: 0, told: 1 }]);
  await run(world);
  expect(world.ends).toEqual(["PushUndelivered"]);
  expect(world.plane.instance.generation).toBe(1);
  world.pass();
  await run(world);
  const [first, second] = world.plane.commands.sent;
  expect(second?.ticket).toEqual(first?.ticket);
  await expectTurnedTo(world, 2);
});

test("executions side by side all come to the one successor", async () => {
  const world = await create();
  for (let n = 0; n < 3; n += 1) world.start([]);
  await world.settle();
  expect(world.ends).toHaveLength(3);
  expect(world.ends).toContain("ROTATED");
  expect(world.ends.filter((end) => end !== "ROTATED" && end !== "Superseded")).toEqual([]);
  await expectTurnedTo(world, 2);
});

test("a late ticket after a newer turn changes nothing", async () => {
  const world = await create();
  await run(world);
  world.pass();
  await run(world);
  const { instance, commands } = world.plane;
  const [late] = commands.sent;
  if (late === undefined) throw new Error("nothing was sent");
  const { key } = instance;
  expect(JSON.parse(instance.turn(late.ticket).output)).toEqual({ refused: "WRONG_GENERATION" });
  expect(instance).toMatchObject({ generation: 3, key });
});

test("an instance that was off for long is stale, and turned when it is back", async () => {
  const world = await create();
  world.plane.clock.at += 1000 * INTERVAL_MS;
  await run(world);
  world.write();
  await run(world);
  expect(world.ends).toEqual(["STALE", "ROTATED"]);
  await expectTurnedTo(world, 2);
});

test("a record restored from a backup is found, and derives the same successor again", async () => {
  const world = await create();
  const { plane } = world;
  const backup = await plane.record();
  await run(world);
  plane.registry.records.set(ID, backup);
  const instance = { id: ID, ec2InstanceId: EC2, generation: 1 };
  const judged = await verifyHash({ ...instance, samples: [plane.instance.sampleAt(plane.clock.at)] }, plane);
  expect(judged).toEqual({ verdict: "MISMATCH" });
  const { ticket } = await deriveSuccessor({ ...instance, verdict: "MATCH", lastProofAt: 0 }, plane);
  expect(ticket).toEqual(plane.commands.sent[0]?.ticket);
});

test("a clone of the old key is found after the turn, and the rightful machine is turned on", async () => {
  const world = await create();
  const { plane } = world;
  const clone = new TestInstance({ key: plane.instance.key });
  await run(world);
  for (let n = 0; n < 5; n += 1) {
    plane.clock.at += INTERVAL_MS;
    plane.timeSeries.write(ID, EC2, clone.sampleAt(plane.clock.at));
    world.write();
  }
  await run(world);
  expect(world.ends).toEqual(["ROTATED", "ROTATED"]);
  expect((await plane.record()).verdict).toBe("CONFLICT");
  await expectTurnedTo(world, 3);
  expect(clone.generation).toBe(1);
});

test("a made-up ticket changes nothing", async () => {
  const world = await create();
  const { instance } = world.plane;
  const { key } = instance;
  const ticket = { id: ID, generation: 2, nonce: hex64Of("made up"), proof: hex64Of("made up") };
  expect(JSON.parse(instance.turn(ticket).output)).toEqual({ refused: "WRONG_PROOF" });
  expect(instance).toMatchObject({ generation: 1, key });
});

test("a retirement while the push waits ends the execution quietly", async () => {
  const world = await create([{ arrives: 1, told: 0 }]);
  const { registry, clock } = world.plane;
  const { setPush } = registry;
  registry.setPush = async (id, change) => {
    const written = await setPush(id, change);
    await registry.retire(ID, { ec2InstanceId: EC2, at: clock.at });
    return written;
  };
  await run(world);
  expect(world.ends).toEqual(["Retired"]);
});
