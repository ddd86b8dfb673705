import { describe, expect, test } from "vitest";
import { MOST_AHEAD } from "../../../functions/operate/rekey/claimed-generation.ts";
import { rekey } from "../../../functions/operate/rekey/step.ts";
import type { InstanceRecord, Rekey } from "../../../functions/record/record.ts";
import { type ControlPlane, controlPlane, duesOf, EC2, hex64Of, ID, LINE, NOW, pendingOf } from "../support.ts";
import { lineLying, meant } from "./records.ts";

const A_DAY_MS = 24 * 3600_000;
const asked = (changes: { anew?: boolean; execution?: string } = {}) => ({
  ...meant("ACTIVE"),
  anew: false,
  ...changes,
});
const OTHER_RUN = meant("ACTIVE").execution.replace("drill-1", "rekey-2");
const opened = (generation: number) => ({ outcome: "OPENED", id: ID, generation });

/** A rekey that another execution has opened. */
const standing: Rekey = {
  ...{ generation: 5, nonce: hex64Of("nonce"), openedAt: NOW - 1000, execution: "rekey-before", pushes: {} },
};
const answered: Rekey = {
  ...standing,
  agreed: {
    ...{ ciphertext: "c2VhbGVk", agentPublic: hex64Of("agent"), serverPublic: hex64Of("server") },
    receiptDigest: hex64Of("receipt"),
  },
};

/** Somebody has written a sample that claims a generation. */
function claim(plane: ControlPlane, generation: number, timeMs = NOW - 1000): void {
  plane.timeSeries.write(ID, EC2, { timeMs, generation, hash: hex64Of("made up") });
}

function layTicket({ tickets }: ControlPlane, generation: number): void {
  tickets.lying.set(`${EC2} ${ID}`, { id: ID, generation, nonce: hex64Of("n"), proof: "" });
}

describe("one that is opened", () => {
  test("stands beside the keys that are there, and is due at once; its line says who asked", async () => {
    const plane = await controlPlane({ dueAt: NOW + A_DAY_MS });
    const before = await plane.record();
    expect(await rekey(asked(), plane)).toEqual(opened(2));
    const { rekey: stands, ...after } = await plane.record();
    const nonce = await plane.nonces.compute({ id: ID, ec2InstanceId: EC2, generation: 2 });
    expect(stands).toEqual({ generation: 2, nonce, openedAt: NOW, execution: "drill-1", pushes: {} });
    expect(after).toEqual({ ...before, dueAt: NOW, auditHead: { n: 1, digest: expect.any(String) }, auditDue: [] });
    const details = '{"execution":"drill-1","generation":2,"reason":"a leak","requestedBy":"Ann"}';
    expect(plane.audit.lying).toMatchObject([{ ...lineLying(1, "rekey-opened"), details }]);
  });

  test("has a nonce also where successors are derived without one: the instance shows by it that it was asked", async () => {
    const plane = await controlPlane();
    plane.nonceMode = "none";
    await rekey(asked(), plane);
    expect((await plane.record()).rekey?.nonce).toMatch(/^[0-9a-f]{64}$/);
  });

  test("of a host that is off waits, and is pushed when it is back", async () => {
    const plane = await controlPlane({ status: "STOPPED" });
    expect(await rekey(asked(), plane)).toEqual({ outcome: "WAITING", id: ID, generation: 2 });
    expect(await plane.record()).toMatchObject({ status: "STOPPED", dueAt: NOW, rekey: { generation: 2 } });
  });

  test("leaves nothing of its nonce in the journal, the line or the output", async () => {
    const plane = await controlPlane();
    const output = await rekey(asked(), plane);
    const { nonce = "" } = (await plane.record()).rekey ?? {};
    const seen = JSON.stringify([output, plane.journal.lines, plane.audit.lying]);
    expect(seen).toContain("rekey-opened");
    expect(seen).not.toContain(nonce);
  });

  test("by a step that runs twice is one, with one line", async () => {
    const plane = await controlPlane();
    await rekey(asked(), plane);
    const before = await plane.record();
    plane.clock.at += 1000;
    claim(plane, 7);
    for (const anew of [false, true]) expect(await rekey(asked({ anew }), plane)).toEqual(opened(2));
    expect(await plane.record()).toEqual(before);
    expect(plane.audit.lying).toHaveLength(1);
  });

  test("by a step that runs twice is one, also where it has been answered in between, and another was asked for", async () => {
    const plane = await controlPlane({ rekey: answered });
    expect(await rekey(asked({ anew: true }), plane)).toEqual(opened(6));
    const { agreed } = answered;
    const record = await plane.record();
    if (record.rekey && agreed) plane.registry.records.set(ID, { ...record, rekey: { ...record.rekey, agreed } });
    expect(await rekey(asked({ anew: true }), plane)).toEqual(opened(6));
    expect(plane.audit.lying).toHaveLength(1);
  });

  test("by a try that died before its line was put has it put by the next", async () => {
    const plane = await controlPlane();
    const audit = { ...plane.audit, put: () => Promise.reject(new Error("died")) };
    await expect(rekey(asked(), { ...plane, audit })).rejects.toThrow("died");
    expect(await duesOf(plane)).toMatchObject([["rekey-opened", { generation: 2 }]]);
    plane.clock.at += 1000;
    expect(await rekey(asked(), plane)).toEqual(opened(2));
    expect(plane.audit.lying).toMatchObject([{ n: 1, act: "rekey-opened", timeMs: NOW }]);
  });
});

