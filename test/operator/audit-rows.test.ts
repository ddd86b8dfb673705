import { describe, expect, test } from "vitest";
import { csvOf } from "../../operator/audit/csv.ts";
import { inOrder, pastOf, type Row, rowOf, sumsOf, type Time } from "../../operator/audit/row.ts";
import { chainsOf } from "../../operator/reads/audit.ts";
import type { Standing } from "../../operator/reads/standing.ts";
import type { AuditLine } from "../../protocol/index.ts";
import { chained } from "../protocol/audit-chains.ts";

const TIME: Time = { from: 100, to: 199 };
const ACTIVE: Standing = { state: "ACTIVE", ec2InstanceId: "i-0abc1234def567890", registeredAt: 1 };

const line = (subject: string, act: string, timeMs: number, details = "{}") => ({ subject, act, timeMs, details });

/** The row of a subject with these acts, each with its time. */
function row(subject: string, acts: [act: string, timeMs: number][], standing?: Standing): Row | undefined {
  const lines = chained(acts.map(([act, timeMs]) => line(subject, act, timeMs)));
  return rowOf(pastOf({ subject, lines }, TIME), standing, TIME);
}

describe("a subject without a line in the time has a row", () => {
  test("where it was there, with its last turn before", () => {
    expect(
      row(
        "0a1b2c",
        [
          ["registered", 1],
          ["promoted", 50],
        ],
        ACTIVE,
      ),
    ).toMatchObject({
      ...{ turns: 0, failures: 0, others: {}, state: "ACTIVE", last: { act: "promoted", at: 50 } },
    });
    expect(row("0a1b2c", [], ACTIVE)).toMatchObject({ turns: 0 });
    expect(row("0a1b2c", [["promoted", 50]])).toMatchObject({ state: "NO RECORD" });
    expect(row("orders/db", [["retired", 50]], { state: "CURRENT" })).toMatchObject({ kind: "credential" });
  });

  test.each([
    [
      "it was retired before",
      row(
        "0a1b2c",
        [
          ["registered", 1],
          ["retired", 50],
        ],
        { state: "RETIRED", retiredAt: 50 },
      ),
    ],
    ["its tombstone alone says so", row("0a1b2c", [], { state: "RETIRED", retiredAt: 50 })],
    ["it came later", row("0a1b2c", [["registered", 200]], { ...ACTIVE, registeredAt: 200 })],
    ["it is an access key to which nothing was done", row("AKIAIOSFODNN7EXAMPLE", [["deactivated", 50]])],
  ])("but not where %s", (_, found) => expect(found).toBeUndefined());
});

test("the first and the last millisecond are of the time, and what is no moment is not", () => {
  const acts: [string, number][] = [
    ["failed", 99],
    ["failed", 100],
    ["rekeyed", 199],
    ["promoted", 200],
  ];
  expect(row("0a1b2c", acts, ACTIVE)).toMatchObject({ turns: 1, failures: 1, last: { act: "rekeyed", at: 199 } });
  const forged = [-1, Number.NaN, 1e300].map((timeMs) => ({
    ...(chained([line("0a1b2c", "promoted", 1)])[0] as AuditLine),
    timeMs,
  }));
  expect(rowOf(pastOf({ subject: "0a1b2c", lines: forged }, TIME), ACTIVE, TIME)).toMatchObject({ turns: 0 });
});

test("a line whose details are none is a line all the same", () => {
  const lines = chained([line("0a1b2c", "promoted", 150, "{}")]).map((one) => ({ ...one, details: "not JSON" }));
  expect(rowOf(pastOf({ subject: "0a1b2c", lines }, TIME), ACTIVE, TIME)).toMatchObject({
    turns: 1,
    last: { at: 150 },
  });
});

test("sums are those of the rows, and access keys are not among those who were not turned", () => {
  const rows = [
    row("AKIAIOSFODNN7EXAMPLE", [["deactivated", 150]]),
    row(
      "orders/db",
      [
        ["promoted", 150],
        ["retired", 151],
      ],
      { state: "CURRENT" },
    ),
    row("0a1b2c", [["failed", 150]], ACTIVE),
  ].filter((one) => one !== undefined);
  expect(inOrder(rows).map(({ subject }) => subject)).toEqual(["0a1b2c", "orders/db", "AKIAIOSFODNN7EXAMPLE"]);
  expect(sumsOf(rows)).toEqual({
    ...{ subjects: 3, turned: 1, notTurned: 1, turns: 1, failures: 1, lines: 4 },
    others: { deactivated: 1, retired: 1 },
  });
});

test("what somebody claims is one cell of one line in a CSV, and no formula", () => {
  const claimed = { act: "promoted", at: 150, requestedBy: "+1\n2,3\u001b[2J" };
  const csv = csvOf([{ ...(row("0a1b2c", [["promoted", 150]], ACTIVE) as Row), last: claimed }]);
  expect(csv.trimEnd().split("\n")).toHaveLength(2);
  expect(csv).toContain(`"'+1?2,3?[2J"`);
});

test("a subject that comes again is given once more, whole", async () => {
  const lines = chained([line("a", "promoted", 1), line("b", "promoted", 2), line("a", "promoted", 3)]);
  const own = lines.filter(({ subject }) => subject === "a");
  async function* pages() {
    yield lines.slice(0, 1);
    yield lines.slice(1);
  }
  const chains: string[] = [];
  for await (const chain of chainsOf(pages(), async () => own)) {
    chains.push(`${chain.subject} ${chain.lines.map(({ n }) => n).join()}`);
  }
  expect(chains).toEqual(["a 1", "b 1", "a 2", "a 1,2"]);
});
