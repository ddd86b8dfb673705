import { describe, expect, test } from "vitest";
import { executionName } from "../../../functions/record/execution-name.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { promoteSuccessor } from "../../../functions/rotation/promote-successor/step.ts";
import {
  type ControlPlane,
  controlPlane,
  derived,
  duesOf,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  keyAgreed,
  LINE,
  NOW,
  pushed,
  ROTATE_EVERY_MS,
  recordOf,
  rekeyOpened,
  rekeyPushed,
  TestInstance,
  ticketOf,
} from "../support.ts";

const FORMER = "ffffff";

const OTHER = `${EXECUTION}-other`;

async function confirmed(plane: ControlPlane, execution = EXECUTION) {
  const turning = await derived(plane, execution);
  await plane.instance.obey(await ticketOf(plane));
  return { ...turning, verdict: "MATCH" as const };
}

test("the pending key becomes the current one, since now, and is due again after the interval", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  const { pending } = await plane.record();
  expect(await promoteSuccessor(input, plane)).toEqual({ generation: 2 });
  const record = await plane.record();
  expect(record.current).toEqual({
    generation: 2,
    nonce: pending?.nonce,
    ciphertext: pending?.ciphertext,
    since: NOW,
    execution: executionName(EXECUTION),
    pushes: {},
  });
  expect(record.pending).toBeUndefined();
  expect(record.dueAt).toBe(NOW + ROTATE_EVERY_MS);
});

test("a promotion is told on the bus and counted", async () => {
  const plane = await controlPlane();
  await promoteSuccessor(await confirmed(plane), plane);
  expect(plane.bus.events).toEqual([
    { detailType: "Key Rotated", detail: { id: ID, ec2InstanceId: EC2, generation: 2, execution: EXECUTION } },
  ]);
  expect(plane.journal.counts).toEqual(["Rotation ROTATED"]);
});

test("it fails no longer", async () => {
  const plane = await controlPlane({ failingSince: NOW - 9 });
  await promoteSuccessor(await confirmed(plane), plane);
  expect(await plane.record()).not.toHaveProperty("failingSince");
});

test("promoted twice, the second finds it done and changes nothing", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  await promoteSuccessor(input, plane);
  const after = await plane.record();
  plane.clock.at += 1000;
  expect(await promoteSuccessor(input, plane)).toEqual({ generation: 2 });
  expect(await plane.record()).toEqual(after);
});