describe("its generation is one above the highest", () => {
  test.each<[string, Partial<InstanceRecord>, (plane: ControlPlane) => Promise<void> | void, number]>([
    ["of the record", {}, () => {}, 2],
    [
      "of the pending key",
      {},
      async (plane) => {
        const pending = await pendingOf(plane.instance, plane.vault, hex64Of("n"));
        await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
      },
      3,
    ],
    ["of a rekey that it replaces", { rekey: answered }, () => {}, 6],
    ["of a ticket that was laid", {}, (plane) => layTicket(plane, 8), 9],
    ["of a sample", {}, (plane) => claim(plane, 12), 13],
    ["of a sample of almost seven days ago", {}, (plane) => claim(plane, 12, NOW - 7 * A_DAY_MS + 1000), 13],
    ["of a sample whose clock is ahead", {}, (plane) => claim(plane, 12, NOW + 30_000), 13],
    ["of a sample and a ticket", {}, (plane) => [claim(plane, 12), layTicket(plane, 20)].forEach(() => {}), 21],
    ["of a sample that is far ahead", {}, (plane) => claim(plane, 1 + 9000), 1 + 9000 + 1],
    ["of a sample that is as far ahead as may be", {}, (plane) => claim(plane, 1 + MOST_AHEAD), 1 + MOST_AHEAD + 1],
  ])("%s", async (_, record, arrange, generation) => {
    const plane = await controlPlane(record);
    await arrange(plane);
    expect(await rekey(asked({ anew: true }), plane)).toEqual(opened(generation));
  });

  test.each([1 + MOST_AHEAD + 1, 10 ** 9, Number.MAX_SAFE_INTEGER])(
    "a claim of %d by a sample or a ticket does not count, and hides none that does",
    async (forged) => {
      const plane = await controlPlane();
      claim(plane, forged, NOW - 1);
      claim(plane, 6, NOW - 2);
      layTicket(plane, forged);
      expect(await rekey(asked(), plane)).toEqual(opened(7));
    },
  );

  test("a sample of eight days ago, or of another host, does not count", async () => {
    const plane = await controlPlane();
    claim(plane, 12, NOW - 8 * A_DAY_MS);
    plane.timeSeries.write(ID, "i-0fedcba9876543210", { timeMs: NOW - 1, generation: 30, hash: hex64Of("x") });
    expect(await rekey(asked(), plane)).toEqual(opened(2));
  });
});

describe("one that stands already", () => {
  test.each<[string, Rekey, boolean]>([
    ["is joined", standing, false],
    ["is joined, though somebody has answered it: that may be the instance", answered, false],
    ["that nobody has answered is joined, also by one that asks for another", standing, true],
  ])("%s", async (_, rekeyThere, anew) => {
    const plane = await controlPlane({ rekey: rekeyThere });
    expect(await rekey(asked({ anew }), plane)).toEqual(opened(5));
    expect((await plane.record()).rekey).toEqual(rekeyThere);
    expect(plane.audit.lying).toEqual([]);
  });

  test("and that somebody has answered is replaced by one that asks for another, which nobody has answered", async () => {
    const plane = await controlPlane({ rekey: answered });
    expect(await rekey(asked({ anew: true }), plane)).toEqual(opened(6));
    const after = await plane.record();
    expect(after.rekey).toMatchObject({ generation: 6, execution: "drill-1" });
    expect(after.rekey?.agreed).toBeUndefined();
    expect(after.rekey?.nonce).not.toBe(answered.nonce);
  });

  test.each<[string, Rekey, (plane: ControlPlane) => void]>([
    ["a sample proves a later key", answered, (plane) => claim(plane, 6)],
    ["a later ticket was laid", answered, (plane) => layTicket(plane, 6)],
    ["a sample is of its generation, which nobody has agreed", standing, (plane) => claim(plane, 5)],
  ])("is replaced where the table was restored, since the instance is beyond it: %s", async (_, there, arrange) => {
    const plane = await controlPlane({ rekey: there });
    arrange(plane);
    const { generation } = await rekey(asked(), plane).then((output) => ({ generation: 0, ...output }));
    expect(generation).toBeGreaterThan(5);
    expect((await plane.record()).rekey).toMatchObject({ generation, execution: "drill-1" });
  });

  test.each([standing, answered])("is replaced where keys were turned beside it, up to it or beyond", async (there) => {
    for (const generation of [5, 6]) {
      const plane = await controlPlane({ rekey: there });
      const { current, ...record } = await plane.record();
      plane.registry.records.set(ID, { ...record, current: { ...current, generation } });
      expect(await rekey(asked(), plane)).toEqual(opened(generation + 1));
      expect((await plane.record()).rekey).toMatchObject({ generation: generation + 1, execution: "drill-1" });
    }
  });

  test("is joined beside its own ticket, and beside samples of its agreed key", async () => {
    const plane = await controlPlane({ rekey: answered });
    layTicket(plane, 5);
    claim(plane, 5);
    expect(await rekey(asked(), plane)).toEqual(opened(5));
    expect((await plane.record()).rekey).toEqual(answered);
  });

  test("is asked for by two at once: the later one joins the earlier", async () => {
    const plane = await controlPlane();
    expect(await rekey(asked(), plane)).toEqual(opened(2));
    expect(await rekey(asked({ execution: OTHER_RUN }), plane)).toEqual(opened(2));
    expect((await plane.record()).rekey?.execution).toBe("drill-1");
    expect(plane.audit.lying).toHaveLength(1);
  });
});

