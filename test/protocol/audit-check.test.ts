import { describe, expect, test } from "vitest";
import {
  AUDIT_FAULTS,
  type AuditFault,
  type AuditLine,
  auditFaults,
  CheckedSeals,
  chainFaults,
  type KnownSeal,
  type Seal,
  sealFaults,
} from "../../protocol/index.ts";
import { chained, hashed, hashedAnew, sealedDaily } from "./audit-chains.ts";
import vectors from "./vectors.json" with { type: "json" };

const line = (subject: string, act: string, timeMs: number) => ({ subject, act, timeMs, details: `{"at":${timeMs}}` });

// Three days of two subjects; of the first, two lines on each day.
const lines = chained([
  line("0a1b2c", "registered", 1),
  line("orders/db", "promoted", 2),
  line("0a1b2c", "promoted", 3),
  line("0a1b2c", "failed", 11),
  line("0a1b2c", "promoted", 12),
  line("0a1b2c", "quarantined", 21),
  line("0a1b2c", "released", 22),
]);
const days = ["2026-11-26", "2026-11-27", "2026-11-28"].map((day, index) => ({
  day,
  lines: lines.filter(({ timeMs }) => Math.floor(timeMs / 10) === index),
}));
const seals = sealedDaily(days);
const known: KnownSeal[] = seals.map(({ day, digest }) => ({ day, digest }));

const own = lines.filter(({ subject }) => subject === "0a1b2c");
const others = lines.filter(({ subject }) => subject !== "0a1b2c");

/** What is found, by kind and place; each fault's sentence names its place as well. */
function found(faults: AuditFault[]): string[] {
  for (const { what, subject, n, day, says } of faults) {
    expect(AUDIT_FAULTS).toHaveProperty(what);
    for (const part of [subject, n, subject === undefined ? day : undefined]) {
      if (part !== undefined) expect(says).toContain(String(part));
    }
  }
  return faults.map(({ what, subject, n, day }) =>
    [what, subject, n, day].filter((part) => part !== undefined).join(" "),
  );
}

const check = (changes: { own?: AuditLine[]; seals?: Seal[]; known?: KnownSeal[] }) =>
  found(auditFaults({ seals, ...changes, lines: [...(changes.own ?? own), ...others] }));

/** The own lines, one of them with changes. */
const withChanges = (n: number, changes: Partial<AuditLine>) =>
  own.map((one) => (one.n === n ? { ...one, ...changes } : one));

describe("nothing is found", () => {
  test("in an audit as it was put, in whatever order it comes", () => {
    expect(check({})).toEqual([]);
    expect(check({ known })).toEqual([]);
    expect(auditFaults({ lines: lines.toReversed(), seals: seals.toReversed(), known: known.toReversed() })).toEqual(
      [],
    );
  });

  test("in lines that are not sealed yet, and where there is nothing at all", () => {
    expect(check({ seals: seals.slice(0, 1), known: known.slice(0, 1) })).toEqual([]);
    expect(auditFaults({ lines: [], seals: [] })).toEqual([]);
  });

  test("in the worked chain and seals", () => {
    const [{ subject } = { subject: "" }] = vectors.audit;
    const last = vectors.audit.at(-1);
    const sealed = last === undefined ? [] : [{ ...last, day: "2026-11-26" }];
    expect(chainFaults({ subject, lines: vectors.audit, sealed })).toEqual([]);
    expect(sealFaults({ seals: vectors.seal, known: vectors.seal })).toEqual([]);
  });
});

