import { beforeAll, beforeEach, expect, test } from "vitest";
import { dayOf } from "../../../functions/audit/days.ts";
import type { Audit, LineKey } from "../../../functions/clients/audit.ts";
import { type AuditLine, headsInOrder, type Seal, sealDigest } from "../../../protocol/index.ts";
import { chained } from "../../protocol/audit-chains.ts";
import { hex64Of, NOW } from "../support.ts";
import { eventually } from "./eventually.ts";

const A_DAY_MS = 24 * 3600 * 1000;
let drawn = 0;

/** A subject that no other test has, and a moment on a day that none has. */
function fresh(): { subject: string; at: number } {
  drawn += 1;
  return { subject: `wörker ${drawn}#db`, at: NOW + drawn * A_DAY_MS };
}

function linesOf(subject: string, count: number): AuditLine[] {
  return chained(
    Array.from({ length: count }, (_, index) => ({
      ...{ subject, timeMs: NOW + index, act: "promoted" },
      details: `{ "by": "wörker \\"${index}\\"" }`,
    })),
  );
}

function sealAfter(previous: Seal | undefined, day: string, heads: Seal["heads"]): Seal {
  const content = { previous: previous?.digest ?? "", day, heads };
  return { ...content, digest: sealDigest(content) };
}

const headsOf = (count: number, subject = "0a1b2c"): Seal["heads"] =>
  headsInOrder(
    Array.from({ length: count }, (_, index) => ({
      ...{ subject: `${subject} ${index}`, n: index + 1, digest: hex64Of(subject) },
    })),
  );

