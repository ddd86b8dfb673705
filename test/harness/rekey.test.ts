import { beforeEach, describe, expect, test } from "vitest";
import { stands } from "../../functions/findings/finding.ts";
import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import { hex64Of, INTERVAL_MS, LINE, ROTATE_EVERY_MS } from "../functions/support.ts";
import type { Delivery } from "./commands.ts";
import type { Execution } from "./flows.ts";
import type { Host } from "./host.ts";
import { comeToRest } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";
import { World } from "./world.ts";

/** Rekeys in the hard order: in the middle of rotations, beside one another, of hosts that are not as they should be. */

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";

let world: World;
let host: Host;
beforeEach(() => begin());

async function begin(deliveries: Delivery[] = [], changes: Partial<InstanceRecord> = {}): Promise<void> {
  world = new World({ deliveries });
  host = await world.settledHost(ID, EC2, changes);
}

function record(id = ID): InstanceRecord {
  const found = world.registry.records.get(id);
  if (found === undefined || isRetired(found)) throw new Error(`${id} has no live record`);
  return found;
}

function endOf(execution: Execution | undefined): string {
  if (execution === undefined) throw new Error("there is no such execution");
  return scenarioOf(execution.flow).end(execution, world.flows.entered(execution));
}

const endsOf = (flow: "rotation" | "operate") => world.flows.executions(flow).map(endOf);
const subjects = () => world.mail.sent.map(({ subject }) => subject);
/** What people were told of, and what of it stands still. */
const findings = () => [...world.findings.all.values()].filter(({ subject }) => world.registry.records.has(subject));
const causes = () => findings().map(({ cause }) => cause);
const standing = () => [...world.findings.all.values()].filter(stands).map(({ cause }) => cause);

/** A person asks for a rekey: what it came to. */
async function rekey(asked: object = { id: ID }): Promise<string> {
  const arn = world.start("operate", { act: "rekey", ...asked });
  await world.settle();
  return endOf(world.flows.executions("operate").find((one) => one.arn === arn));
}

async function operate(act: string): Promise<void> {
  world.start("operate", { act, id: ID });
  await world.settle();
}

async function rotate(id = ID): Promise<void> {
  world.start("rotation", { id });
  await world.settle();
}

async function look(): Promise<void> {
  world.functions.invoked.length = 0;
  world.start("watch", {});
  await world.settle();
}

/** It holds the key of its record, at that generation, and nothing is left of how it came to it. */
async function expectKeyed(generation: number): Promise<void> {
  const { current, pending, rekey } = record();
  expect({ generation: current.generation, pending, rekey }).toEqual({
    generation,
    pending: undefined,
    rekey: undefined,
  });
  const { key, ...file } = (await host.keyFile()) ?? {};
  expect(file).toMatchObject({ id: ID, generation, nonce: current.nonce });
  expect(world.ledger.keyOf.get(current.ciphertext)).toBe(key);
}

/** What may be wrong with a key file, all but the key itself that is altered. */
const LOSSES: Record<string, () => Promise<void>> = {
  altered: () => host.alterKey(),
  damaged: () => host.damageKeyFile(),
  removed: () => host.removeKeyFile(),
};

describe.each(Object.entries(LOSSES))("a key file that is %s", (_, lose) => {
  test("is healed by one command, under the same ID", async () => {
    await lose();
    expect(await rekey()).toBe("REKEYED");
    await expectKeyed(2);
    expect(record().rekeyedAt).toBeDefined();
    await comeToRest(world);
    await expectKeyed(3);
    expect(subjects()).toEqual([]);
  });
});

test("a restored disk is found, and a rekey goes above all that either side has seen", async () => {
  const putBack = host.backUp();
  await rotate();
  await world.pass(ROTATE_EVERY_MS);
  await rotate();
  putBack();
  await world.pass(11 * INTERVAL_MS);
  await rotate();
  expect(endsOf("rotation").at(-1)).toBe("Keyturn.MISMATCH");
  expect(await rekey()).toBe("REKEYED");
  await expectKeyed(4);
  await world.pass(20 * INTERVAL_MS);
  await look();
  expect(standing()).toEqual([]);
});

