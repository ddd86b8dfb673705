import fc from "fast-check";
import { expect, test } from "vitest";
import { type AuditLine, auditFaults } from "../../protocol/index.ts";
import { chained, hashed, hashedAnew, sealedDaily } from "./audit-chains.ts";

const SUBJECTS = ["0a1b2c", "orders/db", "wörker/😀"];
const DAYS = ["2026-11-26", "2026-11-27", "2026-11-28"];

const contents = fc.array(
  fc.record({
    subject: fc.constantFrom(...SUBJECTS),
    timeMs: fc.nat(),
    act: fc.string({ minLength: 1, unit: "grapheme" }),
    details: fc.json(),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Lines, each with the day that it is sealed on, ascending; those of no day come last and are not sealed. */
const audits = fc
  .tuple(contents, fc.array(fc.nat({ max: DAYS.length }), { minLength: 12, maxLength: 12 }))
  .map(([all, places]) => {
    const lines = chained(all);
    const day = places.slice(0, lines.length).sort((one, other) => one - other);
    const days = DAYS.map((name, index) => ({ day: name, lines: lines.filter((_, at) => day[at] === index) }));
    const last = new Map(days.flatMap((one) => one.lines).map(({ subject, n }) => [subject, n]));
    const sealed = lines.filter(({ subject, n }) => n <= (last.get(subject) ?? 0));
    return { lines, days, seals: sealedDaily(days), sealed };
  });

/** What is done to one line, and how well it is hidden. */
const mutations = fc.record({
  place: fc.nat(),
  change: fc.oneof(
    fc.record({ timeMs: fc.nat() }),
    fc.record({ act: fc.string({ unit: "grapheme" }) }),
    fc.record({ details: fc.oneof(fc.json(), fc.string({ unit: "grapheme" })) }),
    fc.record({ previous: fc.constantFrom("", "0".repeat(64)) }),
    fc.record({ digest: fc.constantFrom("", "0".repeat(64)) }),
    fc.record({ n: fc.integer({ min: -1, max: 14 }) }),
    fc.record({ subject: fc.constantFrom(...SUBJECTS, "ffffff") }),
    fc.constant("removed" as const),
    fc.constant("cut" as const),
  ),
  hidden: fc.constantFrom("not", "in the line", "in the chain"),
});
type Mutation = typeof mutations extends fc.Arbitrary<infer M> ? M : never;

/** The lines after it; undefined where it changes nothing. */
function mutated(lines: AuditLine[], target: AuditLine, { change, hidden }: Mutation): AuditLine[] | undefined {
  if (change === "removed") return hide(lines.filter((line) => line !== target));
  if (change === "cut") return lines.filter(({ subject, n }) => subject !== target.subject || n < target.n);
  const forged: AuditLine = { ...target, ...change };
  if (JSON.stringify(forged) === JSON.stringify(target)) return undefined;
  return hide(lines.map((line) => (line === target ? forged : line)));

  function hide(after: AuditLine[]): AuditLine[] {
    try {
      if (hidden === "in the line") return after.map((line) => (line === forged ? hashed(line) : line));
      if (hidden === "in the chain") return [...Map.groupBy(after, ({ subject }) => subject).values()].flatMap(inChain);
    } catch {
      // Of what is malformed there is no digest to hide it with.
    }
    return after;
  }
}

function inChain(lines: AuditLine[]): AuditLine[] {
  return hashedAnew(lines.toSorted((one, other) => one.n - other.n));
}

const isSame = (one: AuditLine[], other: AuditLine[]) =>
  JSON.stringify(one.map((line) => JSON.stringify(line)).sort()) ===
  JSON.stringify(other.map((line) => JSON.stringify(line)).sort());

test("in lines and seals as they were put nothing is found", () => {
  fc.assert(
    fc.property(audits, ({ lines, seals }) => {
      expect(auditFaults({ lines, seals, known: seals })).toEqual([]);
    }),
  );
});

test("whatever is done to one sealed line is found, and its subject named, however it is hidden", () => {
  fc.assert(
    fc.property(audits, mutations, ({ lines, seals, sealed }, mutation) => {
      fc.pre(sealed.length > 0);
      const target = sealed[mutation.place % sealed.length] as AuditLine;
      const after = mutated(lines, target, mutation);
      fc.pre(after !== undefined && !isSame(after, lines));
      const faults = auditFaults({ lines: after ?? [], seals });
      expect(faults.map(({ subject }) => subject)).toContain(target.subject);
    }),
    { numRuns: 500 },
  );
});

test("what is hidden in the seals as well is found by the newest digest from outside", () => {
  fc.assert(
    fc.property(audits, fc.nat(), ({ lines, days, seals, sealed }, place) => {
      fc.pre(sealed.length > 0);
      const target = sealed[place % sealed.length] as AuditLine;
      const forged = lines.map((line) => (line === target ? { ...line, act: `not ${line.act}` } : line));
      const anew = [...Map.groupBy(forged, ({ subject }) => subject).values()].flatMap(hashedAnew);
      const anewOf = ({ subject, n }: AuditLine) => anew.filter((line) => line.subject === subject && line.n === n);
      const sealedAnew = sealedDaily(days.map(({ day, lines: of }) => ({ day, lines: of.flatMap(anewOf) })));
      expect(auditFaults({ lines: anew, seals: sealedAnew })).toEqual([]);
      const found = auditFaults({ lines: anew, seals: sealedAnew, known: seals.slice(-1) });
      expect(found.map(({ what, day }) => ({ what, day }))).toEqual([{ what: "SEAL_REPLACED", day: DAYS.at(-1) }]);
    }),
  );
});