test("a late promotion after a newer turn is superseded and goes back no generation", async () => {
  const plane = await controlPlane();
  const late = await confirmed(plane);
  await promoteSuccessor(late, plane);
  await promoteSuccessor(await confirmed(plane, OTHER), plane);
  await expect(promoteSuccessor(late, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect((await plane.record()).current.generation).toBe(3);
});

test("a key of the same generation with another receipt is not taken for this one", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  const other = { ...input, receiptDigest: hex64Of("made up") };
  await expect(promoteSuccessor(other, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect((await plane.record()).current.generation).toBe(1);
});

test("of executions side by side one has turned the key, and it is told once", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  await promoteSuccessor(input, plane);
  const other = { ...input, execution: OTHER };
  await expect(promoteSuccessor(other, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect(plane.bus.events).toHaveLength(1);
  expect(plane.journal.counts).toEqual(["Rotation ROTATED"]);
});

test("a promotion ends whatever else waits for the receipt, and not what it has waited for itself", async () => {
  const plane = await controlPlane();
  const { commandId: _, ...own } = await pushed(plane);
  await pushed(plane, OTHER, "of the other");
  await promoteSuccessor({ ...own, verdict: "MATCH" }, plane);
  expect(plane.executions.ended).toMatchObject([{ taskToken: "of the other", end: { error: "Superseded" } }]);
  expect(plane.waiting).toEqual(new Set(["token"]));
});

test("an end that AWS did not take is made when the step runs again", async () => {
  const plane = await controlPlane();
  const { commandId: _, ...own } = await pushed(plane);
  await pushed(plane, OTHER, "of the other");
  const throttled = {
    ...plane,
    executions: { ...plane.executions, endTask: () => Promise.reject(new Error("throttled")) },
  };
  await expect(promoteSuccessor({ ...own, verdict: "MATCH" }, throttled)).rejects.toThrow("throttled");
  expect(await promoteSuccessor({ ...own, verdict: "MATCH" }, plane)).toEqual({ generation: 2 });
  expect(plane.executions.ended).toMatchObject([{ taskToken: "of the other" }]);
});

test("nothing is promoted while the instance is in quarantine, and all of it after the release", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  const record = await plane.record();
  plane.registry.records.set(ID, { ...record, status: "QUARANTINED" });
  await expect(promoteSuccessor(input, plane)).rejects.toMatchObject({ name: "Quarantined" });
  expect(plane.registry.records.get(ID)).toEqual({ ...record, status: "QUARANTINED" });
  plane.registry.records.set(ID, record);
  expect(await promoteSuccessor(input, plane)).toEqual({ generation: 2 });
});

test("nothing is promoted on a retired record, and nothing told", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  await expect(promoteSuccessor(input, plane)).rejects.toMatchObject({ name: "Retired" });
  const tombstone = { id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: NOW, auditDue: [LINE] };
  expect(plane.registry.records.get(ID)).toEqual(tombstone);
  expect(plane.audit.lying).toEqual([]);
  plane.registry.records.clear();
  await expect(promoteSuccessor(input, plane)).rejects.toMatchObject({ name: "UnknownId" });
  expect(plane.bus.events).toEqual([]);
});

test("an event that the bus did not take is put when the step runs again", async () => {
  const plane = await controlPlane();
  const input = await confirmed(plane);
  const broken = { ...plane, bus: { put: () => Promise.reject(new Error("bus away")) } };
  await expect(promoteSuccessor(input, broken)).rejects.toThrow("bus away");
  await promoteSuccessor(input, plane);
  expect(plane.bus.events).toHaveLength(1);
});

describe("the audit line of a promotion", () => {
  const NAME = executionName(EXECUTION);
  const actsIn = (plane: ControlPlane) => plane.audit.lying.map(({ n, act }) => `${n} ${act}`);
  const dying = (plane: ControlPlane) => ({
    ...plane.audit,
    put: () => Promise.reject(new Error("died")),
  });

  test("says which key, what was found and proved, and who asked, as claimed; and then nothing is due", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    const asked = { id: ID, requestedBy: "Ann", trigger: "by hand", run: "keyturn-run-1" };
    await promoteSuccessor({ ...input, asked }, plane);
    const [line, ...more] = plane.audit.lying;
    expect(more).toEqual([]);
    expect(line).toMatchObject({ subject: ID, n: 1, act: "promoted", timeMs: NOW, previous: "", day: "2026-11-20" });
    const { receiptDigest } = input;
    const proved = { execution: NAME, generation: 2, receiptDigest, verdict: "MATCH" };
    expect(JSON.parse(line?.details ?? "")).toEqual({
      ...proved,
      ...{ requestedBy: "Ann", run: "keyturn-run-1", trigger: "by hand" },
    });
    expect(await plane.record()).toMatchObject({ auditHead: { n: 1, digest: line?.digest }, auditDue: [] });
  });

  test("holds claims cut and printable, and none where the input was none", async () => {
    const claims: [unknown, object][] = [
      [undefined, {}],
      ["text", {}],
      [{ requestedBy: `a\u202eb\n${"x".repeat(300)}`, run: { a: 1 } }, { requestedBy: `a?b?${"x".repeat(196)}` }],
    ];
    for (const [asked, claimed] of claims) {
      const plane = await controlPlane();
      const { receiptDigest, ...input } = await confirmed(plane);
      await promoteSuccessor({ ...input, receiptDigest, asked }, plane);
      const proved = { execution: NAME, generation: 2, receiptDigest, verdict: "MATCH" };
      expect(JSON.parse(plane.audit.lying[0]?.details ?? "")).toEqual({ ...proved, ...claimed });
    }
  });

  test("is put after what was due before", async () => {
    const plane = await controlPlane({ auditDue: [{ ...LINE, act: "registered" }] });
    await promoteSuccessor(await confirmed(plane), plane);
    expect(actsIn(plane)).toEqual(["1 registered", "2 promoted"]);
  });

  test("is put once, however often the step runs", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    for (let times = 0; times < 3; times += 1) {
      await promoteSuccessor(input, plane);
      plane.clock.at += 1000;
    }
    expect(actsIn(plane)).toEqual(["1 promoted"]);
  });

  test("is put by the next try, where one died before that, and says when the key was turned", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    await expect(promoteSuccessor(input, { ...plane, audit: dying(plane) })).rejects.toThrow("died");
    expect((await plane.record()).current.generation).toBe(2);
    expect(await duesOf(plane)).toHaveLength(1);
    plane.clock.at += 60_000;
    await promoteSuccessor(input, plane);
    expect(plane.audit.lying).toMatchObject([{ act: "promoted", timeMs: NOW }]);
    expect(await duesOf(plane)).toEqual([]);
  });

  test("is found to lie there, where one died before noting that it does", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    const registry = { ...plane.registry, noteAudited: () => Promise.reject(new Error("died")) };
    await expect(promoteSuccessor(input, { ...plane, registry })).rejects.toThrow("died");
    plane.clock.at += 60_000;
    await promoteSuccessor(input, plane);
    expect(actsIn(plane)).toEqual(["1 promoted"]);
    expect(await plane.record()).toMatchObject({ auditHead: { n: 1 }, auditDue: [] });
  });

  test("of a key that was turned by another is not this one's to put", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    await expect(promoteSuccessor(input, { ...plane, audit: dying(plane) })).rejects.toThrow("died");
    const other = { ...input, execution: OTHER };
    await expect(promoteSuccessor(other, plane)).rejects.toMatchObject({ name: "Superseded" });
    expect(plane.audit.lying).toEqual([]);
    await promoteSuccessor(input, plane);
    expect(actsIn(plane)).toEqual(["1 promoted"]);
  });

  test("holds no proof and no key", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    const { key } = plane.instance;
    await promoteSuccessor(input, plane);
    const all = JSON.stringify(plane.audit.lying);
    expect(all).not.toContain(key);
    expect(all).not.toContain((await plane.record()).current.ciphertext);
  });
});

