import { beforeEach, describe, expect, test } from "vitest";
import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import { sampleHash } from "../../protocol/index.ts";
import { hex64Of, INTERVAL_MS } from "../functions/support.ts";
import type { Host } from "./host.ts";
import { comeToRest } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";
import { World } from "./world.ts";

// Somebody has the credentials of an instance, and does with them whatever they allow: he registers in its place, proves
// the key that he agreed, writes over what the rightful agent writes, and takes SSM's commands in its place.

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";
/** A run over the fleet each quarter of an hour. */
const RUN_EVERY = 15;

let world: World;
let host: Host;
let thief: Host;
beforeEach(async () => {
  world = new World();
  host = await world.settledHost(ID, EC2);
  thief = world.newHost(EC2);
  world.hosts.set(EC2, host);
});

/** The thief registers: the ID of his newcomer. */
async function thiefRegisters(): Promise<string> {
  const registered = world.register(thief);
  await world.settle();
  await registered;
  return (await thief.keyFile())?.id ?? "";
}

/** What he makes of the rightful agent's newest sample. */
type Forgery = "wrong" | "right" | "spoilt" | "nothing";

async function forge(forgery: Forgery): Promise<void> {
  const window = { id: ID, ec2InstanceId: EC2, from: 0, to: world.clock.now(), limit: 1 };
  const [newest] = await world.timeSeries.read(window);
  if (newest === undefined || forgery === "nothing") return;
  const hash = forgery === "right" ? newest.hash : forgery === "wrong" ? hex64Of("made up") : "spoilt";
  world.timeSeries.write(ID, EC2, { ...newest, hash });
}

/** Minutes go by; each the rightful agent writes, and then the thief, and each quarter of an hour a run comes. */
async function minutes(count: number, forgery: Forgery): Promise<void> {
  for (let minute = 1; minute <= count; minute += 1) {
    await world.pass(INTERVAL_MS);
    await thief.prove();
    await forge(forgery);
    if (minute % RUN_EVERY !== 0) continue;
    world.start("fleet-rotation", {});
    await world.settle();
  }
}

const takeCommands = () => Object.assign(host, { turn: thief.turn.bind(thief) });
const subjects = () => world.mail.sent.map(({ subject }) => subject);

function expectToldOf(cause: string, said: string): void {
  const mails = world.mail.sent.filter(({ subject }) => subject.startsWith(`Keyturn: ${cause} on ${EC2}`));
  expect(mails.map(({ text }) => text)).toEqual([expect.stringContaining(said)]);
}

async function expectRightfulRecord(): Promise<void> {
  const record = world.registry.records.get(ID);
  if (record === undefined || isRetired(record)) throw new Error(`${ID} has no live record`);
  expect(record.status).toBe("ACTIVE");
  expect(world.registry.owners.get(EC2)).toMatchObject({ holder: ID });
  expect((await host.keyFile())?.id).toBe(ID);
}

describe.each<Forgery>(["wrong", "right", "spoilt", "nothing"])("a thief who writes %s samples over it", (forgery) => {
  test("takes nothing: the rightful record stays, his newcomer is retired after an hour, and people are told", async () => {
    const newcomer = await thiefRegisters();
    const { turn } = host;
    takeCommands();
    await minutes(59, forgery);
    expect(world.registry.records.get(newcomer)).toMatchObject({ status: "NEW" });
    await minutes(16, forgery);
    expect(world.registry.records.get(newcomer)).toMatchObject({ status: "RETIRED" });
    expectToldOf("NewcomerRetired", `registered as ${newcomer} too, and`);
    expect(await world.tickets.find(EC2, newcomer)).toBeUndefined();
    await expectRightfulRecord();

    // His credentials have expired.
    host.turn = turn;
    await comeToRest(world);
    expect(await host.keyFile()).toMatchObject({ id: ID, generation: 2 });
    await expectRightfulRecord();
  });
});

