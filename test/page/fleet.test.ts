import { describe, expect, test } from "vitest";
import { agesOf, roughly } from "../../operator/page/client/views/fleet/ages.ts";
import { brightness, silentMs } from "../../operator/page/client/views/fleet/beat.ts";
import { moved } from "../../operator/page/client/views/fleet/moves.ts";
import { countsOf, filterOf, inPlace, wordOf } from "../../operator/page/client/views/fleet/words.ts";
import { instanceRow } from "./rows.ts";

describe("the beat of a tile", () => {
  test("falls from a sample of now to the age at which it is looked for", () => {
    expect(brightness(1_000_000, 1_000_000, 300_000)).toBe(1);
    expect(brightness(1_000_000, 1_150_000, 300_000)).toBe(0.5);
    expect(brightness(1_000_000, 1_300_000, 300_000)).toBe(0);
    expect(brightness(1_000_000, 9_000_000, 300_000)).toBe(0);
  });

  test("a clock that is ahead makes it no brighter than bright, and no sample leaves it dark", () => {
    expect(brightness(2_000_000, 1_000_000, 300_000)).toBe(1);
    expect(brightness(undefined, 1_000_000, 300_000)).toBe(0);
  });

  test("it is another only in steps, so that a second draws nothing anew", () => {
    expect(brightness(0, 31_000, 300_000)).toBe(brightness(0, 32_000, 300_000));
  });

  test("silence is said in words once it is half of what makes it STALE", () => {
    expect(silentMs(0, 150_000, 300_000)).toBeUndefined();
    expect(silentMs(0, 151_000, 300_000)).toBe(151_000);
    expect(silentMs(undefined, 151_000, 300_000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the word of an instance", () => {
  test("is what is wrong with it, without how long; else its verdict; else its status", () => {
    expect(wordOf(instanceRow({ words: ["failing 12 min", "rekey stands"] }))).toBe("failing");
    expect(wordOf(instanceRow({ words: ["rekey stands"] }))).toBe("rekey stands");
    expect(wordOf(instanceRow())).toBe("MATCH");
    expect(wordOf(instanceRow({ status: "STOPPED" }))).toBe("STOPPED");
    const { verdict: _, ...unjudged } = instanceRow();
    expect(wordOf(unjudged)).toBe("not judged yet");
    expect(wordOf(instanceRow({ status: "" }))).toBe("of no status");
  });

  test("each is counted once, the worst first, then the most", () => {
    const rows = [
      ...Array.from({ length: 3 }, () => instanceRow()),
      instanceRow({ verdict: "MATCH_PENDING" }),
      instanceRow({ rank: 1, tone: "bad", words: ["STALE", "MISMATCH"] }),
      instanceRow({ rank: 4, tone: "warn", words: ["overdue 2 h"] }),
      instanceRow({ rank: 4, tone: "warn", words: ["overdue 3 h"] }),
    ];
    expect(countsOf(rows)).toEqual([
      { word: "STALE", count: 1, tone: "bad", rank: 1 },
      { word: "overdue", count: 2, tone: "warn", rank: 4 },
      { word: "MATCH", count: 3, tone: "good", rank: 8 },
      { word: "MATCH_PENDING", count: 1, tone: "good", rank: 8 },
    ]);
  });
});

describe("the filter", () => {
  const sound = instanceRow({ id: "aaaaaa", ec2InstanceId: "i-0aa" });
  const wrong = instanceRow({ id: "bbbbbb", ec2InstanceId: "i-0bb", ip: "10.0.9.9", words: ["MISMATCH", "STALE"] });
  const failing = instanceRow({ id: "cccccc", ec2InstanceId: "i-0cc", words: ["failing 3 h"] });
  const rows = [sound, wrong, failing];
  const found = (text: string) => rows.filter(filterOf(text, rows)).map(({ id }) => id);

  test("a word that is said of some chooses these, and not those whose word has it within", () => {
    expect(found("match")).toEqual(["aaaaaa"]);
    expect(found("MISMATCH")).toEqual(["bbbbbb"]);
    expect(found("stale")).toEqual(["bbbbbb"]);
    expect(found("failing")).toEqual(["cccccc"]);
  });

  test("anything else is looked for in ID, host, address and words", () => {
    expect(found("bbb")).toEqual(["bbbbbb"]);
    expect(found("i-0C")).toEqual(["cccccc"]);
    expect(found("10.0.9")).toEqual(["bbbbbb"]);
    expect(found("mism")).toEqual(["bbbbbb"]);
    expect(found("nothing of this kind")).toEqual([]);
  });

  test("nothing chooses all", () => {
    expect(found("  ")).toEqual(["aaaaaa", "bbbbbb", "cccccc"]);
  });
});

test("tiles stand the worst first, and stay where they are when a key turns", () => {
  const rows = [
    instanceRow({ id: "cccccc", keySince: 1 }),
    instanceRow({ id: "aaaaaa", keySince: 9 }),
    instanceRow({ id: "ffffff", rank: 0 }),
  ];
  expect(inPlace(rows).map(({ id }) => id)).toEqual(["ffffff", "aaaaaa", "cccccc"]);
});

describe("how old the keys are", () => {
  const HOUR = 3_600_000;
  const of = (ageMs: number) => instanceRow({ keySince: 100 * HOUR - ageMs, dueAt: 101 * HOUR - ageMs });

  test("in quarters of what a key lasts, up to twice that, and older", () => {
    const { period, buckets } = agesOf([of(0), of(HOUR / 4), of(HOUR), of(2 * HOUR), of(50 * HOUR)], 100 * HOUR);
    expect(period).toBe(HOUR);
    expect(buckets.map(({ count }) => count)).toEqual([1, 1, 0, 0, 1, 0, 0, 0, 2]);
    expect(buckets.at(-1)).toMatchObject({ from: 2 * HOUR, to: Number.POSITIVE_INFINITY });
  });

  test("of one that waits for another try, it is not the rule", () => {
    const late = instanceRow({ keySince: 0, dueAt: 99 * HOUR });
    expect(agesOf([of(0), of(1), late], 100 * HOUR).period).toBe(HOUR);
  });

  test("where none says when it is due, up to the oldest, and none is called older", () => {
    const { period, buckets } = agesOf([instanceRow({ keySince: 0 }), instanceRow({ keySince: 600 })], 800);
    expect(period).toBeUndefined();
    expect(buckets.map(({ count }) => count)).toEqual([0, 1, 0, 0, 0, 0, 0, 1]);
  });

  test("only those at work are counted, and of nobody there is nothing", () => {
    const off = [instanceRow({ status: "STOPPED", keySince: 0 }), instanceRow({ status: "RETIRED", keySince: 0 })];
    expect(agesOf(off, 10).buckets.every(({ count }) => count === 0)).toBe(true);
  });

  test("is said in the largest unit", () => {
    expect([900_000, HOUR, 1.25 * HOUR, 36 * HOUR, 2500].map(roughly)).toEqual([
      "15 min",
      "1 h",
      "1.25 h",
      "1.5 d",
      "2.5 s",
    ]);
  });
});

describe("the arrow keys among tiles", () => {
  const grid = { count: 7, columns: 3 };

  test("lead to the neighbours, a row up and down, the first and the last", () => {
    expect(moved("ArrowRight", 2, grid)).toBe(3);
    expect(moved("ArrowLeft", 3, grid)).toBe(2);
    expect(moved("ArrowDown", 1, grid)).toBe(4);
    expect(moved("ArrowUp", 6, grid)).toBe(3);
    expect(moved("Home", 5, grid)).toBe(0);
    expect(moved("End", 0, grid)).toBe(6);
  });

  test("lead nowhere at the edges, and other keys are not taken", () => {
    expect(moved("ArrowLeft", 0, grid)).toBeUndefined();
    expect(moved("ArrowDown", 5, grid)).toBeUndefined();
    expect(moved("ArrowUp", 2, grid)).toBeUndefined();
    expect(moved("End", 6, grid)).toBeUndefined();
    expect(moved("Enter", 2, grid)).toBeUndefined();
  });
});
