import { describe, expect, test } from "vitest";
import type { SampleRead } from "../../../functions/clients/time-series.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { judge } from "../../../functions/rotation/verify-hash/judge.ts";
import { sampleHash, successor } from "../../../protocol/index.ts";
import { EC2, hex64Of, ID, INTERVAL_MS, NOW, SKEW_MS } from "../support.ts";

const GENERATION = 5;
const NONCE = hex64Of("nonce");
const KEYS = {
  former: { key: hex64Of("former"), generation: GENERATION - 1 },
  current: { key: hex64Of("current"), generation: GENERATION },
  pending: { key: successor(hex64Of("current"), NONCE), generation: GENERATION + 1 },
  rekey: { key: hex64Of("rekey"), generation: GENERATION + 3 },
  /** Neither key, in the generation of the current one. */
  forged: { key: hex64Of("forger"), generation: GENERATION },
  /** A generation that nobody has issued. */
  ahead: { key: hex64Of("current"), generation: GENERATION + 7 },
};

/** A sample by one of the keys; the time is in intervals from now. */
function by(which: keyof typeof KEYS, intervals: number): SampleRead {
  return byAt(which, NOW + intervals * INTERVAL_MS);
}

function byAt(which: keyof typeof KEYS, timeMs: number): SampleRead {
  const { key, generation } = KEYS[which];
  return { timeMs, generation, hash: sampleHash({ key, id: ID, ec2InstanceId: EC2, generation, timeMs }) };
}

const LONG_AGO = NOW - 1000 * INTERVAL_MS;

function judged(samples: SampleRead[], changes: Partial<InstanceRecord> & { since?: number } = {}) {
  const { since = LONG_AGO, ...others } = changes;
  const record: InstanceRecord = {
    id: ID,
    ec2InstanceId: EC2,
    ip: "10.0.0.4",
    status: "ACTIVE",
    current: { generation: GENERATION, nonce: "", ciphertext: "", since },
    agentPublic: "",
    serverPublic: "",
    registeredAt: LONG_AGO,
    startedAt: LONG_AGO,
    dueAt: NOW,
    ...others,
  };
  const keys = { currentKey: KEYS.current.key, ...(record.rekey?.agreed && { rekeyKey: KEYS.rekey.key }) };
  return judge(samples, record, keys, { now: NOW, intervalMs: INTERVAL_MS, skewMs: SKEW_MS });
}

const pending = {
  ...{ generation: GENERATION + 1, nonce: NONCE, ciphertext: "" },
  ...{ ticketProof: "", receiptDigest: "", pushes: {} },
};
const opened = { generation: GENERATION + 3, nonce: NONCE, openedAt: NOW, execution: "", pushes: {} };
const rekey = { ...opened, agreed: { ciphertext: "", agentPublic: "", serverPublic: "", receiptDigest: "" } };
const verdictOf = (...args: Parameters<typeof judged>) => judged(...args).verdict;

describe("one that was rekeyed", () => {
  const rekeyedAt = NOW - 5 * INTERVAL_MS;
  const high = (timeMs: number): SampleRead => ({ timeMs, generation: 10 ** 6, hash: "00".repeat(32) });
  const after = { since: rekeyedAt, rekeyedAt };

  test("excuses what an altered key file had claimed before, of whatever generation", () => {
    const before = high(rekeyedAt + SKEW_MS + INTERVAL_MS - 1);
    expect(verdictOf([before, by("current", -1)], after)).toBe("MATCH");
    expect(verdictOf([before, by("current", -1)], { since: rekeyedAt })).toBe("CONFLICT");
  });

  test("excuses nothing that is written later", () => {
    const later = high(rekeyedAt + SKEW_MS + INTERVAL_MS);
    expect(verdictOf([later, by("current", -1)], after)).toBe("CONFLICT");
  });
});

