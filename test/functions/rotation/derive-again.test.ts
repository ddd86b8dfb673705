import { beforeEach, expect, test } from "vitest";
import type { SampleRead } from "../../../functions/clients/time-series.ts";
import { executionName } from "../../../functions/record/execution-name.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { MOST_DERIVED } from "../../../functions/rotation/derive-again/proved-successor.ts";
import { deriveAgain } from "../../../functions/rotation/derive-again/step.ts";
import { verifyHash } from "../../../functions/rotation/verify-hash/step.ts";
import { successor } from "../../../protocol/index.ts";
import {
  type ControlPlane,
  controlPlane,
  duesOf,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  INTERVAL_MS,
  LINE,
  NOW,
  pendingOf,
  rekeyOpened,
  TestInstance,
} from "../support.ts";

let plane: ControlPlane;
/** How many nonces KMS has computed. */
let computed: number;
beforeEach(() => begin());

async function begin(changes: Partial<InstanceRecord> = {}): Promise<void> {
  plane = await controlPlane(changes);
  computed = 0;
  const { compute } = plane.nonces;
  plane.nonces = {
    compute(name) {
      computed += 1;
      return compute(name);
    },
  };
}

/** The instance as it is after so many turns of which the record knows nothing. */
async function after(turns: number): Promise<TestInstance> {
  const { id, ec2InstanceId } = plane.instance;
  let { key, generation } = plane.instance;
  for (let times = 0; times < turns; times += 1) {
    generation += 1;
    key = successor(
      key,
      plane.nonceMode === "none" ? "" : await plane.nonces.compute({ id, ec2InstanceId, generation }),
    );
  }
  computed = 0;
  return new TestInstance({ id, ec2InstanceId, generation, key });
}

const claims = (generation: number): SampleRead => ({ timeMs: NOW, generation, hash: hex64Of("made up") });

function again(samples: SampleRead[], generation = 1) {
  const claimed = Math.max(...samples.map((one) => one.generation));
  const validated = { id: ID, ec2InstanceId: EC2, generation };
  const asked = { requestedBy: "Ann", trigger: "watch" };
  return deriveAgain({ ...validated, samples, claimed, execution: EXECUTION, asked }, plane);
}

test("the record is brought to the key that the instance proves, which matches from then on", async () => {
  const instance = await after(3);
  const [former, sample] = [(await after(2)).sampleAt(NOW - INTERVAL_MS), instance.sampleAt(NOW)];
  expect(await again([sample, former])).toEqual({ generation: 4 });
  expect(computed).toBe(3);
  const { current } = await plane.record();
  const name = { id: ID, ec2InstanceId: EC2, generation: 4 };
  expect(current).toEqual({
    ...{ generation: 4, nonce: await plane.nonces.compute(name), since: NOW },
    ciphertext: expect.any(String),
  });
  expect(await plane.vault.unseal(current.ciphertext, name)).toBe(instance.key);
  expect(await verifyHash({ ...name, samples: [sample, former] }, plane)).toEqual({
    verdict: "MATCH",
    lastProofAt: NOW,
  });
});

test("people are told once, and a line says from where to where, and who asked", async () => {
  const sample = (await after(3)).sampleAt(NOW);
  await again([sample]);
  expect(await plane.findings.find({ subject: ID, cause: "BroughtForward" })).toMatchObject({
    ...{ times: 1, execution: EXECUTION },
    facts: { said: "Its record was at generation 1, and it proves its key of generation 4." },
  });
  expect(plane.audit.lying.map(({ act }) => act)).toEqual(["brought-forward"]);
  expect(JSON.parse(plane.audit.lying[0]?.details ?? "")).toEqual({
    ...{ from: 1, generation: 4, execution: executionName(EXECUTION), requestedBy: "Ann", trigger: "watch" },
  });
  expect(await duesOf(plane)).toEqual([]);
});

test("one sample is enough, though it is of a generation before those that are made up", async () => {
  const sample = (await after(2)).sampleAt(NOW - INTERVAL_MS);
  for (const higher of [[claims(4)], [claims(9), claims(3)], [claims(10 ** 9)], [claims(Number.MAX_SAFE_INTEGER)]]) {
    await begin();
    expect(await again([...higher, sample])).toEqual({ generation: 3 });
  }
});

test("what is claimed beyond all that is derived costs no call of KMS, and what is within costs one for each generation", async () => {
  await expect(again([claims(10 ** 9)])).rejects.toMatchObject({ name: "RecordBehind" });
  await expect(again([claims(MOST_DERIVED + 2)])).rejects.toMatchObject({ name: "RecordBehind" });
  expect(computed).toBe(0);
  await expect(again([claims(20), claims(10 ** 9)])).rejects.toMatchObject({ name: "RecordBehind" });
  expect(computed).toBe(19);
});

