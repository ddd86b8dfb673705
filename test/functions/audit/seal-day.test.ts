import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayBefore, dayOf } from "../../../functions/audit/days.ts";
import { putDue } from "../../../functions/audit/put-due.ts";
import { sealDay } from "../../../functions/audit/seal-day.ts";
import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import type { Audit, LineKey } from "../../../functions/clients/audit.ts";
import { auditFaults, sealDigest } from "../../../protocol/index.ts";
import { countedAudit } from "./counted.ts";

type FakeAudit = ReturnType<typeof fakeAudit>;

const [MONDAY, TUESDAY, WEDNESDAY, FRIDAY] = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"] as const;

/** Puts lines about subjects on a day, each after the last one. */
async function putOn(audit: FakeAudit, day: string, ...subjects: string[]): Promise<void> {
  for (const subject of subjects) {
    const head = await audit.last(subject);
    const timeMs = Date.parse(day) + audit.lying.length;
    await putDue(audit, { subject, head, due: [{ act: "promoted", timeMs, details: "{}" }], at: timeMs });
  }
}

/** What a day's seal covers: subjects and numbers, in order. */
async function covered(audit: Audit, day: string): Promise<string[]> {
  const { heads } = await sealDay(audit, day);
  return heads.map(({ subject, n }) => `${subject} ${n}`).sort();
}

/** An audit whose index does not know of some lines yet. */
function lagging(audit: FakeAudit, isMissing: (key: LineKey) => boolean): Audit {
  return {
    ...audit,
    async keysOfDay(day, page) {
      const read = await audit.keysOfDay(day, page);
      return { ...read, keys: read.keys.filter((key) => !isMissing(key)) };
    },
  };
}

describe("a day's seal", () => {
  test("covers the last line of each subject, chained to the seal before, and stands", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "b", "a", "c");
    const monday = await sealDay(audit, MONDAY);
    const heads = [await audit.last("a"), await audit.last("b"), await audit.last("c")].map((line) => ({
      ...{ subject: line?.subject ?? "", n: line?.n ?? 0, digest: line?.digest ?? "" },
    }));
    const content = { previous: "", day: MONDAY, heads };
    expect(monday).toEqual({ ...content, digest: sealDigest(content) });
    expect(await audit.lastSeal()).toEqual(monday);
    await putOn(audit, TUESDAY, "c", "d");
    expect(await sealDay(audit, TUESDAY)).toMatchObject({ previous: monday.digest, day: TUESDAY });
    expect(await covered(audit, TUESDAY)).toEqual(["c 2", "d 1"]);
    expect(auditFaults({ lines: audit.lying, seals: audit.standing })).toEqual([]);
  });

  test("is put for a day without lines, too, the first included", async () => {
    const audit = fakeAudit();
    const first = await sealDay(audit, MONDAY);
    expect(first).toEqual({
      previous: "",
      day: MONDAY,
      heads: [],
      digest: sealDigest({ previous: "", day: MONDAY, heads: [] }),
    });
    expect(await sealDay(audit, TUESDAY)).toMatchObject({ previous: first.digest, heads: [] });
  });

  test("is given again where it stands, whatever was put since, and after later ones as well", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a");
    const monday = await sealDay(audit, MONDAY);
    await putOn(audit, MONDAY, "a", "b");
    expect(await sealDay(audit, MONDAY)).toEqual(monday);
    await sealDay(audit, TUESDAY);
    expect(await sealDay(audit, MONDAY)).toEqual(monday);
    expect(audit.standing).toHaveLength(2);
  });

  test("of a day that was passed over is the one that covers it", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a");
    const tuesday = await sealDay(audit, TUESDAY);
    expect(await sealDay(audit, MONDAY)).toEqual(tuesday);
  });

  test("covers nothing that was put on a later day", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a");
    await putOn(audit, TUESDAY, "a", "b");
    expect(await covered(audit, MONDAY)).toEqual(["a 1"]);
    expect(await covered(audit, TUESDAY)).toEqual(["a 2", "b 1"]);
  });

  test("covers what came on the day before after that was sealed, and nothing twice", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "b", "c");
    await sealDay(audit, MONDAY);
    await putOn(audit, MONDAY, "b", "d");
    expect(await covered(audit, TUESDAY)).toEqual(["b 2", "d 1"]);
    expect(await covered(audit, WEDNESDAY)).toEqual([]);
  });

  test("covers nothing twice where clocks do not agree about midnight", async () => {
    const audit = fakeAudit();
    await putOn(audit, TUESDAY, "a");
    await putOn(audit, MONDAY, "a");
    expect(await covered(audit, MONDAY)).toEqual(["a 2"]);
    expect(await covered(audit, TUESDAY)).toEqual([]);
    expect(await covered(audit, WEDNESDAY)).toEqual([]);
  });

  test("covers what the index did not know the day before", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "b", "b");
    const late = lagging(audit, ({ subject, n }) => subject === "a" || n === 2);
    expect(await covered(late, MONDAY)).toEqual(["b 1"]);
    expect(await covered(audit, TUESDAY)).toEqual(["a 1", "b 2"]);
  });

  test("covers all days since the last seal, where nobody sealed for three", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "b");
    await sealDay(audit, MONDAY);
    await putOn(audit, MONDAY, "late");
    await putOn(audit, TUESDAY, "a");
    await putOn(audit, WEDNESDAY, "c", "a");
    expect(await covered(audit, FRIDAY)).toEqual(["a 3", "c 1", "late 1"]);
    expect(auditFaults({ lines: audit.lying, seals: audit.standing })).toEqual([]);
  });

  test("the first of all covers what was put in the hundred days before", async () => {
    const audit = fakeAudit();
    await putOn(audit, dayBefore(MONDAY, 100), "a");
    await putOn(audit, dayBefore(MONDAY, 40), "b");
    expect(await covered(audit, MONDAY)).toEqual(["a 1", "b 1"]);
  });
});