describe("in the middle of a rotation", () => {
  const STEPS = ["validate-id", "read-time-series", "verify-hash", "derive-successor", "push-to-instance", "end-push"];
  const cases = [...STEPS, "confirm-successor", "promote-successor"].flatMap((step) =>
    (["before", "after"] as const).map((when) => ({ step, when })),
  );

  test.each(cases)("a rekey that is opened $when its $step is done all the same", async ({ step, when }) => {
    let opened = false;
    world.functions.replaced.set(`rotation/${step}`, (run) => async (input, neighbours) => {
      const open = () => {
        if (!opened) world.start("operate", { act: "rekey", id: ID });
        opened = true;
      };
      if (when === "before") open();
      const output = await run(input, neighbours);
      if (when === "after") open();
      return output;
    });
    await rotate();
    expect(endsOf("operate")).toEqual(["REKEYED"]);
    const [first = ""] = endsOf("rotation");
    expect(["ROTATED", "REKEYING", "SUPERSEDED"]).toContain(first);
    expect(record().rekeyedAt).toBeDefined();
    await expectKeyed(record().current.generation);
    expect(subjects()).toEqual([]);
    await comeToRest(world);
  });

  test("the receipt of the key that was pending is taken also while the rekey stands, and then the rekey's", async () => {
    await begin([
      { arrives: 1, told: 0 },
      { arrives: 0, told: 0 },
    ]);
    world.start("rotation", { id: ID });
    await world.until(() => world.commands.sent.some(({ state }) => state.phase === "over"));
    expect((await host.keyFile())?.generation).toBe(2);
    expect(record().current.generation).toBe(1);
    expect(await rekey()).toBe("Keyturn.NotRekeyed");
    expect(record()).toMatchObject({ current: { generation: 2 }, rekey: { generation: 3 } });
    await comeToRest(world);
    await expectKeyed(record().current.generation);
    expect(record().rekeyedAt).toBeDefined();
  });
});

describe("in the middle of a rekey", () => {
  const STEPS = [
    "operate/rekey",
    "rotation/push-to-instance",
    "registration/derive-rekey",
    "rotation/promote-successor",
  ];

  test.each(STEPS)("rotations that are started at %s come to one key", async (step) => {
    let started = false;
    world.functions.replaced.set(step, (run) => async (input, neighbours) => {
      const output = await run(input, neighbours);
      if (!started) for (let n = 0; n < 2; n += 1) world.start("rotation", { id: ID });
      started = true;
      return output;
    });
    expect(await rekey()).toBe("REKEYED");
    for (const end of endsOf("rotation")) expect(["ROTATED", "SUPERSEDED"]).toContain(end);
    await expectKeyed(record().current.generation);
    expect(subjects()).toEqual([]);
  });

  test.each(["rotation/push-to-instance", "registration/derive-rekey", "rotation/promote-successor"])(
    "a quarantine at %s holds until it is released, and then the rekey is done by itself",
    async (step) => {
      world.functions.replaced.set(step, (run) => async (input, neighbours) => {
        await world.registry.quarantine(ID, { line: { ...LINE, act: "quarantined" } });
        world.functions.replaced.delete(step);
        return run(input, neighbours);
      });
      expect(await rekey()).toMatch(/^(QUARANTINED|Keyturn\.NotRekeyed)$/);
      expect(record()).toMatchObject({ status: "QUARANTINED", current: { generation: 1 }, rekey: { generation: 2 } });
      await operate("release");
      await comeToRest(world);
      await expectKeyed(record().current.generation);
      expect(record().rekeyedAt).toBeDefined();
    },
  );

  test.each(["rotation/push-to-instance", "registration/derive-rekey", "rotation/promote-successor"])(
    "a retirement at %s leaves nothing of it",
    async (step) => {
      world.functions.replaced.set(step, (run) => async (input, neighbours) => {
        host.state = "terminated";
        await world.registry.retire(ID, { ec2InstanceId: EC2, at: world.clock.now(), line: LINE });
        return run(input, neighbours);
      });
      expect(await rekey()).toMatch(/^(RETIRED|Keyturn\.NotRekeyed)$/);
      expect(Object.keys(world.registry.records.get(ID) ?? {})).not.toContain("rekey");
      await comeToRest(world);
    },
  );
});