describe("a line that was changed is found", () => {
  test.each<[string, Partial<AuditLine>]>([
    ["the time", { timeMs: 13 }],
    ["the act", { act: "failed" }],
    ["the details", { details: '{"at": 12}' }],
    ["details that are no JSON", { details: "{" }],
    ["a time that is none", { timeMs: Number.NaN }],
    ["an act that is gone", { act: "" }],
  ])("where it was left at that: %s", (_, changes) => {
    expect(check({ own: withChanges(4, changes) })).toEqual(["LINE_CHANGED 0a1b2c 4"]);
  });

  test("where its digest was computed anew: the next line does not follow from it", () => {
    const forged = own.map((one) => (one.n === 3 ? hashed({ ...one, act: "promoted" }) : one));
    expect(check({ own: forged })).toEqual(["LINE_UNCHAINED 0a1b2c 4"]);
    const sealed = own.map((one) => (one.n === 4 ? hashed({ ...one, act: "failed" }) : one));
    expect(check({ own: sealed })).toEqual(["LINE_UNCHAINED 0a1b2c 5", "CHAIN_REHASHED 0a1b2c 4 2026-11-27"]);
  });

  test("where its digest or its number was", () => {
    const [digest = ""] = own.map((one) => one.digest);
    expect(check({ own: withChanges(6, { digest }) })).toEqual([
      "LINE_CHANGED 0a1b2c 6",
      "CHAIN_REHASHED 0a1b2c 6 2026-11-28",
    ]);
    expect(check({ own: withChanges(6, { n: 7 }) })).toEqual(["LINE_CHANGED 0a1b2c 7", "LINE_MISSING 0a1b2c 6"]);
    expect(check({ own: withChanges(6, { n: 0.5 }) })).toEqual([
      "LINE_CHANGED 0a1b2c 0.5",
      "END_CUT 0a1b2c 6 2026-11-28",
    ]);
  });

  test("where a first line was made to name one before", () => {
    const [first, ...rest] = own;
    const forged = hashed({ ...(first as AuditLine), previous: "0".repeat(64) });
    expect(check({ own: [forged, ...rest] })).toEqual(["LINE_UNCHAINED 0a1b2c 1", "LINE_UNCHAINED 0a1b2c 2"]);
  });

  test("where a second one was put beside it", () => {
    const second = hashed({ ...(own[2] as AuditLine), act: "promoted" });
    expect(check({ own: [...own, second] })).toEqual(["LINE_UNCHAINED 0a1b2c 3", "LINE_UNCHAINED 0a1b2c 4"]);
  });
});

describe("a line that was taken away is found", () => {
  test("from the end", () => {
    expect(check({ own: own.slice(0, 5) })).toEqual(["END_CUT 0a1b2c 6 2026-11-28"]);
    expect(check({ own: own.slice(0, 1) })).toEqual(["END_CUT 0a1b2c 2 2026-11-28"]);
  });

  test("from the end, and others put in its place", () => {
    const instead = hashedAnew(own.map((one) => (one.n === 6 ? { ...one, act: "promoted" } : one)));
    expect(check({ own: instead })).toEqual(["CHAIN_REHASHED 0a1b2c 6 2026-11-28"]);
  });

  test("from the middle, or the beginning", () => {
    expect(check({ own: own.filter(({ n }) => n !== 3) })).toEqual(["LINE_MISSING 0a1b2c 3"]);
    expect(check({ own: own.slice(2) })).toEqual(["LINE_MISSING 0a1b2c 1"]);
  });

  test("and said which, one by its number, several as from which to which", () => {
    const said = (left: AuditLine[]) =>
      chainFaults({ subject: "0a1b2c", lines: left, sealed: [] }).map(({ says }) => says);
    expect(said(own.filter(({ n }) => n !== 3))).toEqual(["Line 3 of 0a1b2c cannot be found, and line 4 can."]);
    expect(said(own.slice(1))).toEqual(["Line 1 of 0a1b2c cannot be found, and line 2 can."]);
    expect(said(own.filter(({ n }) => n < 2 || n > 4))).toEqual([
      "Lines 2 to 4 of 0a1b2c cannot be found, and line 5 can.",
    ]);
  });

  test("with its whole subject", () => {
    expect(check({ own: [] })).toEqual(["SUBJECT_REMOVED 0a1b2c 1 2026-11-28"]);
  });
});

test("a chain hashed anew is found, at the first line that was sealed", () => {
  expect(check({ own: hashedAnew(withChanges(2, { act: "failed" })) })).toEqual(["CHAIN_REHASHED 0a1b2c 2 2026-11-26"]);
  expect(check({ own: hashedAnew(withChanges(3, { act: "promoted" })) })).toEqual([
    "CHAIN_REHASHED 0a1b2c 4 2026-11-27",
  ]);
});