describe("of a newcomer", () => {
  /** The instance is a newcomer beside a former record, and its receipt is seen. */
  async function newcomer(changes: Partial<InstanceRecord> = {}) {
    const plane = await controlPlane({ status: "NEW" });
    await plane.registry.add(await recordOf(new TestInstance({ id: FORMER }), plane.vault, changes));
    const owner = await plane.registry.findOwner(EC2);
    await plane.registry.writeOwner(EC2, { holder: FORMER, newcomer: ID, cameAt: [] }, owner);
    return { plane, input: { ...(await confirmed(plane)), newcomer: true } };
  }

  test("the promotion turns the owner item, retires the former, and tells people once", async () => {
    const { plane, input } = await newcomer();
    for (let times = 0; times < 2; times += 1) expect(await promoteSuccessor(input, plane)).toEqual({ generation: 2 });
    expect(await plane.registry.findOwner(EC2)).toMatchObject({ holder: ID, former: FORMER });
    expect(await plane.registry.find(FORMER)).toMatchObject({ status: "RETIRED" });
    const retired = { why: "its host has registered anew", successor: ID, execution: executionName(EXECUTION) };
    expect(await duesOf(plane, FORMER)).toEqual([["retired", retired]]);
    expect(await plane.record()).toMatchObject({ status: "ACTIVE", dueAt: NOW + ROTATE_EVERY_MS });
    expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([`Keyturn: RegisteredAnew on ${EC2} (${ID})`]);
    for (const part of [
      `${EC2} was registered as ${FORMER}, and is ${ID} now; ${FORMER} is retired.`,
      ...["lost its identity file", "section Newcomer", EXECUTION],
    ]) {
      expect(plane.mail.sent[0]?.text).toContain(part);
    }
  });

  test("at no call that it dies at are two records active, and running again it is finished", async () => {
    for (const call of ["findOwner", "writeOwner", "retire", "activate"] as const) {
      for (const when of ["before", "after"]) {
        const { plane, input } = await newcomer();
        const real = plane.registry[call] as (...given: unknown[]) => Promise<unknown>;
        const registry = Object.assign(
          { ...plane.registry },
          {
            [call]: async (...given: unknown[]) => {
              if (when === "after") await real(...given);
              throw new Error("dies");
            },
          },
        );
        await expect(promoteSuccessor(input, { ...plane, registry })).rejects.toThrow("dies");
        // Whoever comes first finishes it: this step again, or a run over the fleet, soon.
        const { status, dueAt } = await plane.record();
        if (status === "NEW") expect(dueAt).toBe(NOW + 15 * 60_000);
        const active = [...plane.registry.records.values()].filter(({ status }) => status === "ACTIVE");
        expect(active.length).toBeLessThanOrEqual(1);
        await promoteSuccessor(input, plane);
        expect(plane.mail.sent).toHaveLength(1);
        expect(await plane.record()).toMatchObject({ status: "ACTIVE" });
        expect(await plane.registry.find(FORMER)).toMatchObject({ status: "RETIRED" });
      }
    }
  });

  test("a former that was put in quarantine meanwhile keeps its place", async () => {
    const { plane, input } = await newcomer({ status: "QUARANTINED" });
    await promoteSuccessor(input, plane);
    expect(await plane.record(FORMER)).toMatchObject({ status: "QUARANTINED" });
    expect(await plane.record()).toMatchObject({ status: "NEW", current: { generation: 2 } });
    expect(await plane.registry.findOwner(EC2)).toMatchObject({ holder: FORMER, newcomer: ID });
  });

  test("what an earlier admission has left is retired as well", async () => {
    const { plane, input } = await newcomer();
    await plane.registry.add(await recordOf(new TestInstance({ id: "eeeeee" }), plane.vault));
    const owner = await plane.registry.findOwner(EC2);
    await plane.registry.writeOwner(EC2, { holder: FORMER, newcomer: ID, former: "eeeeee", cameAt: [] }, owner);
    await promoteSuccessor(input, plane);
    for (const id of [FORMER, "eeeeee"]) expect(await plane.registry.find(id)).toMatchObject({ status: "RETIRED" });
  });

  test("when people cannot be told, the former is not retired, and it is tried again", async () => {
    const { plane, input } = await newcomer();
    const silent = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
    await expect(promoteSuccessor(input, silent)).rejects.toThrow("topic away");
    expect((await plane.record(FORMER)).status).toBe("ACTIVE");
    await promoteSuccessor(input, plane);
    expect(await plane.registry.find(FORMER)).toMatchObject({ status: "RETIRED" });
  });
});

