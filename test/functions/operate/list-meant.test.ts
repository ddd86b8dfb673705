import { describe, expect, test } from "vitest";
import { type Finding, FLEET } from "../../../functions/findings/finding.ts";
import { contract } from "../../../functions/operate/list-meant/contract.ts";
import { listMeant } from "../../../functions/operate/list-meant/step.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import {
  type ControlPlane,
  controlPlane,
  EC2,
  EXECUTION,
  LINE,
  NOW,
  OTHER_EC2,
  recordOf,
  TestInstance,
} from "../support.ts";

type Input = InputOf<typeof contract>;

const since = NOW;
const idOf = (n: number) => n.toString(16).padStart(6, "0");
const hostOf = (n: number) => `i-${n.toString(16).padStart(17, "0")}`;

/** A control plane with so many instances, `000000` to, instead of the one that tests have. */
async function planeOf(count: number, changes: Partial<InstanceRecord> = {}): Promise<ControlPlane> {
  const plane = await controlPlane();
  plane.registry.records.clear();
  for (let n = 0; n < count; n += 1) await addInstance(plane, n, changes);
  return plane;
}

async function addInstance(plane: ControlPlane, n: number, changes: Partial<InstanceRecord> = {}): Promise<void> {
  const instance = new TestInstance({ id: idOf(n), ec2InstanceId: hostOf(n) });
  await plane.registry.add(await recordOf(instance, plane.vault, changes));
}

async function find(plane: ControlPlane, changes: Partial<Finding>): Promise<void> {
  const finding = {
    cause: "MISMATCH",
    since: NOW - 5000,
    seenAt: NOW - 1000,
    times: 1,
    execution: EXECUTION,
    facts: {},
  };
  await plane.findings.write({ subject: idOf(0), ...finding, ...changes }, undefined);
}

/** All pages, as an execution asks for them, each mark having come through it. */
async function pages(input: Omit<Input, "since">, plane: ControlPlane, from = since): Promise<string[][]> {
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const given = { ...input, since: from, ...(after !== undefined && { after }) };
    expect(checkInput(contract.input, given)).toMatchObject({ ok: true });
    const { ids, next } = await listMeant(given, plane);
    all.push(ids);
    after = next;
  } while (after !== undefined);
  return all;
}

const all = async (...given: Parameters<typeof pages>) => (await pages(...given)).flat().sort();

describe("those who are named", () => {
  test("are listed a hundred at a time, each once", async () => {
    const plane = await planeOf(250);
    const ids = Array.from({ length: 250 }, (_, n) => idOf(n));
    const listed = await pages({ ids }, plane);
    expect(listed.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(listed.flat()).toEqual(ids);
    expect(await all({ ids: [idOf(3), idOf(3)] }, plane)).toEqual([idOf(3)]);
  });

  test("and are not there are listed: what is started for them says so", async () => {
    expect(await all({ ids: [idOf(0), "ffffff"] }, await planeOf(1))).toEqual([idOf(0), "ffffff"]);
  });

  test("and were rekeyed since, or are retired, are passed over", async () => {
    const plane = await planeOf(1, { rekeyedAt: NOW });
    await addInstance(plane, 1, { rekeyedAt: NOW - 1 });
    await addInstance(plane, 2);
    await plane.registry.retire(idOf(2), { ec2InstanceId: hostOf(2), at: NOW, line: LINE });
    const ids = [0, 1, 2].map(idOf);
    expect(await all({ ids }, plane)).toEqual([idOf(1)]);
    expect(await all({ ids }, plane, NOW + 1)).toEqual([idOf(0), idOf(1)]);
  });
});

describe("all", () => {
  test("are listed a hundred at a time", async () => {
    const listed = await pages({ all: true }, await planeOf(201));
    expect(listed.map(({ length }) => length)).toEqual([100, 100, 1]);
  });

  test("but for those who were rekeyed since, and what is retired", async () => {
    const plane = await planeOf(2, { rekeyedAt: NOW });
    await addInstance(plane, 2, { status: "STOPPED" });
    await addInstance(plane, 3);
    await plane.registry.retire(idOf(3), { ec2InstanceId: hostOf(3), at: NOW, line: LINE });
    expect(await all({ all: true }, plane)).toEqual([idOf(2)]);
  });

  test("are nobody where there is nobody", async () => {
    expect(await pages({ all: true }, await planeOf(0))).toEqual([[]]);
  });
});

describe("those of whom a finding with a cause stands", () => {
  test("are listed on every page that there is, whether told of by themselves or in a storm", async () => {
    const plane = await planeOf(12);
    for (let n = 0; n < 12; n += 1) {
      await find(plane, { subject: idOf(n), since: NOW - 100 + n, ...(n > 4 && { ofStorm: true }) });
    }
    await find(plane, { subject: FLEET, firstAt: { [idOf(0)]: NOW } });
    const listed = await pages({ cause: "MISMATCH" }, plane);
    expect(listed.length).toBeGreaterThan(1);
    expect(listed.flat().sort()).toEqual(Array.from({ length: 12 }, (_, n) => idOf(n)));
  });

  test("are those of that cause alone, while it stands", async () => {
    const plane = await planeOf(3);
    await find(plane, { subject: idOf(0), cause: "STALE" });
    await find(plane, { subject: idOf(1), endedAt: NOW });
    await find(plane, { subject: idOf(2) });
    expect(await all({ cause: "MISMATCH" }, plane)).toEqual([idOf(2)]);
  });

  test("are found also where it is of their host, and not where another host has asked for their ID", async () => {
    const plane = await planeOf(2);
    await find(plane, { subject: hostOf(0), cause: "REKEY_TAKEN", facts: { id: idOf(0) } });
    await find(plane, { subject: OTHER_EC2, cause: "REKEY_TAKEN", facts: { id: idOf(1) } });
    await find(plane, { subject: EC2, cause: "REKEY_TAKEN" });
    expect(await all({ cause: "REKEY_TAKEN" }, plane)).toEqual([idOf(0)]);
  });

  test("and who were rekeyed since it was seen last, or since the moment of the act, are passed over", async () => {
    const plane = await planeOf(0);
    for (const [n, rekeyedAt] of [NOW - 2000, NOW - 1000, NOW].entries()) {
      await addInstance(plane, n, { rekeyedAt });
      await find(plane, { subject: idOf(n), seenAt: NOW - 1000 });
    }
    expect(await all({ cause: "MISMATCH" }, plane)).toEqual([idOf(0)]);
    expect(await all({ cause: "MISMATCH" }, plane, NOW - 2000)).toEqual([]);
  });

  test("and have no record any more, or a tombstone, are passed over", async () => {
    const plane = await planeOf(1);
    await plane.registry.retire(idOf(0), { ec2InstanceId: hostOf(0), at: NOW, line: LINE });
    await find(plane, { subject: idOf(0) });
    await find(plane, { subject: idOf(1) });
    await find(plane, { subject: '"0A0A0A"' });
    expect(await all({ cause: "MISMATCH" }, plane)).toEqual([]);
  });
});