test("of two rekeys at once the second joins the first, and one key comes of both", async () => {
  await host.alterKey();
  for (const name of ["one", "another"]) world.start("operate", { act: "rekey", id: ID }, name);
  await world.settle();
  expect(endsOf("operate")).toEqual(["REKEYED", "REKEYED"]);
  expect(record().current.generation).toBe(2);
  await expectKeyed(2);
});

test("a key file that is altered between the answer and the receipt takes a rekey that is anew, as people are told", async () => {
  const { generation, nonce } = await world.openRekey(ID);
  await world.tickets.lay(EC2, { id: ID, generation, nonce, proof: "" }, { at: world.clock.now() });
  await world.turn(host);
  await host.alterKey();
  // It has answered its rekey, so that nothing but another one gives it a key that the record knows.
  world.watching = false;
  expect(await rekey()).toBe("Keyturn.NotRekeyed");
  expect(subjects()).toEqual([expect.stringContaining("ReceiptInvalid")]);
  expect(world.mail.sent[0]?.text).toMatch(/with --anew to replace it/);
  expect(await rekey()).toBe("Keyturn.NotRekeyed");
  expect(await rekey({ id: ID, anew: true })).toBe("REKEYED");
  await expectKeyed(3);
});

describe("one of many", () => {
  const rekeyMany = async (name: string) => {
    world.functions.invoked.length = 0;
    const arn = world.start("operate", { act: "rekey", ids: [ID] }, name);
    await world.settle();
    return world.flows.executions("operate").find((one) => one.arn === arn);
  };

  test.each([73, 74, 80])(
    "is rekeyed by each of two runs whose names of %d characters differ in the last alone",
    async (length) => {
      const name = "n".repeat(length - 1);
      for (const [n, last] of ["1", "2"].entries()) {
        expect(JSON.parse((await rekeyMany(name + last))?.output ?? "null")).toMatchObject({ rekeyed: 1, skipped: 0 });
        expect(record().current.generation).toBe(n + 2);
        await world.pass(ROTATE_EVERY_MS);
      }
    },
  );

  test("that cannot be started is told of, since nothing tries it again", async () => {
    world.refusedStarts.push(...Array(7).fill("AccessDeniedException"));
    const { error, cause } = (await rekeyMany("many")) ?? {};
    expect(error).toBe("RekeyStopped");
    expect(cause).toMatch(
      /^1 of 1 could not be started\. To go on with them, start the same act with "since": "2026-.*Z"\.$/,
    );
    expect(record().rekey).toBeUndefined();
    expect(subjects()).toEqual([expect.stringContaining("RekeyStopped on operate")]);
  });
});

test("a rekey that nobody has answered is joined by one that is to be anew", async () => {
  await begin([{ arrives: 0, told: 1 }]);
  expect(await rekey()).toBe("Keyturn.NotRekeyed");
  expect(await rekey({ id: ID, anew: true })).toBe("REKEYED");
  await expectKeyed(2);
});

test("one that is anew takes the place of what the instance itself has turned to, and one key comes of it", async () => {
  const { generation, nonce } = await world.openRekey(ID);
  await world.tickets.lay(EC2, { id: ID, generation, nonce, proof: "" }, { at: world.clock.now() });
  await world.turn(host);
  expect((await host.keyFile())?.generation).toBe(2);
  expect(await rekey({ id: ID, anew: true })).toBe("REKEYED");
  await expectKeyed(3);
  expect(subjects()).toEqual([]);
  await comeToRest(world);
});

