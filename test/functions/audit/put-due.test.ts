import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { putDue } from "../../../functions/audit/put-due.ts";
import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import type { DueLine, KnownHead } from "../../../functions/record/audit.ts";
import { auditFaults } from "../../../protocol/index.ts";
import { hex64Of, ID, NOW } from "../support.ts";
import { countedAudit } from "./counted.ts";

const at = NOW;
const due = (act: string, timeMs = NOW): DueLine => ({
  act,
  timeMs,
  details: { execution: `${ID}-1`, by: "schedule" },
});

/** Puts lines about the one subject. */
const put = (audit: ReturnType<typeof fakeAudit>, head: KnownHead | undefined, ...lines: DueLine[]) =>
  putDue(audit, { subject: ID, head, due: lines, at });
const actsIn = (audit: ReturnType<typeof fakeAudit>) => audit.lying.map(({ n, act }) => `${n} ${act}`);
const headOf = ({ lying }: ReturnType<typeof fakeAudit>) => {
  const { n = 0, digest = "" } = lying.at(-1) ?? {};
  return { n, digest };
};

describe("in the ordinary case", () => {
  test("a due line is put after the last one, by one call, and is the head then", async () => {
    const audit = countedAudit();
    const first = await put(audit, undefined, due("registered"));
    expect(first).toMatchObject({ n: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const second = await put(audit, first, due("promoted", NOW + 1));
    expect(second).toEqual(headOf(audit));
    expect(audit.calls).toEqual(["put", "put"]);
    expect(actsIn(audit)).toEqual(["1 registered", "2 promoted"]);
    expect(auditFaults({ lines: audit.lying, seals: [] })).toEqual([]);
  });

  test("several come in their order, one call for each", async () => {
    const audit = countedAudit();
    await put(audit, { n: 0, digest: "" }, due("registered"), due("promoted"), due("failed"));
    expect(actsIn(audit)).toEqual(["1 registered", "2 promoted", "3 failed"]);
    expect(audit.calls).toHaveLength(3);
  });

  test("where nothing is due nothing is asked, and the head stays", async () => {
    const audit = countedAudit();
    const head = { n: 7, digest: hex64Of("seven") };
    expect(await put(audit, head)).toEqual(head);
    expect(audit.calls).toEqual([]);
  });

  test("details are stored as the text that they are, or with their keys in order", async () => {
    const audit = fakeAudit();
    await put(audit, undefined, { ...due("a"), details: '{ "b":1, "a":2 }' });
    await put(audit, headOf(audit), { ...due("b"), details: { b: [{ d: 1, c: null }, "x"], a: 2, left: undefined } });
    expect(audit.lying.map(({ details }) => details)).toEqual([
      '{ "b":1, "a":2 }',
      '{"a":2,"b":[{"c":null,"d":1},"x"]}',
    ]);
  });

  test("the day is that of the put, and not of the act", async () => {
    const audit = fakeAudit();
    await put(audit, undefined, due("registered", NOW - 3 * 86_400_000));
    expect(audit.lying).toMatchObject([{ day: "2026-11-20", timeMs: NOW - 3 * 86_400_000 }]);
  });
});

describe("a line that lies there already is not put twice", () => {
  test("where nobody noted it, after one call, its details' keys in whatever order", async () => {
    const audit = countedAudit();
    const head = await put(audit, undefined, due("registered"));
    const again = { ...due("registered"), details: { by: "schedule", execution: `${ID}-1` } };
    expect(await put(audit, undefined, again)).toEqual(head);
    expect(audit.calls).toEqual(["put", "put"]);
    expect(actsIn(audit)).toEqual(["1 registered"]);
  });

  test("where it lies above others that the record does not know either", async () => {
    const audit = countedAudit();
    const known = await put(audit, undefined, due("registered"));
    await put(audit, known, due("promoted", NOW + 1), due("failed", NOW + 2), due("promoted", NOW + 3));
    audit.calls.length = 0;
    const head = await put(audit, known, due("failed", NOW + 2), due("retired", NOW + 4));
    expect(actsIn(audit)).toEqual(["1 registered", "2 promoted", "3 failed", "4 promoted", "5 retired"]);
    expect(head).toEqual(headOf(audit));
    expect(audit.calls).toEqual(["put", "lines", "put"]);
  });

  test("where it is due twice", async () => {
    const audit = fakeAudit();
    await put(audit, undefined, due("registered"), due("registered"));
    expect(actsIn(audit)).toEqual(["1 registered"]);
  });

  test.each<[string, Partial<DueLine>]>([
    ["act", { act: "failed" }],
    ["time", { timeMs: NOW + 1 }],
    ["details", { details: {} }],
  ])("one of another %s is", async (_, changes) => {
    const audit = fakeAudit();
    await put(audit, undefined, due("promoted"));
    await put(audit, undefined, { ...due("promoted"), ...changes });
    expect(audit.lying).toHaveLength(2);
  });
});

describe("where the record is behind", () => {
  test("a line goes on from the last one, over pages of others", async () => {
    const audit = countedAudit();
    await put(audit, undefined, ...Array.from({ length: 25 }, (_, index) => due("promoted", NOW + index)));
    const inPages = { ...audit, lines: (subject: string, page = {}) => audit.lines(subject, { limit: 10, ...page }) };
    audit.calls.length = 0;
    expect(await put(inPages, undefined, due("retired", NOW + 99))).toMatchObject({ n: 26 });
    expect(audit.calls).toEqual(["put", "lines", "lines", "lines", "put"]);
    expect(auditFaults({ lines: audit.lying, seals: [] })).toEqual([]);
  });

  test("and others put lines at the same time, each line comes once, in one chain", async () => {
    const audit = fakeAudit();
    const acts = ["a", "b", "c", "d", "e"];
    await Promise.all(acts.map((act) => put(audit, undefined, due(act), due(`${act}${act}`))));
    const lying = audit.lying.map(({ act }) => act).sort();
    expect(lying).toEqual([...acts, ...acts.map((act) => act + act)].sort());
    expect(auditFaults({ lines: audit.lying, seals: [] })).toEqual([]);
  });
});

test("lines that the record knows and the table has lost are a gap that a check finds", async () => {
  const audit = fakeAudit();
  const head = await put(audit, undefined, due("registered"), due("promoted", NOW + 1));
  audit.lying.length = 1;
  await put(audit, head, due("failed", NOW + 2));
  expect(auditFaults({ lines: audit.lying, seals: [] })).toMatchObject([{ what: "LINE_MISSING", subject: ID, n: 2 }]);
});

test("a malformed line is named, and nothing is put", async () => {
  const audit = fakeAudit();
  await expect(put(audit, undefined, { ...due("promoted"), details: "{" })).rejects.toThrow(/^details must be/);
  await expect(put(audit, undefined, due("promoted", 0.5))).rejects.toThrow(/^timeMs must be/);
  expect(audit.lying).toEqual([]);
});

test("whoever dies at whatever call, all acts have their line once, in one chain", async () => {
  const script = fc.array(fc.record({ act: fc.constantFrom("promoted", "failed"), diesAt: fc.nat({ max: 4 }) }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(script, async (acts) => {
      const audit = countedAudit();
      // The record: what it knows, and what is due. Dying at call 4 is dying before the record notes the head.
      const record: { head: KnownHead | undefined; due: DueLine[] } = { head: undefined, due: [] };
      for (const [index, { act, diesAt }] of acts.entries()) {
        record.due.push(due(act, NOW + index));
        audit.calls.length = 0;
        audit.diesAt.call = diesAt;
        const head = await put(audit, record.head, ...record.due).catch((): undefined => undefined);
        if (head !== undefined && diesAt !== 4) Object.assign(record, { head, due: [] });
      }
      delete audit.diesAt.call;
      await put(audit, record.head, ...record.due);
      expect(actsIn(audit)).toEqual(acts.map(({ act }, index) => `${index + 1} ${act}`));
      expect(auditFaults({ lines: audit.lying, seals: [] })).toEqual([]);
    }),
  );
});
