import fc from "fast-check";
import { expect, test } from "vitest";
import type { SampleRead } from "../../../functions/clients/time-series.ts";
import { fakeVault } from "../../../functions/clients/vault.fake.ts";
import type { Verdict } from "../../../functions/rotation/verdicts.ts";
import { judge } from "../../../functions/rotation/verify-hash/judge.ts";
import { sampleHash, successor } from "../../../protocol/index.ts";
import {
  EC2,
  hex64Of,
  ID,
  INTERVAL_MS,
  NOW,
  pendingOf,
  recordOf,
  SKEW_MS,
  seededRandom,
  TestInstance,
} from "../support.ts";

const GENERATION = 5;
const CURRENT = hex64Of("current");
const NONCE = hex64Of("nonce");
const PENDING = successor(CURRENT, NONCE);
const AGREED = hex64Of("agreed");

/**
 * What a sample is, by how it was made: proof of the current, the pending or the agreed key, neither, or of the generation
 * before.
 */
type Kind = "C" | "P" | "R" | "X" | "L";
interface Written {
  kind: Kind;
  timeMs: number;
}

const kinds = fc.constantFrom<Kind>("C", "P", "R", "X", "L");
// Around every limit: fresh, grace, skew, and equal times.
const times = fc.oneof(
  fc.integer({ min: -8 * INTERVAL_MS, max: 2 * SKEW_MS }),
  fc.constantFrom(-3 * INTERVAL_MS, -3 * INTERVAL_MS + 1, -1, 0, 1, SKEW_MS, SKEW_MS + 1),
);
const written = fc.array(fc.record({ kind: kinds, timeMs: times.map((offset) => NOW + offset) }), { maxLength: 8 });
const since = fc.integer({ min: -6 * INTERVAL_MS, max: 0 }).map((offset) => NOW + offset);

function sampleOf({ kind, timeMs }: Written): SampleRead {
  const generation = { C: GENERATION, P: GENERATION + 1, R: GENERATION + 2, X: GENERATION, L: GENERATION - 1 }[kind];
  const key = { C: CURRENT, P: PENDING, R: AGREED, X: hex64Of("forger"), L: hex64Of("former") }[kind];
  return { timeMs, generation, hash: sampleHash({ key, id: ID, ec2InstanceId: EC2, generation, timeMs }) };
}

const instance = new TestInstance({ generation: GENERATION, key: CURRENT });
const longAgo = await recordOf(instance, fakeVault(seededRandom()), {
  pending: await pendingOf(instance, fakeVault(seededRandom()), NONCE),
  rekey: { generation: GENERATION + 2, nonce: NONCE, openedAt: NOW, execution: "", pushes: {} },
});

function judged(samples: SampleRead[], promotedAt: number) {
  const record = { ...longAgo, current: { ...longAgo.current, since: promotedAt } };
  return judge(
    samples,
    record,
    { currentKey: CURRENT, rekeyKey: AGREED },
    { now: NOW, intervalMs: INTERVAL_MS, skewMs: SKEW_MS },
  );
}

/** The table of the design, read row by row over what the samples were made as. */
function expected(all: Written[], promotedAt: number): Verdict {
  const notAhead = all.filter(({ timeMs }) => timeMs - NOW <= SKEW_MS);
  const excused = ({ kind, timeMs }: Written) => kind === "L" && timeMs < promotedAt + SKEW_MS + INTERVAL_MS;
  const rest = notAhead.filter((one) => !excused(one));
  const fresh = notAhead.some(({ timeMs }) => NOW - timeMs < 3 * INTERVAL_MS);
  const agreed = rest.filter(({ kind }) => kind === "R");
  // What was written before the key that a rekey has agreed was held is mended with that.
  const isMended = ({ timeMs }: Written) => agreed.length > 0 && agreed.every((one) => timeMs < one.timeMs);
  const failing = rest.filter((one) => (one.kind === "X" || one.kind === "L") && !isMended(one));
  const proving = rest.filter(({ kind }) => kind === "C" || kind === "P" || kind === "R");

  // Excused samples that are not fresh either are no sign of life: silence comes first.
  if (!fresh) return "STALE";
  if (rest.length === 0) return "SUPERSEDED";
  if (failing.length > 0) {
    const allNewer = failing.every((x) => proving.every((proof) => x.timeMs > proof.timeMs));
    // Nothing that bears only times to come outvotes a proof.
    if (proving.length > 0 && failing.every(({ timeMs }) => timeMs > NOW)) return "CONFLICT";
    return allNewer ? "MISMATCH" : "CONFLICT";
  }
  const pending = rest.filter(({ kind }) => kind === "P" || kind === "R");
  const current = rest.filter(({ kind }) => kind === "C");
  if (pending.some((p) => current.some((c) => c.timeMs > p.timeMs))) return "CONFLICT";
  return pending.length > 0 ? "MATCH_PENDING" : "MATCH";
}

test("the verdict is the table's, whatever was written", () => {
  fc.assert(
    fc.property(written, since, (all, promotedAt) => {
      expect(judged(all.map(sampleOf), promotedAt).verdict).toBe(expected(all, promotedAt));
    }),
    { numRuns: 500 },
  );
});

test("the order in which samples are read does not matter", () => {
  const shuffled = written.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, since, ([all, other], promotedAt) => {
      expect(judged(other.map(sampleOf), promotedAt)).toEqual(judged(all.map(sampleOf), promotedAt));
    }),
  );
});

test("samples from beyond the skew change nothing", () => {
  const ahead = fc.record({
    kind: kinds,
    timeMs: fc.integer({ min: 1, max: 10 ** 9 }).map((ms) => NOW + SKEW_MS + ms),
  });
  fc.assert(
    fc.property(written, fc.array(ahead, { maxLength: 4 }), since, (all, future, promotedAt) => {
      const without = judged(all.map(sampleOf), promotedAt);
      expect(judged([...future, ...all].map(sampleOf), promotedAt)).toEqual(without);
    }),
  );
});

test("who holds no key proves nothing, whatever it writes", () => {
  const forged = fc.record({
    timeMs: fc.integer({ min: NOW - 2 * INTERVAL_MS, max: NOW }),
    generation: fc.integer({ min: -1, max: GENERATION + 3 }),
    hash: fc.oneof(fc.constant(""), fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf)),
  });
  fc.assert(
    fc.property(fc.array(forged, { minLength: 1, maxLength: 6 }), since, (samples, promotedAt) => {
      const { verdict, lastProofAt } = judged(samples, promotedAt);
      expect(["MISMATCH", "SUPERSEDED"]).toContain(verdict);
      expect(lastProofAt).toBeUndefined();
    }),
  );
});

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