describe("what is not as it should be", () => {
  test("a host that is off is rekeyed when it is back, without anybody asking again", async () => {
    host.state = "stopped";
    world.hostChanged(host);
    await world.settle();
    await host.alterKey();
    expect(await rekey()).toBe("WAITING");
    expect(world.commands.sent).toEqual([]);
    await world.pass(3 * ROTATE_EVERY_MS);
    await look();
    expect(record()).toMatchObject({ status: "STOPPED", rekey: { generation: 2 } });
    host.state = "running";
    world.hostChanged(host);
    await world.settle();
    await world.pass(5 * INTERVAL_MS);
    await look();
    await expectKeyed(2);
    expect(subjects()).toEqual([]);
  });

  test.each(["QUARANTINED", "NEW"] as const)(
    "one that is %s is not rekeyed, and its outcome says so",
    async (status) => {
      await begin([], { status });
      expect(await rekey()).toBe(status);
      expect(record()).not.toHaveProperty("rekey");
    },
  );

  test("nor is one that is retired", async () => {
    host.state = "terminated";
    await operate("retire");
    expect(await rekey()).toBe("RETIRED");
    expect(Object.keys(world.registry.records.get(ID) ?? {})).not.toContain("rekey");
  });

  test("a clone receives nothing", async () => {
    const clone = world.newHost("i-0fedcba9876543210");
    clone.disk = host.disk.afterProcessDeath();
    await world.openRekey(ID);
    expect(JSON.parse(await world.turn(clone))).toMatchObject({ refused: { reason: "TICKET_DENIED" } });
    expect(record().rekey?.agreed).toBeUndefined();
    world.hosts.delete("i-0fedcba9876543210");
    expect(await rekey()).toBe("REKEYED");
    await expectKeyed(2);
    const before = await host.keyFile();
    expect((await clone.keyFile())?.key).not.toBe(before?.key);
  });
});

describe("the ticket of a rekey that somebody has made up", () => {
  const NONCE = hex64Of("made up");

  async function obey(generation: number): Promise<void> {
    world.tickets.lying.set(`${EC2} ${ID}`, { id: ID, generation, nonce: NONCE, proof: "" });
    const before = await host.keyFile();
    const stood = structuredClone(record());
    const refused = { id: ID, generation, reason: "REKEY_REFUSED" };
    const printed = world.turn(host);
    await world.settle();
    expect(JSON.parse(await printed)).toEqual({ refused });
    expect(await host.keyFile()).toEqual(before);
    expect(record()).toEqual(stood);
    expect(subjects()).toEqual([expect.stringContaining("NO_REKEY")]);
  }

  test.each([2, 9, 10 ** 9])(
    "of generation %s changes nothing, and is told of; the next rotation replaces it",
    async (generation) => {
      await obey(generation);
      await rotate();
      await expectKeyed(2);
    },
  );

  test.each([2, 9])("changes nothing beside a rekey that stands either: of generation %s", async (generation) => {
    await world.openRekey(ID);
    await obey(generation);
    await rotate();
    await expectKeyed(2);
    expect(record().rekeyedAt).toBeDefined();
  });

  test("does not cost what the host has answered with, where that answer was lost and its key is no good", async () => {
    await host.alterKey();
    const { generation, nonce } = await world.openRekey(ID);
    world.tickets.lying.set(`${EC2} ${ID}`, { id: ID, generation, nonce, proof: "" });
    world.calls.faults.push({ call: "registration answers", when: "before", what: "loses" });
    await world.turn(host);
    expect(record().rekey?.agreed).toBeDefined();
    await obey(9);
    await rotate();
    await expectKeyed(2);
  });

  test.each([5, 10 ** 9])("does not use up the generations: it claims %s", async (generation) => {
    world.tickets.lying.set(`${EC2} ${ID}`, { id: ID, generation, nonce: NONCE, proof: "" });
    expect(await rekey()).toBe("REKEYED");
    await expectKeyed(generation === 5 ? 6 : 2);
  });
});