describe("a record that is written by another meanwhile", () => {
  /** Somebody does something before each of the first so many writes. */
  function meanwhile(plane: ControlPlane, times: number, act: () => Promise<unknown>): ControlPlane {
    let left = times;
    const openRekey: typeof plane.registry.openRekey = async (...given) => {
      if (left > 0) await act();
      left -= 1;
      return plane.registry.openRekey(...given);
    };
    return { ...plane, registry: { ...plane.registry, openRekey } };
  }

  test("is looked at again: a key that became pending lies below", async () => {
    const plane = await controlPlane();
    const pending = { ...(await pendingOf(plane.instance, plane.vault, hex64Of("n"))) };
    const turns = () => plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
    expect(await rekey(asked(), meanwhile(plane, 1, turns))).toEqual(opened(3));
  });

  test("is looked at again: a rekey that another has opened is joined", async () => {
    const plane = await controlPlane();
    const opens = () => plane.registry.openRekey(ID, { rekey: standing, line: LINE });
    expect(await rekey(asked(), meanwhile(plane, 1, opens))).toEqual(opened(5));
    expect((await plane.record()).rekey).toEqual(standing);
  });

  test("is looked at again: of one that was retired the outcome says so", async () => {
    const plane = await controlPlane();
    const retires = () => plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    expect(await rekey(asked(), meanwhile(plane, 1, retires))).toEqual({ outcome: "RETIRED", id: ID });
  });

  test("each time is left to a later try", async () => {
    const plane = await controlPlane();
    let generation = 1;
    const turns = async () => {
      generation += 1;
      const record = await plane.record();
      plane.registry.records.set(ID, { ...record, current: { ...record.current, generation } });
    };
    const busy = rekey(asked(), meanwhile(plane, 100, turns));
    await expect(busy).rejects.toMatchObject({ name: "TemporarilyUnavailable", message: expect.stringContaining(ID) });
    expect((await plane.record()).rekey).toBeUndefined();
  });
});

describe("nothing is done", () => {
  test.each(["QUARANTINED", "NEW"] as const)("to one that is %s", async (status) => {
    const plane = await controlPlane({ status });
    const before = await plane.record();
    expect(await rekey(asked(), plane)).toEqual({ outcome: status, id: ID });
    expect(await plane.record()).toEqual(before);
    expect(plane.audit.lying).toEqual([]);
  });

  test("to one that is retired", async () => {
    const plane = await controlPlane();
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    expect(await rekey(asked(), plane)).toEqual({ outcome: "RETIRED", id: ID });
    expect(await plane.registry.find(ID)).toMatchObject({ status: "RETIRED" });
  });

  test.each(["0.1.0", undefined])(
    "to one whose agent is too old (%s), and whoever asked is told what to do",
    async (agentVersion) => {
      const plane = await controlPlane();
      const { agentVersion: _, ...without } = await plane.record();
      plane.registry.records.set(ID, { ...without, ...(agentVersion !== undefined && { agentVersion }) });
      const error = { name: "AgentTooOld", message: expect.stringMatching(`The agent of ${ID} .*Install .*ask again`) };
      await expect(rekey(asked(), plane)).rejects.toMatchObject(error);
      expect((await plane.record()).rekey).toBeUndefined();
    },
  );

  test("for the agent's version, but where another one is asked for: a thief may have said none", async () => {
    const plane = await controlPlane();
    const { agentVersion: _, ...without } = await plane.record();
    plane.registry.records.set(ID, without);
    expect(await rekey(asked({ anew: true }), plane)).toEqual(opened(2));
  });

  test("where there is no record any more, and whoever asked is told", async () => {
    const plane = await controlPlane();
    plane.registry.records.delete(ID);
    await expect(rekey(asked(), plane)).rejects.toMatchObject({ name: "UnknownId" });
  });
});