test("a record may be behind by a thousand turns, and by no more", async () => {
  const far = await after(MOST_DERIVED);
  const further = (await after(MOST_DERIVED + 1)).sampleAt(NOW);
  await expect(again([further])).rejects.toMatchObject({ name: "RecordBehind" });
  expect(await again([far.sampleAt(NOW)])).toEqual({ generation: MOST_DERIVED + 1 });
});

test("where nothing is proved, nothing is written and nobody told here: the error says what was claimed", async () => {
  const before = structuredClone(plane.registry.records);
  // The key of the generation itself, under a later one; and another instance's of the same generation.
  const other = new TestInstance({ id: "ffffff", generation: 3, key: (await after(2)).key });
  const old = { ...plane.instance.sampleAt(NOW), generation: 2 };
  await expect(again([claims(4), old, other.sampleAt(NOW), { ...claims(3), hash: "" }])).rejects.toMatchObject({
    name: "RecordBehind",
    message: expect.stringMatching(/generation 4.* 1: no key/),
  });
  expect(plane.registry.records).toEqual(before);
  expect([plane.mail.sent, plane.bus.events, plane.audit.lying]).toEqual([[], [], []]);
});

test("a pending key of the record before is gone: the instance has passed it", async () => {
  const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
  const sample = (await after(3)).sampleAt(NOW);
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  await again([sample]);
  expect(await plane.record()).not.toHaveProperty("pending");
});

test("run twice, it gives the same, and is told and written once", async () => {
  const sample = (await after(3)).sampleAt(NOW);
  await again([sample]);
  const record = await plane.record();
  plane.clock.at += 1000;
  expect(await again([sample])).toEqual({ generation: 4 });
  expect(await plane.record()).toEqual(record);
  expect(plane.audit.lying).toHaveLength(1);
});

test("where it dies before the write, the next try writes, and people are told once", async () => {
  const sample = (await after(3)).sampleAt(NOW);
  const bringForward = () => Promise.reject(new Error("dies"));
  const { registry } = plane;
  plane.registry = { ...registry, bringForward };
  await expect(again([sample])).rejects.toThrow("dies");
  plane.registry = registry;
  expect(await again([sample])).toEqual({ generation: 4 });
  expect(await plane.findings.find({ subject: ID, cause: "BroughtForward" })).toMatchObject({ toldAt: NOW });
  expect(plane.mail.sent).toHaveLength(1);
});

test("another execution that was faster is followed", async () => {
  const samples = [(await after(3)).sampleAt(NOW)];
  const [one, other] = await Promise.all([again(samples), again(samples)]);
  expect([one, other]).toEqual([{ generation: 4 }, { generation: 4 }]);
  expect(plane.audit.lying).toHaveLength(1);
});

test("without nonces the successors are hashes of the keys alone, and KMS is asked nothing", async () => {
  plane.nonceMode = "none";
  expect(await again([(await after(3)).sampleAt(NOW)])).toEqual({ generation: 4 });
  expect(computed).toBe(0);
  expect((await plane.record()).current.nonce).toBe("");
});

test.each<[string, string, () => unknown]>([
  ["of which a rekey stands", "Rekeying", () => rekeyOpened(plane)],
  ["in quarantine", "Quarantined", () => plane.registry.quarantine(ID, { line: LINE })],
  ["that is retired", "Retired", () => plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
  ["that was lost", "UnknownId", () => plane.registry.records.clear()],
  [
    "whose key cannot be decrypted",
    "KeyUnreadable",
    async () => {
      const record = await plane.record();
      plane.registry.records.set(ID, { ...record, current: { ...record.current, ciphertext: "AAAA" } });
    },
  ],
])("one %s is not brought forward: %s", async (_what, name, arrange) => {
  const sample = (await after(3)).sampleAt(NOW);
  await arrange();
  const before = structuredClone(plane.registry.records);
  await expect(again([sample])).rejects.toMatchObject({ name });
  expect(plane.registry.records).toEqual(before);
  expect(plane.mail.sent).toEqual([]);
});

test("a rekey that is opened at this moment stands, and the record is as it was beside it", async () => {
  const sample = (await after(3)).sampleAt(NOW);
  const { registry } = plane;
  plane.registry = {
    ...registry,
    async bringForward(...given) {
      await rekeyOpened(plane);
      return registry.bringForward(...given);
    },
  };
  expect(await again([sample])).toEqual({ generation: 1 });
  expect(await plane.record()).toMatchObject({ current: { generation: 1 }, rekey: { generation: 5 } });
});

test("no key, hash or nonce stands in a log line, a mail, a line of the audit or what goes on", async () => {
  const output = await again([(await after(3)).sampleAt(NOW)]);
  const told = JSON.stringify([
    plane.journal.lines,
    plane.mail.sent,
    plane.audit.lying.map((one) => one.details),
    output,
  ]);
  expect(told).not.toMatch(/[0-9a-f]{64}/);
});