describe("a record that was put back from a backup", () => {
  test("is brought forward by a look, and turned, without anybody asking", async () => {
    const backup = structuredClone(record());
    await rotate();
    await world.pass(ROTATE_EVERY_MS);
    await rotate();
    world.restore(backup);
    await world.pass(11 * INTERVAL_MS);
    await look();
    await expectKeyed(4);
    expect(causes()).toEqual(["BroughtForward"]);
    await comeToRest(world);
  });

  test("from before a rekey is found to be behind, and one command heals it", async () => {
    const backup = structuredClone(record());
    expect(await rekey()).toBe("REKEYED");
    world.restore(backup);
    await world.pass(11 * INTERVAL_MS);
    await look();
    expect(causes()).toEqual(["RecordBehind"]);
    expect(await rekey()).toBe("REKEYED");
    await expectKeyed(3);
    await world.pass(11 * INTERVAL_MS);
    await look();
    expect(standing()).toEqual([]);
  });
});

describe("fifty", () => {
  const MANY = 50;
  const idOf = (n: number) => `0b${n.toString(16).padStart(4, "0")}`;
  const ids = Array.from({ length: MANY }, (_, n) => idOf(n));

  beforeEach(async () => {
    world = new World();
    for (const [n, id] of ids.entries()) {
      const dueAt = world.clock.now() + ROTATE_EVERY_MS;
      await world.settledHost(id, `i-${n.toString(16).padStart(17, "0")}`, { dueAt });
    }
  });

  async function expectAllKeyed(): Promise<void> {
    for (const { ec2InstanceId, id, current, rekey } of ids.map(record)) {
      const { key } = (await world.hosts.get(ec2InstanceId)?.keyFile()) ?? {};
      expect({ id, rekey, key }).toEqual({ id, rekey: undefined, key: world.ledger.keyOf.get(current.ciphertext) });
    }
  }

  test("with lost keys are told of in one storm, and healed by one command: none is left behind", async () => {
    for (const one of world.hosts.values()) await one.alterKey();
    await world.pass(11 * INTERVAL_MS);
    await look();
    expect(subjects().filter((subject) => subject.includes("MISMATCH")).length).toBeLessThanOrEqual(6);
    world.functions.invoked.length = 0;
    expect(await rekey({ cause: "MISMATCH" })).toBe(counts(MANY, MANY, 0));
    await expectAllKeyed();
    // The storm is over when a look finds it so.
    for (let looks = 0; looks < 2; looks += 1) {
      await world.pass(11 * INTERVAL_MS);
      await look();
    }
    expect(standing()).toEqual([]);
  });

  test("of a table that was put back to before a rekey are told of in one storm, and healed by one command", async () => {
    const backup = structuredClone([...world.registry.records.values()]);
    expect(await rekey({ all: true })).toBe(counts(MANY, MANY, 0));
    for (const one of backup) world.restore(one);
    await world.pass(11 * INTERVAL_MS);
    await look();
    expect(subjects().filter((subject) => subject.includes("RecordBehind")).length).toBeLessThanOrEqual(6);
    world.functions.invoked.length = 0;
    expect(await rekey({ cause: "RecordBehind" })).toBe(counts(MANY, MANY, 0));
    await expectAllKeyed();
  });

  test("of which some fail are stopped in time, and the same command goes on", async () => {
    const since = new Date(world.clock.now()).toISOString();
    for (const one of world.hosts.values()) {
      await one.removeKeyFile();
      one.state = "pending";
    }
    // A page of the registry is a hundred, so that it comes to no second one: here it is ten.
    const { listPage } = world.registry;
    world.registry.listPage = (page) => listPage({ ...page, limit: 10 });
    expect(await rekey({ all: true, since })).toBe("RekeyStopped");
    expect(ids.filter((id) => record(id).rekey !== undefined)).toHaveLength(10);
    for (const one of world.hosts.values()) one.state = "running";
    world.functions.invoked.length = 0;
    expect(await rekey({ all: true, since })).toBe(counts(MANY, MANY, 0));
    await expectAllKeyed();
    world.functions.invoked.length = 0;
    expect(await rekey({ all: true, since })).toBe(counts(0, 0, 0));
  });

  const counts = (meant: number, rekeyed: number, failed: number) =>
    `meant ${meant}, rekeyed ${rekeyed}, waiting 0, skipped 0, failed ${failed}`;
});
