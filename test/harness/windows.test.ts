import { expect, test } from "vitest";
import { isRetired } from "../../functions/record/record.ts";
import { hex64Of, INTERVAL_MS, LINE, ROTATE_EVERY_MS } from "../functions/support.ts";
import type { Delivery } from "./commands.ts";
import type { Host } from "./host.ts";
import { comeToRest } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";
import { World } from "./world.ts";

/** What may befall a rotation besides a fault at one of its calls: the design's other crash windows. */

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";

async function worldWith(deliveries: Delivery[] = []): Promise<{ world: World; host: Host }> {
  const world = new World({ deliveries });
  return { world, host: await world.settledHost(ID, EC2) };
}

async function rotate(world: World, times = 1): Promise<void> {
  for (let n = 0; n < times; n += 1) world.start("rotation", { id: ID });
  await world.settle();
}

const endsOf = (world: World) =>
  world.flows.executions("rotation").map((one) => scenarioOf("rotation").end(one, world.flows.entered(one)));

function recordIn(world: World) {
  const record = world.registry.records.get(ID);
  if (record === undefined || isRetired(record)) throw new Error(`${ID} has no live record`);
  return record;
}

/** What the record and the host have in common at the end of a rotation. */
async function expectTurnedTo(world: World, host: Host, generation: number): Promise<void> {
  const { current, pending } = recordIn(world);
  expect({ ...current, pending }).toMatchObject({ generation, pending: undefined });
  expect(await host.keyFile()).toMatchObject({ generation, nonce: current.nonce });
}

test("nothing befalls it: turned with one push, and told once", async () => {
  const { world, host } = await worldWith();
  await rotate(world);
  expect(endsOf(world)).toEqual(["ROTATED"]);
  expect(world.commands.sent).toHaveLength(1);
  expect(world.bus.events.map(({ detailType }) => detailType)).toEqual(["Key Rotated"]);
  await expectTurnedTo(world, host, 2);
});

test("the successor is the one that was foreseen, whichever execution comes to promote it", async () => {
  for (const call of ["registry.setPending", "registry.setPush", "commands.send", "registry.promote"]) {
    for (const when of ["before", "after"] as const) {
      const { world } = await worldWith();
      const foreseen = await world.nonces.compute({ id: ID, ec2InstanceId: EC2, generation: 2 });
      world.calls.faults.push({ call, when, what: "aborted" });
      await rotate(world);
      expect(world.flows.executions("rotation")[0]?.status).toBe("ABORTED");
      if (recordIn(world).current.generation === 1) await rotate(world);
      expect(recordIn(world).current).toMatchObject({ generation: 2, nonce: foreseen });
    }
  }
});

test("event and command come twice: it is turned once", async () => {
  const { world, host } = await worldWith([{ arrives: 2, told: 2 }]);
  await rotate(world);
  expect(endsOf(world)).toEqual(["ROTATED"]);
  await expectTurnedTo(world, host, 2);
});

test("a push that never arrives is told, changes nothing, and the same ticket lies for the next one", async () => {
  const { world, host } = await worldWith([{ arrives: 0, told: 1 }]);
  await rotate(world);
  expect(endsOf(world)).toEqual(["Keyturn.PushUndelivered"]);
  expect((await host.keyFile())?.generation).toBe(1);
  const lying = await world.tickets.find(EC2, ID);
  await world.pass(ROTATE_EVERY_MS);
  await rotate(world);
  expect(await world.tickets.find(EC2, ID)).toEqual(lying);
  await expectTurnedTo(world, host, 2);
});

test("executions side by side all come to the one successor", async () => {
  const { world, host } = await worldWith();
  await rotate(world, 3);
  const ends = endsOf(world);
  expect(ends).toHaveLength(3);
  expect(ends).toContain("ROTATED");
  expect(ends.filter((end) => end !== "ROTATED" && end !== "SUPERSEDED")).toEqual([]);
  await expectTurnedTo(world, host, 2);
});

test("a late command after a newer turn changes nothing, and gives the receipt of the key that is held", async () => {
  const { world, host } = await worldWith();
  await rotate(world);
  await world.pass(ROTATE_EVERY_MS);
  await rotate(world);
  const before = await host.keyFile();
  expect(JSON.parse((await host.turn()).output)).toMatchObject({ receipt: { id: ID, generation: 3 } });
  expect(before?.generation).toBe(3);
  expect(await host.keyFile()).toEqual(before);
});

test("an old ticket over a new one changes nothing, and the next rotation replaces it", async () => {
  const { world, host } = await worldWith();
  await rotate(world);
  const old = await world.tickets.find(EC2, ID);
  await world.pass(ROTATE_EVERY_MS);
  await rotate(world);
  if (old) world.tickets.lying.set(`${EC2} ${ID}`, old);
  expect(JSON.parse((await host.turn()).output)).toMatchObject({ receipt: { generation: 3 } });
  await world.pass(ROTATE_EVERY_MS);
  await rotate(world);
  await expectTurnedTo(world, host, 4);
});