test("a thief who comes again and again is told of, and after five IDs in a day refused", async () => {
  takeCommands();
  for (let n = 0; n < 7; n += 1) {
    thief.wipe();
    await thiefRegisters();
    await minutes(5, "spoilt");
  }
  // Once, though he was refused twice.
  const refused = subjects().filter((subject) => subject.startsWith(`Keyturn: TOO_MANY_IDS on ${EC2}`));
  expect(refused).toHaveLength(1);
  await minutes(75, "spoilt");
  const live = [...world.registry.records.values()].filter((record) => !isRetired(record));
  expect(live.map(({ id }) => id)).toEqual([ID]);
  await expectRightfulRecord();
});

test("a thief who registers while the host is off waits until it runs, and then it writes", async () => {
  host.state = "stopped";
  world.hostChanged(host);
  await world.settle();
  await minutes(30, "nothing");
  const newcomer = await thiefRegisters();
  thief.state = "running";
  await minutes(120, "nothing");
  expect(world.registry.records.get(newcomer)).toMatchObject({ status: "NEW" });

  host.state = "running";
  host.launched = world.clock.now();
  world.hostChanged(host);
  await world.settle();
  takeCommands();
  await minutes(30, "nothing");
  expect(world.registry.records.get(newcomer)).toMatchObject({ status: "RETIRED" });
  await expectRightfulRecord();
});

test("a thief who comes after an agent that has lost its folder is not turned while that one writes", async () => {
  const honest = await world.registerAnew(host);
  const newcomer = await thiefRegisters();
  expect(world.registry.owners.get(EC2)).toMatchObject({ holder: ID, newcomer, displaced: [honest] });
  takeCommands();
  await minutes(45, "spoilt");
  expect(world.registry.records.get(newcomer)).toMatchObject({ status: "NEW" });
  expect(world.registry.records.get(newcomer)).not.toHaveProperty("pending");
  await minutes(30, "spoilt");
  expect(world.registry.records.get(newcomer)).toMatchObject({ status: "RETIRED" });
  expectToldOf("NewcomerRetired", `registered as ${newcomer} too, and`);
  expect(world.mail.sent.some(({ text }) => text.includes(`and ${honest} goes on writing`))).toBe(true);
  expect(world.registry.owners.get(EC2)).toMatchObject({ holder: ID });
});

test("nor is one who comes so often that the honest newcomer would be forgotten", async () => {
  await world.registerAnew(host);
  takeCommands();
  for (let n = 0; n < 8; n += 1) {
    // Four a day, of which none is refused.
    if (n === 4) await minutes(24 * 60, "spoilt");
    thief.wipe();
    await thiefRegisters();
  }
  await minutes(45, "spoilt");
  const active = [...world.registry.records.values()].filter(({ status }) => status === "ACTIVE");
  expect(active).toMatchObject([{ id: ID, current: { generation: 1 } }]);
  expect(world.registry.owners.get(EC2)).toMatchObject({ holder: ID });
});

test("an honest agent that has lost its folder is turned after a window, and its former record is retired", async () => {
  const newcomer = await world.registerAnew(host);
  for (let minute = 0; minute < 9; minute += 1) await world.pass(INTERVAL_MS);
  world.start("rotation", { id: newcomer });
  await world.settle();
  expect(world.registry.records.get(newcomer)).toMatchObject({ status: "NEW" });
  await world.pass(INTERVAL_MS * 12);
  world.start("rotation", { id: newcomer });
  await world.settle();
  const [, second] = world.flows.executions("rotation");
  expect(second && scenarioOf("rotation").end(second, world.flows.entered(second))).toBe("ROTATED");
  expect(world.registry.records.get(newcomer)).toMatchObject({ status: "ACTIVE", current: { generation: 2 } });
  expect(world.registry.records.get(ID)).toMatchObject({ status: "RETIRED" });
  expect(await host.keyFile()).toMatchObject({ id: newcomer, generation: 2 });
  expect(subjects()).toHaveLength(1);
  expectToldOf("RegisteredAnew", `was registered as ${ID}, and is ${newcomer} now`);
});