describe("a flood of samples", () => {
  const flood = (count: number, withinMs: number) =>
    Array.from({ length: count }, (_, n) => byAt("current", NOW - Math.floor((n * withinMs) / count)));

  test.each([200, 199])("of %d right ones is a CONFLICT: nothing else can be seen behind it", (count) => {
    expect(verdictOf(flood(count, 1000))).toBe("CONFLICT");
    expect(verdictOf(flood(count, 2 * INTERVAL_MS))).toBe("CONFLICT");
  });

  test("is none where fewer are read, or what came two intervals before is seen too", () => {
    expect(verdictOf(flood(198, 1000))).toBe("MATCH");
    expect(verdictOf(flood(200, 2.1 * INTERVAL_MS))).toBe("MATCH");
    expect(verdictOf([...flood(198, 1000), by("current", -2)])).toBe("MATCH");
  });
});

describe("WAITING", () => {
  test("an instance that starts again and again without a proof is not waited for without end", () => {
    const startedNow = { startedAt: NOW - 1 };
    expect(verdictOf([], { ...startedNow, waitingSince: NOW - 3 * INTERVAL_MS + 1 })).toBe("WAITING");
    expect(verdictOf([], { ...startedNow, waitingSince: NOW - 3 * INTERVAL_MS })).toBe("STALE");
  });

  test("a stopped instance is waited for, whatever was written", () => {
    expect(verdictOf([], { status: "STOPPED" })).toBe("WAITING");
    expect(verdictOf([by("forged", 0), by("current", -1)], { status: "STOPPED" })).toBe("WAITING");
  });

  test.each(["registeredAt", "startedAt", "rekeyedAt"] as const)(
    "an instance that has just come (%s) may take three intervals",
    (time) => {
      expect(verdictOf([], { [time]: NOW - 3 * INTERVAL_MS + 1 })).toBe("WAITING");
      expect(verdictOf([], { [time]: NOW - 3 * INTERVAL_MS })).toBe("STALE");
    },
  );

  test("an instance that has just come and writes is judged by what it writes", () => {
    expect(verdictOf([by("forged", -1)], { startedAt: NOW - INTERVAL_MS })).toBe("MISMATCH");
    expect(verdictOf([by("current", -1)], { startedAt: NOW - INTERVAL_MS })).toBe("MATCH");
  });
});

describe("SUPERSEDED and the grace after a promotion", () => {
  test("samples with the former key from before the promotion prove that another execution was faster", () => {
    expect(verdictOf([by("former", -1), by("former", -2)], { since: NOW - 10 })).toBe("SUPERSEDED");
  });

  test("the grace is the skew and one interval, and ends exactly there", () => {
    const since = NOW - SKEW_MS - INTERVAL_MS;
    expect(verdictOf([byAt("former", NOW - 1)], { since })).toBe("SUPERSEDED");
    expect(verdictOf([byAt("former", NOW)], { since })).toBe("MISMATCH");
  });

  test("excused samples say nothing beside a proof of the new key", () => {
    const samples = [by("current", 0), by("former", -1), by("former", -2)];
    expect(verdictOf(samples, { since: NOW - 30_000 })).toBe("MATCH");
  });

  test("a former key that is still used after the grace is a clone that did not turn", () => {
    const samples = [by("former", 0), by("current", -0.5), by("former", -1), by("current", -1.5)];
    expect(verdictOf(samples, { since: NOW - 9 * INTERVAL_MS })).toBe("CONFLICT");
  });
});

describe("STALE", () => {
  test("nothing written is stale", () => expect(verdictOf([])).toBe("STALE"));

  test("a sample is fresh until it is three intervals old, exactly", () => {
    expect(verdictOf([by("current", -3)])).toBe("STALE");
    expect(verdictOf([byAt("current", NOW - 3 * INTERVAL_MS + 1)])).toBe("MATCH");
  });

  test("samples from beyond the allowed skew do not make an instance fresh", () => {
    expect(verdictOf([byAt("current", NOW + SKEW_MS + 1)])).toBe("STALE");
    expect(verdictOf([byAt("current", NOW + SKEW_MS)])).toBe("MATCH");
    expect(verdictOf([byAt("forged", NOW + SKEW_MS + 1), by("current", -1)])).toBe("MATCH");
  });

  test("a stale instance tells when it last proved its key", () => {
    expect(judged([by("forged", -4), by("current", -5)])).toEqual({
      verdict: "STALE",
      lastProofAt: NOW - 5 * INTERVAL_MS,
    });
  });
});