test("a made-up ticket changes nothing, whatever it claims, and the next rotation replaces it", async () => {
  const { world, host } = await worldWith();
  const before = await host.keyFile();
  const ticket = { id: ID, nonce: hex64Of("made up"), proof: hex64Of("made up") };
  for (const [generation, reason] of [
    [2, "WRONG_PROOF"],
    [3, "WRONG_GENERATION"],
  ] as const) {
    world.tickets.lying.set(`${EC2} ${ID}`, { ...ticket, generation });
    const refused = { id: ID, generation, reason };
    expect(JSON.parse((await host.turn()).output)).toEqual({ refused });
    expect(await host.keyFile()).toEqual(before);
  }
  await rotate(world);
  await expectTurnedTo(world, host, 2);
  expect(world.journal.counts).toContain("TicketNewerThanRecord");
});

test("a copied disk cannot fetch the ticket of the host that it was copied from", async () => {
  const { world, host } = await worldWith();
  await rotate(world);
  const copy = world.newHost("i-0fedcba9876543210");
  copy.disk = host.disk;
  expect(JSON.parse((await copy.turn()).output)).toMatchObject({ refused: { id: ID, reason: "TICKET_DENIED" } });
});

test("a ticket that cannot be read is told by its reason, and the next push brings it", async () => {
  const { world, host } = await worldWith();
  world.calls.faults.push({ call: "tickets.find", when: "before", what: "loses" });
  await rotate(world);
  expect(endsOf(world)).toEqual(["Keyturn.PushRefused"]);
  expect(world.mail.sent[0]?.text).toContain("TICKET_UNAVAILABLE");
  await world.pass(ROTATE_EVERY_MS);
  await rotate(world);
  await expectTurnedTo(world, host, 2);
});

test("an instance that was off for long is waited for, and turned when it is back, though no event told of either", async () => {
  const { world, host } = await worldWith();
  host.state = "stopped";
  await world.pass(1000 * INTERVAL_MS);
  await rotate(world);
  host.state = "running";
  await world.register(host);
  await host.prove();
  await rotate(world);
  expect(endsOf(world)).toEqual(["WAITING", "ROTATED"]);
  expect(world.mail.sent).toEqual([]);
  await expectTurnedTo(world, host, 2);
});

test("a record restored from a backup is brought forward by the same successor, told of, and turned", async () => {
  const { world, host } = await worldWith();
  const backup = structuredClone(recordIn(world));
  await rotate(world);
  const turned = recordIn(world).current.nonce;
  world.restore(backup);
  await world.pass(11 * INTERVAL_MS);
  await rotate(world);
  expect(endsOf(world)).toEqual(["ROTATED", "ROTATED"]);
  expect(await world.nonces.compute({ id: ID, ec2InstanceId: EC2, generation: 2 })).toBe(turned);
  expect(world.mail.sent.map(({ subject }) => subject)).toEqual([expect.stringContaining(`BroughtForward on ${ID}`)]);
  await expectTurnedTo(world, host, 3);
});

test("a clone of the old key is found after the turn, and the rightful instance is turned on", async () => {
  const { world, host } = await worldWith();
  const held = await host.keyFile();
  if (held === undefined) throw new Error("the host holds no key");
  const clone = world.newHost(EC2);
  clone.hold(held);
  world.hosts.set(EC2, host);
  await rotate(world);
  for (let n = 0; n < 5; n += 1) {
    await world.pass(INTERVAL_MS);
    await clone.prove();
    world.clock.moveTo(world.clock.now() + 1000);
    await host.prove();
  }
  await rotate(world);
  expect(endsOf(world)).toEqual(["ROTATED", "ROTATED"]);
  expect(recordIn(world).verdict).toBe("CONFLICT");
  await expectTurnedTo(world, host, 3);
  expect((await clone.keyFile())?.generation).toBe(1);
});

test.each(["before", "after"] as const)(
  "a retirement while the push waits ends the execution quietly (%s)",
  async (when) => {
    const { world } = await worldWith([{ arrives: 1, told: 0 }]);
    const { setPush } = world.registry;
    const retire = () => world.registry.retire(ID, { ec2InstanceId: EC2, at: world.clock.now(), line: LINE });
    world.registry.setPush = async (id, change) => {
      if (when === "before") await retire();
      const written = await setPush(id, change);
      if (when === "after") await retire();
      return written;
    };
    await rotate(world);
    expect(endsOf(world)).toEqual(["RETIRED"]);
    expect(world.mail.sent).toEqual([]);
  },
);

