import { describe, expect, test } from "vitest";
import { countsOf, lookedAt, needsAttention, wordsOf, worstFirst } from "../../operator/looked.ts";
import { instanceFrom } from "../../operator/reads/instances.ts";
import { DAY, finding, HOUR, instance, NOW } from "./support.ts";

/** The worst first. */
const fleet = [
  instance({ id: "000001", verdict: "MISMATCH" }),
  // Its record says that all is well: who found it may be faster.
  instance({ id: "000002" }),
  instance({ id: "000003", verdict: "STALE" }),
  instance({ id: "000004", keySince: NOW - 2 * DAY }),
  instance({ id: "000005", failingSince: NOW - HOUR }),
  instance({ id: "000006", waitingSince: NOW - HOUR }),
  instance({ id: "000007", dueAt: NOW - 2 * HOUR }),
  instance({ id: "000008", isRekeyed: true }),
  instance({ id: "000009", status: "QUARANTINED", verdict: "MISMATCH" }),
  instance({ id: "00000a", status: "NEW", verdict: undefined as never }),
  instance({ id: "00000b", keySince: NOW - 9 * DAY }),
  instance({ id: "00000c", keySince: NOW - 8 * DAY }),
  // Of the same age.
  instance({ id: "00000d", keySince: NOW - 8 * DAY }),
  instance({ id: "00000e", status: "STOPPED", verdict: "STALE" }),
  { id: "00000f", ec2InstanceId: "i-f", status: "RETIRED" as const },
];
const standing = [
  finding({ subject: "000002", cause: "CONFLICT" }),
  finding({ subject: "i-00000000000000040", cause: "AgentTooOld" }),
  finding({ subject: "00000b", cause: "STALE", endedAt: NOW - 1 }),
  finding({ subject: "orders/db", cause: "ConsumersBehind" }),
];
const { looked, others } = lookedAt(fleet.toReversed(), standing);

describe("a fleet", () => {
  test("is shown the worst first, then by the age of the key", () => {
    expect(worstFirst(looked, NOW).map(({ instance: { id } }) => id)).toEqual([
      ...["000001", "000002"].toSorted(),
      ...fleet.slice(2).map(({ id }) => id),
    ]);
  });

  test("has to be looked at where something stands, proofs are wrong or missing, or a key cannot be turned", () => {
    const ids = looked.filter(needsAttention).map(({ instance: { id } }) => id);
    expect(ids.toSorted()).toEqual(["000001", "000002", "000003", "000004", "000005"]);
  });

  test("what stands about none of it is told apart", () => {
    expect(others.map(({ subject }) => subject)).toEqual(["orders/db"]);
  });

  test("is counted, each instance once", () => {
    const counts = countsOf(looked);
    expect(Object.fromEntries(counts)).toMatchObject({ MATCH: 9, MISMATCH: 1, STALE: 1, QUARANTINED: 1, RETIRED: 1 });
    expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBe(fleet.length);
  });

  test("in words", () => {
    const words = new Map(looked.map((one) => [one.instance.id, wordsOf(one, NOW).join(", ")]));
    expect(words.get("000002")).toBe("CONFLICT");
    expect(words.get("000004")).toBe("AgentTooOld");
    expect(words.get("000005")).toBe("failing 1 h");
    expect(words.get("000006")).toBe("no proof 1 h");
    expect(words.get("000007")).toBe("overdue 2 h");
    expect(words.get("000008")).toBe("rekey stands");
    expect(words.get("00000b")).toBe("");
  });
});

test("nobody tries to turn a key on a host that is stopped, or in quarantine: so that fails no more, and alarms nobody", () => {
  for (const status of ["STOPPED", "QUARANTINED"] as const) {
    const off = instance({ id: "0000bb", status, failingSince: NOW - HOUR });
    const [one] = lookedAt([off], []).looked;
    if (one === undefined) throw new Error("It is not among them.");
    expect(wordsOf(one, NOW)).toEqual([]);
    expect(needsAttention(one)).toBe(false);
    const [first] = worstFirst(lookedAt([off, instance({ id: "0000cc", isRekeyed: true })], []).looked, NOW);
    expect(first?.instance.id).toBe("0000cc");
  }
});

test("a record that somebody has altered is shown as far as it can be, among the worst", () => {
  const altered = instanceFrom({
    ...{ id: "0000aa", ec2InstanceId: 7, status: "ACTIVE", verdict: { a: 1 }, dueAt: 1e300, lastProofAt: "now" },
    current: { generation: -1, since: Number.NaN, ciphertext: "c2VjcmV0" },
  });
  expect(altered).toEqual({ id: "0000aa", ec2InstanceId: "", status: "ACTIVE" });
  const { looked: with2 } = lookedAt([...fleet, altered], []);
  const [, second] = worstFirst(with2, NOW);
  expect(second && wordsOf(second, NOW)).toEqual(["no key"]);
});