describe("several who seal at once", () => {
  test("put one seal", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a");
    const [one, other] = await Promise.all([sealDay(audit, MONDAY), sealDay(audit, MONDAY)]);
    expect(one).toEqual(other);
    expect(audit.standing).toEqual([one]);
  });

  test.each([
    ["the same day, of other heads", MONDAY],
    ["a later day", TUESDAY],
    ["an earlier day", dayBefore(MONDAY, 1)],
  ])("leave one chain where somebody was faster with %s", async (_, day) => {
    const audit = fakeAudit();
    await putOn(audit, dayBefore(MONDAY, 1), "b");
    await putOn(audit, MONDAY, "a");
    let first = true;
    const overtaken: Audit = {
      ...audit,
      async putSeal(seal) {
        if (first) {
          first = false;
          await putOn(audit, MONDAY, "a");
          await sealDay(audit, day);
        }
        return audit.putSeal(seal);
      },
    };
    const seal = await sealDay(overtaken, MONDAY);
    expect(audit.standing).toContainEqual(seal);
    expect(seal.day >= MONDAY).toBe(true);
    expect(auditFaults({ lines: audit.lying, seals: audit.standing })).toEqual([]);
    expect(audit.standing.flatMap(({ heads }) => heads.map(({ subject, n }) => `${subject} ${n}`)).sort()).toEqual([
      "a 2",
      "b 1",
    ]);
  });
});

describe("what somebody wrote past the client", () => {
  test("a line that is in the index and gone from the table stops the seal, until the index has forgotten it", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "a", "b");
    const gone = {
      ...audit,
      line: async (key: LineKey) => (key.subject === "a" && key.n === 2 ? undefined : audit.line(key)),
    };
    await expect(sealDay(gone, MONDAY)).rejects.toMatchObject({
      name: "LineGone",
      message: expect.stringContaining("Line 2 of a is in the audit's index and not in its table"),
    });
    expect(audit.standing).toEqual([]);
    audit.lying.splice(1, 1);
    expect(await covered(audit, MONDAY)).toEqual(["a 1", "b 1"]);
  });

  test.each([0.5, -1, 2 ** 53])("a line of number %d is not sealed, and holds up no other", async (n) => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "b");
    Object.assign(audit.lying[0] ?? {}, { n });
    expect(await covered(audit, MONDAY)).toEqual(["b 1"]);
    expect(auditFaults({ lines: audit.lying, seals: audit.standing })).toMatchObject([
      { what: "LINE_CHANGED", subject: "a", n },
    ]);
  });

  test("a line whose digest is none is not sealed, and holds up no other", async () => {
    const audit = fakeAudit();
    await putOn(audit, MONDAY, "a", "b");
    Object.assign(audit.lying[0] ?? {}, { digest: "" });
    expect(await covered(audit, MONDAY)).toEqual(["b 1"]);
    expect(auditFaults({ lines: audit.lying, seals: audit.standing })).toMatchObject([
      { what: "LINE_CHANGED", subject: "a", n: 1 },
    ]);
  });
});