describe("of a rekey", () => {
  /** It is opened and pushed, and its receipt is seen. */
  async function rekeyed(plane: ControlPlane) {
    const rekey = await rekeyOpened(plane);
    plane.agents.set(EC2, () => undefined);
    const { commandId: _, ...turning } = await rekeyPushed(plane, rekey);
    await keyAgreed(plane, rekey);
    const { agreed } = (await plane.record()).rekey ?? {};
    if (agreed === undefined) throw new Error("no key was agreed");
    const { receiptDigest } = agreed;
    return { agreed, input: { ...turning, receiptDigest, verdict: "REKEY" as const, asked: { requestedBy: "Ann" } } };
  }

  test("the agreed key becomes the current one with its public keys, and it is due again after the interval", async () => {
    const plane = await controlPlane({ failingSince: NOW - 9 });
    const { agreed, input } = await rekeyed(plane);
    expect(await promoteSuccessor(input, plane)).toEqual({ generation: 5 });
    const record = await plane.record();
    const { agentPublic, serverPublic, ciphertext } = agreed;
    expect(record).toMatchObject({
      ...{ agentPublic, serverPublic, rekeyedAt: NOW, dueAt: NOW + ROTATE_EVERY_MS },
      current: { generation: 5, ciphertext, since: NOW, execution: executionName(EXECUTION) },
    });
    for (const gone of ["rekey", "pending", "failingSince"]) expect(record).not.toHaveProperty(gone);
    const name = { id: ID, ec2InstanceId: EC2, generation: 5 };
    expect(await plane.vault.unseal(record.current.ciphertext, name)).toBe(plane.instance.key);
  });

  test("its line says that it was rekeyed, and the bus that the key was rotated", async () => {
    const plane = await controlPlane();
    const { input } = await rekeyed(plane);
    await promoteSuccessor(input, plane);
    expect(plane.audit.lying.map(({ act }) => act)).toEqual(["rekey-opened", "rekeyed"]);
    expect(JSON.parse(plane.audit.lying[1]?.details ?? "")).toEqual({
      ...{ generation: 5, receiptDigest: input.receiptDigest, verdict: "REKEY", requestedBy: "Ann" },
      execution: executionName(EXECUTION),
    });
    expect(plane.bus.events.at(-1)).toMatchObject({ detailType: "Key Rotated", detail: { generation: 5 } });
  });

  test("all others that wait are told that they have come too late, be it for the rekey or the pending key", async () => {
    const plane = await controlPlane();
    plane.agents.set(EC2, () => undefined);
    await pushed(plane, `${EXECUTION}-pending`, "of the pending");
    const { input } = await rekeyed(plane);
    const rekey = (await plane.record()).rekey;
    if (rekey) await rekeyPushed(plane, rekey, OTHER, "of the other");
    await promoteSuccessor(input, plane);
    const ended = plane.executions.ended.map(({ taskToken, end }) => [taskToken, (end as { error?: string }).error]);
    expect(ended.sort()).toEqual([
      ["of the other", "Superseded"],
      ["of the pending", "Superseded"],
    ]);
    expect(plane.waiting).toEqual(new Set(["token"]));
  });

  test("promoted twice, the second finds it done, ends who waits still, and changes nothing", async () => {
    const plane = await controlPlane();
    const { input } = await rekeyed(plane);
    const rekey = (await plane.record()).rekey;
    if (rekey) await rekeyPushed(plane, rekey, OTHER, "of the other");
    const endTask = () => Promise.reject(new Error("throttled"));
    const throttled = { ...plane, executions: { ...plane.executions, endTask } };
    await expect(promoteSuccessor(input, throttled)).rejects.toThrow("throttled");
    for (let times = 0; times < 2; times += 1) {
      plane.clock.at += 1000;
      expect(await promoteSuccessor(input, plane)).toEqual({ generation: 5 });
    }
    expect(plane.executions.ended).toMatchObject([{ taskToken: "of the other" }]);
    expect(plane.audit.lying.map(({ act }) => act)).toEqual(["rekey-opened", "rekeyed"]);
    expect(await plane.record()).toMatchObject({ rekeyedAt: NOW, current: { since: NOW } });
  });

  test("another execution that confirmed the same receipt is superseded", async () => {
    const plane = await controlPlane();
    const { input } = await rekeyed(plane);
    await promoteSuccessor(input, plane);
    const other = promoteSuccessor({ ...input, execution: OTHER }, plane);
    await expect(other).rejects.toMatchObject({ name: "Superseded" });
  });

  test("a pending key whose receipt comes while a rekey stands is promoted, and the rekey stands and is due as before", async () => {
    const plane = await controlPlane();
    const input = await confirmed(plane);
    plane.clock.at += 1000;
    const rekey = await rekeyOpened(plane);
    expect(await promoteSuccessor(input, plane)).toEqual({ generation: 2 });
    expect(await plane.record()).toMatchObject({ current: { generation: 2 }, rekey, dueAt: rekey.openedAt });
    expect(await plane.record()).not.toHaveProperty("rekeyedAt");
  });

  test("nothing is promoted by another receipt, once it was replaced, or in quarantine", async () => {
    const plane = await controlPlane();
    const { input } = await rekeyed(plane);
    const madeUp = promoteSuccessor({ ...input, receiptDigest: hex64Of("made up") }, plane);
    await expect(madeUp).rejects.toMatchObject({ name: "Superseded" });
    await plane.registry.quarantine(ID, { line: LINE });
    await expect(promoteSuccessor(input, plane)).rejects.toMatchObject({ name: "Quarantined" });
    await plane.registry.release(ID, { line: LINE });
    await rekeyOpened(plane, 6);
    await expect(promoteSuccessor(input, plane)).rejects.toMatchObject({ name: "Rekeying" });
    expect((await plane.record()).current.generation).toBe(1);
  });
});