test.each(["before", "after"] as const)(
  "a quarantine while the push waits holds, and the key is turned once it is released (%s)",
  async (when) => {
    const { world, host } = await worldWith([{ arrives: 1, told: 0 }]);
    const { setPush, quarantine } = world.registry;
    world.registry.setPush = async (id, change) => {
      world.registry.setPush = setPush;
      if (when === "before") await quarantine(ID, { line: { ...LINE, act: "quarantined" } });
      const written = await setPush(id, change);
      if (when === "after") await quarantine(ID, { line: { ...LINE, act: "quarantined" } });
      return written;
    };
    await rotate(world);
    expect(endsOf(world)).toEqual(["QUARANTINED"]);
    expect(recordIn(world)).toMatchObject({ status: "QUARANTINED", current: { generation: 1 } });
    world.start("operate", { act: "release", id: ID });
    await world.settle();
    await comeToRest(world);
    await expectTurnedTo(world, host, recordIn(world).current.generation);
    expect(recordIn(world).current.generation).toBeGreaterThan(1);
  },
);

test.each(["registry.setPending", "tickets.lay", "registry.setPush", "commands.send", "registry.promote"])(
  "a call of %s that hangs, and goes on after later rotations, comes to nothing",
  async (call) => {
    const { world, host } = await worldWith();
    const letGo = Promise.withResolvers<void>();
    const [neighbour, method] = call.split(".") as ["registry", "promote"];
    const real = world[neighbour][method].bind(world[neighbour]);
    let isHeld = false;
    world[neighbour][method] = async (...given) => {
      world[neighbour][method] = real;
      isHeld = true;
      await letGo.promise;
      return real(...given);
    };
    // Its state times out, and it or a later execution turns the key.
    for (let n = 0; n < 3; n += 1) {
      await rotate(world);
      await world.pass(ROTATE_EVERY_MS);
    }
    expect(isHeld).toBe(true);
    const { current, pending } = recordIn(world);
    const file = await host.keyFile();
    expect(current.generation).toBeGreaterThan(2);

    letGo.resolve();
    await world.settle();
    expect(recordIn(world)).toMatchObject({ current });
    expect(recordIn(world).pending).toEqual(pending);
    expect(await host.keyFile()).toEqual(file);
    await rotate(world);
    await expectTurnedTo(world, host, current.generation + 1);
  },
);

test("a host whose end no event told and that EC2 no longer knows is retired after a day, told of once", async () => {
  const { world } = await worldWith();
  world.hosts.clear();
  await world.pass(1000 * INTERVAL_MS);
  const began = world.clock.now();
  for (let hour = 0; hour < 25 && world.registry.records.get(ID)?.status !== "RETIRED"; hour += 1) {
    await rotate(world);
    await world.pass(60 * INTERVAL_MS);
  }
  expect(world.registry.records.get(ID)).toMatchObject({ status: "RETIRED", retiredAt: expect.any(Number) });
  expect(world.clock.now() - began).toBeGreaterThanOrEqual(24 * 60 * INTERVAL_MS);
  expect(world.mail.sent).toHaveLength(1);
});

test("a host that starts while EC2 is behind is active once it is not: its event is worked off again", async () => {
  const { world, host } = await worldWith();
  host.state = "stopped";
  world.hostChanged(host);
  await world.settle();
  expect(world.registry.records.get(ID)).toMatchObject({ status: "STOPPED" });
  host.state = "running";
  world.hostChanged(host);
  host.state = "pending";
  const askedBefore = world.calls.made.length;
  void world.clock.sleep(30_000).then(() => {
    host.state = "running";
  });
  await world.settle();
  expect(world.calls.made.slice(askedBefore).filter((call) => call.includes("hosts.state"))).toHaveLength(2);
  expect(world.registry.records.get(ID)).toMatchObject({ status: "ACTIVE" });
});

test("a host that is terminated is retired by its event, and the schedule leaves it alone", async () => {
  const { world, host } = await worldWith();
  host.state = "terminated";
  world.hostChanged(host);
  await world.settle();
  expect(world.registry.records.get(ID)).toMatchObject({ status: "RETIRED" });
  world.hosts.clear();
  await comeToRest(world);
  expect(endsOf(world)).toEqual([]);
});

test("two runs over the fleet at once turn each key once, and count it once", async () => {
  const { world } = await worldWith();
  await world.settledHost("0a1b2d", "i-0123456789abcdef1");
  world.start("fleet-rotation", {});
  world.start("fleet-rotation", {});
  await world.settle();
  const outputs = world.flows.executions("fleet-rotation").map(({ output }) => JSON.parse(output ?? "{}"));
  expect(outputs.map(({ due }) => due)).toEqual([2, 2]);
  expect(outputs.reduce((sum, { turned }) => sum + turned, 0)).toBe(2);
  expect(outputs.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(2);
  expect(recordIn(world).current.generation).toBe(2);
});