describe("how many calls it takes", () => {
  test("for a day after a day: the last seal, both days, a line for each subject with new ones, and the seal", async () => {
    const audit = countedAudit();
    await putOn(audit, MONDAY, "a", "b", "c");
    await sealDay(audit, MONDAY);
    await putOn(audit, TUESDAY, "a", "a", "d");
    audit.calls.length = 0;
    await sealDay(audit, TUESDAY);
    expect(audit.calls).toEqual(["lastSeal", "sealOf", "keysOfDay", "keysOfDay", "line", "line", "putSeal"]);
    audit.calls.length = 0;
    await sealDay(audit, TUESDAY);
    expect(audit.calls).toEqual(["lastSeal"]);
  });

  test("ten thousand lines are read in pages, and no more than fifty heads at once", async () => {
    const audit = fakeAudit();
    const digest = "0".repeat(64);
    for (let index = 0; index < 10_000; index += 1) {
      const line = { subject: `${index % 4_000}`, n: 1 + Math.floor(index / 4_000), timeMs: 1, act: "promoted" };
      audit.lying.push({ ...line, details: "{}", previous: "", digest, day: MONDAY });
    }
    let [atOnce, most, pages] = [0, 0, 0];
    const busy: Audit = {
      ...audit,
      async line(key) {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise(setImmediate);
        atOnce -= 1;
        return { ...key, timeMs: 1, act: "promoted", details: "{}", previous: "", digest };
      },
      keysOfDay(day, page) {
        pages += day === MONDAY ? 1 : 0;
        return audit.keysOfDay(day, { ...page, limit: 3_000 });
      },
    };
    const { heads } = await sealDay(busy, MONDAY);
    expect(heads).toHaveLength(4_000);
    expect(heads.filter(({ n }) => n === 3)).toHaveLength(2_000);
    expect([most, pages]).toEqual([50, 4]);
  });
});

test("however lines come and whoever seals when, each line is covered once its day and the next are sealed, by one seal", async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ put: fc.constantFrom("a", "b", "c"), late: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({ days: fc.integer({ min: 0, max: 3 }), seal: fc.boolean(), lag: fc.boolean() }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const audit = fakeAudit();
      let now = Date.parse(MONDAY);
      for (const one of steps) {
        if ("put" in one) {
          // A clock that was read just before midnight, of a put that comes after it.
          await putOn(audit, one.late ? dayBefore(dayOf(now), 1) : dayOf(now), one.put);
          continue;
        }
        const newest = audit.lying.at(-1);
        const yesterday = dayBefore(dayOf(now), 1);
        // An index may not know yet what was put just before midnight.
        const isMissing = ({ subject, n }: LineKey) =>
          one.lag && newest?.day === yesterday && subject === newest.subject && n === newest.n;
        if (one.seal) await sealDay(lagging(audit, isMissing), yesterday);
        now += one.days * 86_400_000;
      }
      await sealDay(audit, dayOf(now));
      await sealDay(audit, dayOf(now + 86_400_000));
      expect(auditFaults({ lines: audit.lying, seals: audit.standing })).toEqual([]);
      const sealed = new Map<string, number>();
      for (const { subject, n } of audit.standing.flatMap(({ heads }) => heads)) {
        expect(n).toBeGreaterThan(sealed.get(subject) ?? 0);
        sealed.set(subject, n);
      }
      for (const { subject, n } of audit.lying) expect(sealed.get(subject)).toBeGreaterThanOrEqual(n);
    }),
  );
});