describe("of seals", () => {
  const [first, second, third] = seals as [Seal, Seal, Seal];
  const [head, ...heads] = second.heads;
  const raised = { ...(head as Seal["heads"][number]), n: 1 };

  test.each<[string, Partial<Seal>]>([
    ["heads", { heads: [raised, ...heads] }],
    ["a head that is gone", { heads }],
    ["a subject that stands there twice", { heads: [...second.heads, ...second.heads] }],
    ["the digest", { digest: first.digest }],
  ])("one that was changed is found: %s", (_, changes) => {
    expect(check({ seals: [first, { ...second, ...changes }, third] })).toContain("SEAL_CHANGED 2026-11-27");
  });

  test("one that does not follow from its predecessor is found", () => {
    expect(check({ seals: [first, third] })).toEqual(["SEAL_UNCHAINED 2026-11-28"]);
    expect(check({ seals: [second, third] })).toEqual(["SEAL_UNCHAINED 2026-11-27"]);
    const [anew] = sealedDaily(days.slice(1));
    expect(check({ seals: [first, anew as Seal, third] })).toEqual([
      "SEAL_UNCHAINED 2026-11-27",
      "SEAL_UNCHAINED 2026-11-28",
    ]);
  });
});

test("the last of the seals is that of the latest day, in whatever order they come", () => {
  const checked = new CheckedSeals();
  expect([checked.count, checked.last]).toEqual([0, undefined]);
  for (const index of [1, 2, 0]) checked.add(seals[index] as Seal);
  expect([checked.count, checked.last]).toEqual([3, known[2]]);
});

test("the heads are kept of whoever is meant alone", () => {
  const checked = new CheckedSeals((subject) => subject === "0a1b2c");
  for (const seal of seals) checked.add(seal);
  expect([...checked.heads].map(([subject, heads]) => [subject, heads.map(({ n, day }) => `${n} ${day}`)])).toEqual([
    ["0a1b2c", ["2 2026-11-26", "4 2026-11-27", "6 2026-11-28"]],
  ]);
});

describe("what has its worth outside", () => {
  const forged = hashedAnew(withChanges(3, { act: "promoted" }));
  const forgedDays = days.map(({ day, lines }) => ({
    day,
    lines: lines.map((one) => forged.find(({ subject, n }) => subject === one.subject && n === one.n) ?? one),
  }));

  test("chains and seals hashed anew are found by the digests that are known outside, and by nothing else", () => {
    const anew = { own: forged, seals: sealedDaily(forgedDays) };
    expect(check(anew)).toEqual([]);
    expect(check({ ...anew, known: known.slice(0, 1) })).toEqual([]);
    expect(check({ ...anew, known: known.slice(2) })).toEqual(["SEAL_REPLACED 2026-11-28"]);
    expect(check({ ...anew, known })).toEqual(["SEAL_REPLACED 2026-11-27", "SEAL_REPLACED 2026-11-28"]);
  });

  test("so is a table that was restored to yesterday", () => {
    const restored = { own: own.slice(0, 4), seals: seals.slice(0, 2) };
    expect(check(restored)).toEqual([]);
    expect(check({ ...restored, known })).toEqual(["TABLE_RESTORED 2026-11-28"]);
    const emptied = auditFaults({ lines: [], seals: [], known: known.slice(0, 1) });
    expect(found(emptied)).toEqual(["TABLE_RESTORED 2026-11-26"]);
    expect(emptied[0]?.says).toContain("known outside, and there is none");
  });

  test("and one that went on after it was restored", () => {
    const [first, , today] = days as [(typeof days)[0], (typeof days)[0], (typeof days)[0]];
    const goesOn = chained([...first.lines, line("0a1b2c", "promoted", 23)]);
    const resealed = sealedDaily([first, { ...today, lines: goesOn.slice(-1) }]);
    expect(found(auditFaults({ lines: goesOn, seals: resealed }))).toEqual([]);
    expect(found(auditFaults({ lines: goesOn, seals: resealed, known }))).toEqual([
      "SEAL_MISSING 2026-11-27",
      "SEAL_REPLACED 2026-11-28",
    ]);
  });

  test("two digests of one day are both held against it", () => {
    const mailed = [...known, { day: "2026-11-27", digest: "0".repeat(64) }];
    expect(check({ known: mailed })).toEqual(["SEAL_REPLACED 2026-11-27"]);
  });
});

test("an error that is not about a malformed line is thrown", () => {
  const broken = {
    ...(own[0] as AuditLine),
    get details(): string {
      throw new RangeError("not of this check");
    },
  };
  expect(() => chainFaults({ subject: "0a1b2c", lines: [broken], sealed: [] })).toThrow("not of this check");
});
