import { expect, test } from "vitest";
import { isRetired } from "../../functions/record/record.ts";
import { receiptProof, sampleHash, successor } from "../../protocol/index.ts";
import { EC2, hex64Of, ID, INTERVAL_MS, OTHER_EC2 } from "../functions/support.ts";
import type { Host } from "../harness/host.ts";
import { scenarioOf } from "../harness/scenarios/index.ts";
import { World } from "../harness/world.ts";

// What only the holder of the new key can say ends a rotation; all of this is said by somebody else.

async function worldWith(deliveries: ConstructorParameters<typeof World>[0] = {}): Promise<[World, Host]> {
  const world = new World(deliveries);
  return [world, await world.settledHost(ID, EC2)];
}

function recordIn(world: World) {
  const record = world.registry.records.get(ID);
  if (record === undefined || isRetired(record)) throw new Error(`${ID} has no live record`);
  return record;
}

const endsOf = (world: World) =>
  world.flows.executions("rotation").map((one) => scenarioOf("rotation").end(one, world.flows.entered(one)));

/** A rotation that waits for its push, of which no event tells. */
async function waiting(): Promise<[World, Host, taskToken: string]> {
  const [world, host] = await worldWith({ deliveries: [{ arrives: 0, told: 0 }] });
  let token = "";
  const { setPush } = world.registry;
  world.registry.setPush = async (id, change) => {
    token = change.push.taskToken;
    return setPush(id, change);
  };
  world.start("rotation", { id: ID });
  while (token === "") await new Promise((resolve) => setImmediate(resolve));
  return [world, host, token];
}

test.each<[string, (host: Host) => Promise<object> | object]>([
  ["made up", () => ({ id: ID, generation: 2, proof: hex64Of("made up"), hooks: [] })],
  ["that proves the former key", async (host) => proofOf(host, 1)],
  ["that proves a key derived without the nonce", async (host) => proofOf(host, 2, "")],
  ["for another instance's ID", () => ({ id: "ffffff", generation: 2, proof: hex64Of("made up"), hooks: [] })],
])("a stolen task token with a receipt %s promotes nothing, and people are told", async (_, forge) => {
  const [world, host, taskToken] = await waiting();
  await world.flows.endTask(taskToken, { output: { receipt: await forge(host) } });
  await world.settle();
  expect(endsOf(world)).toEqual(["Keyturn.ReceiptInvalid"]);
  expect(world.mail.sent).toHaveLength(1);
  expect(recordIn(world)).toMatchObject({ current: { generation: 1 }, pending: { generation: 2 } });
  await world.comeRound();
  expect(recordIn(world).current.generation).toBe(2);
});

/** What the thief of a key can prove with it. */
async function proofOf(host: Host, generation: number, nonce?: string): Promise<object> {
  const held = await host.keyFile();
  const key = nonce === undefined ? (held?.key ?? "") : successor(held?.key ?? "", nonce);
  const proof = receiptProof({ key, id: ID, ec2InstanceId: EC2, generation, nonce: nonce ?? hex64Of("a nonce") });
  return { id: ID, generation: 2, proof, hooks: [] };
}

test("a stolen task token that is returned with a failure ends one rotation, and the next turns the key", async () => {
  const [world, host, taskToken] = await waiting();
  await world.flows.endTask(taskToken, { error: "Superseded", cause: "says the thief" });
  await world.settle();
  expect(endsOf(world)).toEqual(["SUPERSEDED"]);
  expect(recordIn(world).current.generation).toBe(1);
  await world.comeRound();
  expect(recordIn(world).current.generation).toBe(2);
  expect((await host.keyFile())?.generation).toBe(2);
});

test("a sample that proves the pending key promotes nothing: it may be a thief's who knows key and nonce", async () => {
  const [world, host] = await worldWith({ deliveries: [{ arrives: 0, told: 1 }] });
  world.start("rotation", { id: ID });
  await world.settle();
  const { pending } = recordIn(world);
  const held = await host.keyFile();
  if (pending === undefined || held === undefined) throw new Error("nothing is pending");
  const key = successor(held.key, pending.nonce);
  const name = { id: ID, ec2InstanceId: EC2, generation: 2, timeMs: world.clock.now() };
  await world.write({ ...name, hash: sampleHash({ ...name, key }) });
  host.turn = async () => ({ output: "", success: false });
  world.start("rotation", { id: ID });
  await world.settle();
  expect(endsOf(world)).toEqual(["Keyturn.PushUndelivered", "Keyturn.PushFailed"]);
  expect(recordIn(world).current.generation).toBe(1);
});

test("replayed and future samples prove nothing and hold nothing up", async () => {
  const [world, host] = await worldWith();
  const held = await host.keyFile();
  if (held === undefined) throw new Error("the host holds no key");
  const at = world.clock.now();
  const old = { id: ID, ec2InstanceId: EC2, generation: 1, timeMs: at - INTERVAL_MS };
  const replayed = { ...old, hash: sampleHash({ ...old, key: held.key }) };
  // The same proof under a later time, under another host, and from far ahead.
  await world.write({ ...replayed, timeMs: at + 1 });
  await world.write({ ...replayed, ec2InstanceId: OTHER_EC2 });
  const ahead = { ...old, timeMs: at + 100 * INTERVAL_MS };
  await world.write({ ...ahead, hash: sampleHash({ ...ahead, key: held.key }) });
  world.clock.moveTo(at + 10);
  await host.prove();
  world.start("rotation", { id: ID });
  await world.settle();
  expect(endsOf(world)).toEqual(["ROTATED"]);
  expect(recordIn(world).verdict).toBe("CONFLICT");
});

test("an instance cannot have another's rotation ended by what it prints", async () => {
  const [world, host] = await worldWith({ deliveries: [{ arrives: 0, told: 0 }] });
  const thief = await world.settledHost("ffffff", OTHER_EC2);
  world.start("rotation", { id: ID });
  while (world.commands.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const receipt = { id: ID, generation: 2, proof: hex64Of("made up"), hooks: [] };
  thief.turn = async () => ({ output: JSON.stringify({ receipt }), success: true });
  await world.commands.send(OTHER_EC2);
  await world.settle();
  expect(endsOf(world)).toEqual(["Keyturn.PushUndelivered"]);
  expect((await host.keyFile())?.generation).toBe(1);
});