describe("a thief who knows of a rekey", () => {
  beforeEach(() => {
    // He has what lies on the disk, and draws a pair of his own.
    thief.disk = host.disk.afterProcessDeath();
  });

  /** A person asks for a rekey: what it came to. */
  async function rekey(anew: boolean): Promise<string> {
    world.start("operate", { act: "rekey", id: ID, anew });
    await world.settle();
    const execution = world.flows.executions("operate").at(-1);
    return execution ? scenarioOf("operate").end(execution, world.flows.entered(execution)) : "";
  }

  async function look(): Promise<void> {
    world.functions.invoked.length = 0;
    world.start("watch", {});
    await world.settle();
  }

  async function expectHealed(generation: number): Promise<void> {
    expect(await rekey(true)).toBe("REKEYED");
    const { current, rekey: standing } = world.registry.records.get(ID) as InstanceRecord;
    const { key } = (await host.keyFile()) ?? {};
    expect({ generation: current.generation, standing }).toEqual({ generation, standing: undefined });
    expect(key).toBe(world.ledger.keyOf.get(current.ciphertext));
    expect((await thief.keyFile())?.key).not.toBe(key);
    world.watching = true;
    await comeToRest(world);
    await expectRightfulRecord();
  }

  test("and answers first has the agent refused, and people told; one that is anew heals it", async () => {
    const { generation, nonce } = await world.openRekey(ID);
    await world.tickets.lay(EC2, { id: ID, generation, nonce, proof: "" }, { at: world.clock.now() });
    await world.turn(thief);
    const before = await host.keyFile();
    expect(await rekey(false)).toBe("Keyturn.NotRekeyed");
    expect(await host.keyFile()).toEqual(before);
    expect(world.registry.records.get(ID)).toMatchObject({ current: { generation: 1 }, rekey: { generation: 2 } });
    expect(subjects().filter((subject) => subject.includes("REKEY_TAKEN"))).toHaveLength(1);
    // His session was revoked.
    await expectHealed(3);
  });

  test.each([
    ["MISMATCH", "says nothing more"],
    ["CONFLICT", "goes on proving his key"],
  ])("and takes SSM's commands too is found within a look, by %s where he %s", async (cause, how) => {
    // Of what he does then, the agent knows nothing.
    world.watching = false;
    const { turn } = host;
    takeCommands();
    expect(await rekey(false)).toBe("REKEYED");
    expect((await host.keyFile())?.generation).toBe(1);
    expect((await thief.keyFile())?.generation).toBe(2);
    for (let minute = 0; minute < 5; minute += 1) {
      await world.pass(INTERVAL_MS);
      world.clock.moveTo(world.clock.now() + 1000);
      if (how.startsWith("goes on")) await thief.prove();
    }
    await look();
    expect(subjects()).toEqual([expect.stringContaining(`${cause} on ${ID}`)]);
    host.turn = turn;
    await expectHealed(3);
  });

  test("and takes SSM's commands too, and writes so much that nothing else is seen, is found by just that", async () => {
    world.watching = false;
    const { turn } = host;
    takeCommands();
    expect(await rekey(false)).toBe("REKEYED");
    const { key = "", generation = 0 } = (await thief.keyFile()) ?? {};
    for (let minute = 0; minute < 5; minute += 1) {
      await world.pass(INTERVAL_MS);
      for (let n = 1; n <= 200; n += 1) {
        const name = { id: ID, ec2InstanceId: EC2, generation, timeMs: world.clock.now() + n };
        world.timeSeries.write(ID, EC2, { ...name, hash: sampleHash({ key, ...name }) });
      }
      world.clock.moveTo(world.clock.now() + 1000);
    }
    await look();
    expect(subjects()).toEqual([expect.stringContaining(`CONFLICT on ${ID}`)]);
    host.turn = turn;
    await expectHealed(3);
  });
});