/** What all audits do; `makeAudit` is called once, for an empty one. */
export function auditSuite(makeAudit: () => Audit | Promise<Audit>): void {
  let audit: Audit;
  beforeAll(async () => {
    audit = await makeAudit();
  });

  /** The keys of a day, in pages, in order; asked again until there are so many, since an index is late. */
  async function keysOf(day: string, count: number, limit?: number): Promise<{ keys: LineKey[]; pages: number }> {
    const all = async () => {
      const keys: LineKey[] = [];
      let pages = 0;
      let after: string | undefined;
      do {
        const page = await audit.keysOfDay(day, { after, ...(limit !== undefined && { limit }) });
        keys.push(...page.keys);
        pages += 1;
        after = page.next;
      } while (after !== undefined);
      const inOrder = keys.sort((one, other) => one.subject.localeCompare(other.subject) || one.n - other.n);
      return { keys: inOrder, pages };
    };
    return eventually(all, ({ keys }) => keys.length === count);
  }

  test("a line that was put is found, and is the last until another is", async () => {
    const { subject, at } = fresh();
    const [first, second] = linesOf(subject, 2) as [AuditLine, AuditLine];
    expect(await audit.line(first)).toBeUndefined();
    expect(await audit.last(subject)).toBeUndefined();
    expect(await audit.lines(subject)).toEqual({ lines: [] });
    for (const line of [first, second]) {
      expect(await audit.put(line, { at })).toBe(true);
      expect(await audit.line(line)).toEqual(line);
      expect(await audit.last(subject)).toEqual(line);
    }
    expect(await audit.lines(subject)).toEqual({ lines: [first, second] });
  });

  test("the same line again is put, on whatever day, and changes nothing", async () => {
    const { subject, at } = fresh();
    const [line] = linesOf(subject, 1) as [AuditLine];
    await audit.put(line, { at });
    expect(await audit.put(line, { at: at + A_DAY_MS / 2 })).toBe(true);
    expect(await keysOf(dayOf(at), 1)).toMatchObject({ keys: [{ subject, n: 1 }] });
  });

  test.each<[string, Partial<AuditLine>]>([
    ["time", { timeMs: NOW + 1 }],
    ["act", { act: "failed" }],
    ["details", { details: "{}" }],
    ["predecessor", { previous: hex64Of("another") }],
    ["digest", { digest: hex64Of("another") }],
  ])("a line in whose place one with another %s lies is not put, and that stays", async (_, changes) => {
    const { subject, at } = fresh();
    const [line] = linesOf(subject, 1) as [AuditLine];
    await audit.put(line, { at });
    expect(await audit.put({ ...line, ...changes }, { at })).toBe(false);
    expect(await audit.line(line)).toEqual(line);
  });

  test("of two that are put at once in one place, one lies there and the other is told", async () => {
    const { subject, at } = fresh();
    const [line] = linesOf(subject, 1) as [AuditLine];
    const both = [line, { ...line, act: "failed" }];
    const put = await Promise.all(both.map((one) => audit.put(one, { at })));
    expect(put.toSorted()).toEqual([false, true]);
    expect(await audit.line(line)).toEqual(both[put.indexOf(true)]);
  });

  test("lines are read in the order of their numbers, a page at a time, from wherever one wants", async () => {
    const { subject, at } = fresh();
    const lines = linesOf(subject, 11);
    for (const line of lines.toReversed()) await audit.put(line, { at });
    expect((await audit.lines(subject)).lines).toEqual(lines);
    const page = await audit.lines(subject, { after: 3, limit: 4 });
    expect(page).toEqual({ lines: lines.slice(3, 7), next: 7 });
    expect(await audit.lines(subject, { after: page.next })).toEqual({ lines: lines.slice(7) });
  });

  test("the keys of a day are those of all subjects that were put on it, and of none on the next", async () => {
    const [one, other] = [fresh(), fresh()];
    const at = Math.floor(one.at / A_DAY_MS) * A_DAY_MS;
    for (const line of [...linesOf(one.subject, 3), ...linesOf(other.subject, 2)]) {
      await audit.put(line, { at: line.n === 1 ? at : at + A_DAY_MS - 1 });
    }
    await audit.put(linesOf(one.subject, 4)[3] as AuditLine, { at: at + A_DAY_MS });
    const expected = [
      ...[1, 2, 3].map((n) => ({ subject: one.subject, n })),
      ...[1, 2].map((n) => ({ subject: other.subject, n })),
    ];
    expect((await keysOf(dayOf(at), 5)).keys).toEqual(expected);
    const inPages = await keysOf(dayOf(at), 5, 2);
    expect(inPages.keys).toEqual(expected);
    expect(inPages.pages).toBeGreaterThan(2);
    expect((await keysOf(dayOf(at + A_DAY_MS), 1)).keys).toEqual([{ subject: one.subject, n: 4 }]);
  });

  test("a subject may be as long as the longest name of a secret, and stands apart from those that begin like it", async () => {
    const { subject: begin, at } = fresh();
    const subject = begin.padEnd(512, "ö");
    const [line] = linesOf(subject, 1) as [AuditLine];
    expect(await audit.put(line, { at })).toBe(true);
    expect(await audit.last(subject)).toEqual(line);
    expect(await audit.last(subject.slice(1))).toBeUndefined();
    expect(await audit.last(begin)).toBeUndefined();
  });

  test.each([
    ["nothing", ""],
    ["513 characters", "a".repeat(513)],
    ["what seals lie under", "seal#2026-11-26"],
  ])("under %s no line is put", async (_, subject) => {
    const [line] = linesOf("0a1b2c", 1) as [AuditLine];
    await expect(audit.put({ ...line, subject }, { at: NOW })).rejects.toThrow(/^subject must be 1 to 512 characters/);
  });

  // One chain for all tests: each goes on from what the ones before have put.
  let last: Seal | undefined;
  let day: string;
  beforeEach(async () => {
    last = await audit.lastSeal();
    day = dayOf(fresh().at);
  });

  test("a seal that was put is the last, and that of its day", async () => {
    expect(last).toBeUndefined();
    const first = sealAfter(last, day, headsOf(3, "wörker"));
    expect(await audit.sealOf(day)).toBeUndefined();
    expect(await audit.putSeal(first)).toBe(true);
    expect(await audit.lastSeal()).toEqual(first);
    const second = sealAfter(first, dayOf(fresh().at), []);
    expect(await audit.putSeal(second)).toBe(true);
    expect(await audit.lastSeal()).toEqual(second);
    expect(await audit.sealOf(first.day)).toEqual(first);
    expect(await audit.sealOf(second.day)).toEqual(second);
  });

  test("the same seal again stands, and one of other heads does not take its place", async () => {
    const seal = sealAfter(last, day, headsOf(2));
    await audit.putSeal(seal);
    expect(await audit.putSeal(seal)).toBe(true);
    expect(await audit.putSeal(sealAfter(last, day, headsOf(3)))).toBe(false);
    expect(await audit.putSeal(sealAfter(seal, day, headsOf(3)))).toBe(false);
    expect(await audit.lastSeal()).toEqual(seal);
  });

  test("a seal that names another predecessor than the last, or is of an earlier day, does not stand", async () => {
    const seal = sealAfter(last, dayOf(fresh().at), headsOf(1));
    await audit.putSeal(seal);
    expect(await audit.putSeal(sealAfter(last, dayOf(fresh().at), headsOf(1)))).toBe(false);
    expect(await audit.putSeal(sealAfter(undefined, dayOf(fresh().at), headsOf(1)))).toBe(false);
    expect(await audit.putSeal(sealAfter(seal, day, headsOf(1)))).toBe(false);
    expect(await audit.sealOf(day)).toBeUndefined();
    expect(await audit.lastSeal()).toEqual(seal);
  });

  test("of two that are put at once one stands, whole, and the other is told", async () => {
    const both = [2, 3].map((count) => sealAfter(last, day, headsOf(count)));
    const put = await Promise.all(both.map((seal) => audit.putSeal(seal)));
    expect(put.toSorted()).toEqual([false, true]);
    expect(await audit.sealOf(day)).toEqual(both[put.indexOf(true)]);
  });

  test("a seal may have thousands of heads, and some of the longest names", async () => {
    const seal = sealAfter(last, day, [...headsOf(3_000), ...headsOf(300, "ö".repeat(500))]);
    expect(await audit.putSeal(seal)).toBe(true);
    expect(await audit.sealOf(day)).toEqual(seal);
  });

  test("the same seal with its heads in another order is the same, and has them in order", async () => {
    const seal = sealAfter(last, day, headsOf(20));
    expect(await audit.putSeal({ ...seal, heads: seal.heads.toReversed() })).toBe(true);
    expect(await audit.putSeal(seal)).toBe(true);
    expect(await audit.sealOf(day)).toEqual(seal);
  });

  test("seals are listed in their order, a page at a time, and are no lines of any day", async () => {
    const seal = sealAfter(last, day, headsOf(1));
    await audit.putSeal(seal);
    const { seals } = await audit.seals();
    expect(seals.at(-1)).toEqual(seal);
    expect(seals.map(({ previous }) => previous)).toEqual(["", ...seals.slice(0, -1).map(({ digest }) => digest)]);
    const page = await audit.seals({ limit: 2 });
    expect(page.seals).toEqual(seals.slice(0, 2));
    expect(await audit.seals({ after: page.next })).toEqual({ seals: seals.slice(2) });
    expect(await audit.keysOfDay(day)).toEqual({ keys: [] });
  });
}