describe("MISMATCH", () => {
  test.each([
    ["a wrong key", [by("forged", -1)]],
    ["a wrong key after the right one", [by("forged", 0), by("forged", -1), by("current", -2)]],
    ["a generation that nobody has issued", [by("ahead", -1)]],
    ["a hash that is malformed", [{ timeMs: NOW, generation: GENERATION, hash: "" }]],
    ["a generation of zero", [{ ...by("current", 0), generation: 0 }]],
    ["an old proof under a new time", [{ ...by("current", -2), timeMs: NOW }, by("current", -2)]],
    ["the current key under the pending generation", [{ ...by("current", 0), generation: GENERATION + 1 }]],
  ])("%s does not prove the key", (_what, samples) => {
    expect(verdictOf(samples)).toBe("MISMATCH");
    expect(verdictOf(samples, { pending })).toBe("MISMATCH");
  });

  test("another instance's proof is no proof", () => {
    const timeMs = NOW;
    const { key, generation } = KEYS.current;
    for (const name of [
      { id: "ffffff", ec2InstanceId: EC2 },
      { id: ID, ec2InstanceId: "i-0fedcba9876543210" },
    ]) {
      expect(verdictOf([{ timeMs, generation, hash: sampleHash({ ...name, key, generation, timeMs }) }])).toBe(
        "MISMATCH",
      );
    }
  });

  test("the successor's key proves nothing before it is pending", () => {
    expect(verdictOf([by("pending", 0)])).toBe("MISMATCH");
  });

  test("a failure that is newer than the proofs of both keys is a mismatch", () => {
    expect(verdictOf([by("forged", 0), by("pending", -1), by("current", -2)], { pending })).toBe("MISMATCH");
  });
});

describe("CONFLICT", () => {
  test.each([
    ["a failure older than a proof", [by("current", 0), by("forged", -1)]],
    ["a failure at the very moment of a proof", [by("current", 0), by("forged", 0)]],
    ["a failure of the next minute after a proof", [by("forged", 0.5), by("current", -1)]],
    ["failures around a proof", [by("forged", 0), by("current", -1), by("forged", -2)]],
    ["a failure older than a proof of the pending key", [by("pending", 0), by("forged", -1)]],
    ["the current key after the pending one", [by("current", 0), by("pending", -1)]],
    ["the current key between two proofs of the pending one", [by("pending", 0), by("current", -1), by("pending", -2)]],
  ])("%s shows two writers", (_what, samples) => expect(verdictOf(samples, { pending })).toBe("CONFLICT"));
});

describe("MATCH_PENDING and MATCH", () => {
  test("the pending key and from then on nothing else is an earlier push that arrived", () => {
    expect(verdictOf([by("pending", 0)], { pending })).toBe("MATCH_PENDING");
    expect(verdictOf([by("pending", 0), by("pending", -1), by("current", -2)], { pending })).toBe("MATCH_PENDING");
  });

  test("both keys at one moment are one instance that turned", () => {
    expect(verdictOf([by("pending", -1), by("current", -1)], { pending })).toBe("MATCH_PENDING");
  });

  test("the current key alone matches, also while a successor is pending", () => {
    expect(verdictOf([by("current", 0), by("current", -1)])).toBe("MATCH");
    expect(verdictOf([by("current", 0), by("current", -1)], { pending })).toBe("MATCH");
  });

  test("without nonces the successor is the hash of the key alone", () => {
    const bare = { key: successor(KEYS.current.key, ""), generation: GENERATION + 1 };
    const hash = sampleHash({ ...bare, id: ID, ec2InstanceId: EC2, timeMs: NOW });
    const samples = [{ timeMs: NOW, generation: bare.generation, hash }];
    expect(verdictOf(samples, { pending: { ...pending, nonce: "" } })).toBe("MATCH_PENDING");
  });

  test("the newest proof is the one that is told", () => {
    expect(judged([by("current", -2), by("pending", -1), by("forged", 0)], { pending }).lastProofAt).toBe(
      NOW - INTERVAL_MS,
    );
    expect(judged([by("forged", 0)])).toEqual({ verdict: "MISMATCH" });
  });
});

