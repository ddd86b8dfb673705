import { describe, expect, test } from "vitest";
import { executionName } from "../../../functions/record/execution-name.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { promoteSuccessor } from "../../../functions/rotation/promote-successor/step.ts";
import {
  type ControlPlane,
  controlPlane,
  derived,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  NOW,
  pushed,
  ROTATE_EVERY_MS,
  recordOf,
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

test("what was alerted is over with the promotion", async () => {
  const alert = { what: "STALE", since: NOW - 9, execution: EXECUTION, mailedAt: NOW - 9 };
  const plane = await controlPlane({ alert });
  await promoteSuccessor(await confirmed(plane), plane);
  expect((await plane.record()).alert).toBeUndefined();
});

test("a second writer is still about after the promotion, and so is its alert", async () => {
  const alert = { what: "CONFLICT", since: NOW - 9, execution: EXECUTION, mailedAt: NOW - 9 };
  const plane = await controlPlane({ alert });
  const input = await confirmed(plane);
  await promoteSuccessor({ ...input, verdict: "CONFLICT" }, plane);
  expect((await plane.record()).alert).toEqual(alert);
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
  const throttled = { ...plane, executions: { endTask: () => Promise.reject(new Error("throttled")) } };
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
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
  await expect(promoteSuccessor(input, plane)).rejects.toMatchObject({ name: "Retired" });
  expect(plane.registry.records.get(ID)).toEqual({ id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: NOW });
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
    expect(await plane.record()).toMatchObject({ status: "ACTIVE", dueAt: NOW + ROTATE_EVERY_MS });
    expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([
      `Keyturn: ${EC2} registered anew as ${ID}; ${FORMER} is retired`,
    ]);
    expect(plane.mail.sent[0]?.text).toContain("lost its identity file");
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