describe("a rekey that stands", () => {
  test("and of which a key was agreed is proved by that, as by a pending one", () => {
    expect(verdictOf([by("rekey", 0)], { rekey })).toBe("MATCH_PENDING");
    expect(verdictOf([by("rekey", 0), by("pending", -1), by("current", -2)], { rekey, pending })).toBe("MATCH_PENDING");
    expect(judged([by("rekey", -1)], { rekey }).lastProofAt).toBe(NOW - INTERVAL_MS);
  });

  test("and of which none was agreed yet is proved by nothing, and mends nothing", () => {
    expect(verdictOf([by("rekey", 0)], { rekey: opened })).toBe("MISMATCH");
    expect(verdictOf([by("current", 0)], { rekey: opened })).toBe("MATCH");
    expect(verdictOf([by("forged", 0), by("current", -1)], { rekey: opened })).toBe("MISMATCH");
  });

  test("excuses what was written before its key was held, and nothing from then on", () => {
    expect(verdictOf([by("rekey", 0), by("forged", -1), by("ahead", -2)], { rekey })).toBe("MATCH_PENDING");
    expect(verdictOf([by("rekey", 0), by("forged", 0)], { rekey })).toBe("CONFLICT");
    expect(judged([by("forged", 0), by("rekey", -1)], { rekey })).toEqual({
      ...{ verdict: "MISMATCH", lastProofAt: NOW - INTERVAL_MS },
    });
    expect(verdictOf([by("rekey", 0), by("forged", -0.5), by("rekey", -1)], { rekey })).toBe("CONFLICT");
  });

  test("shows two writers where the current key comes after the agreed one", () => {
    expect(verdictOf([by("current", 0), by("rekey", -1)], { rekey })).toBe("CONFLICT");
  });
});

describe("what a mismatch claims", () => {
  const claims = (generation: number, intervals: number) => ({ ...by("forged", intervals), generation });

  test("is the highest generation above all that the record knows", () => {
    expect(judged([by("ahead", 0)])).toEqual({ verdict: "MISMATCH", claimed: GENERATION + 7 });
    expect(judged([claims(9000, -1), by("ahead", 0), by("forged", 0)]).claimed).toBe(9000);
    expect(judged([claims(GENERATION + 1, 0)]).claimed).toBe(GENERATION + 1);
  });

  test("is none where it is of a generation that the record knows", () => {
    for (const generation of [-1, 0, GENERATION]) expect(judged([claims(generation, 0)])).not.toHaveProperty("claimed");
    expect(judged([claims(GENERATION + 1, 0)], { pending })).toEqual({ verdict: "MISMATCH" });
    expect(judged([claims(GENERATION + 3, 0)], { rekey: opened })).toEqual({ verdict: "MISMATCH" });
    expect(judged([claims(GENERATION + 4, 0)], { rekey: opened }).claimed).toBe(GENERATION + 4);
  });

  test("is not what was written before an agreed key was held", () => {
    const samples = [by("forged", 0), by("rekey", -1), claims(9000, -2)];
    expect(judged(samples, { rekey })).toEqual({ verdict: "MISMATCH", lastProofAt: NOW - INTERVAL_MS });
  });

  test("is said beside no other verdict", () => {
    expect(judged([by("current", 0), by("ahead", -1)])).toEqual({ verdict: "CONFLICT", lastProofAt: NOW });
    expect(judged([by("ahead", -4)])).toEqual({ verdict: "STALE" });
    expect(judged([by("ahead", 0)], { status: "STOPPED" })).toEqual({ verdict: "WAITING" });
  });
});
