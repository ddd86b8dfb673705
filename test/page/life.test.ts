import { describe, expect, test } from "vitest";
import { lanesOf } from "../../operator/page/client/views/instance/lanes.ts";
import { barsOf, labelsThatFit, marksOf, toneOf } from "../../operator/page/client/views/instance/marks.ts";
import { saidAt } from "../../operator/page/client/views/instance/pointed.ts";
import { generationsOf, rhythmOf, rowsOf } from "../../operator/page/client/views/instance/rows.ts";
import { added, askedFrom } from "../../operator/page/client/views/instance/samples.ts";
import {
  axisLabel,
  drawnOver,
  moved,
  readable,
  roundMoments,
  spanOf,
  wholeLife,
  zoomed,
} from "../../operator/page/client/views/instance/windows.ts";
import { MOST_SAMPLES, type SampleMark } from "../../operator/page/wire/life.ts";
import { DAY, HOUR, MINUTE, NOW } from "../operator/support.ts";

/** Samples a minute apart, from so many minutes before now. */
function every(minutes: number, count: number, generation: number, shift = 0): SampleMark[] {
  return Array.from({ length: count }, (_, n) => ({ at: NOW - (minutes - n) * MINUTE + shift, generation }));
}

const sizes = ({ own, older, ahead }: ReturnType<typeof rowsOf>) => [own.length, older.length, ahead.length];

describe("rows of samples", () => {
  test("one writer who turns is one row", () => {
    const samples = [...every(20, 10, 4), ...every(10, 10, 5)];
    expect(sizes(rowsOf(samples, { turns: [{ at: NOW - 10 * MINUTE + 700, generation: 5 }] }))).toEqual([20, 0, 0]);
  });

  test("who goes on with an older key is a row of their own, from after the turn on", () => {
    const clone = every(20, 20, 4, 30_000);
    const { own, older } = rowsOf([...every(20, 10, 4), ...every(10, 10, 5), ...clone]);
    expect(older.map(({ at }) => at)).toEqual(clone.filter(({ at }) => at > NOW - 9 * MINUTE).map(({ at }) => at));
    expect(own).toHaveLength(40 - older.length);
  });

  test("a clock that was set back by less than an interval makes no second writer", () => {
    const samples = [...every(20, 10, 4), ...every(10, 10, 5), { at: NOW - 10 * MINUTE + 20_000, generation: 4 }];
    expect(sizes(rowsOf(samples))).toEqual([21, 0, 0]);
  });

  test("the rhythm of two seconds is one, too", () => {
    const quick = every(20, 10, 4).map(({ generation }, n) => ({ at: NOW + n * 2000, generation }));
    const late = { at: NOW + 8000, generation: 3 };
    expect(sizes(rowsOf([...quick, late]))).toEqual([10, 1, 0]);
  });

  test("a turn tells of a clone whose instance has not written since", () => {
    const turns = [{ at: NOW - 10 * MINUTE, generation: 5 }];
    expect(sizes(rowsOf(every(5, 5, 4), { turns }))).toEqual([0, 5, 0]);
  });

  test("who makes a generation up does not make the instance's own look old", () => {
    const forged = { at: NOW - 15 * MINUTE, generation: 900 };
    expect(sizes(rowsOf([...every(20, 20, 4), forged], { generation: 4 }))).toEqual([20, 0, 1]);
    // Turned and rekeyed, before the record says so.
    expect(sizes(rowsOf(every(20, 20, 6), { generation: 4 }))).toEqual([20, 0, 0]);
  });

  test("nothing is nothing", () => {
    expect(rowsOf([])).toEqual({ own: [], older: [], ahead: [] });
    expect(rhythmOf([])).toBeUndefined();
  });

  test("generations are counted, the newest first", () => {
    expect(generationsOf([...every(9, 2, 4), ...every(5, 3, 12)])).toEqual([
      [12, 3],
      [4, 2],
    ]);
  });
});

describe("samples that are kept", () => {
  const read = (samples: SampleMark[], isCut = false) => ({ from: NOW - HOUR, to: NOW, samples, isCut });

  test("are asked for anew from a little before the newest, which may be of a time to come", () => {
    expect(askedFrom(undefined, NOW - HOUR, NOW)).toBe(NOW - HOUR);
    expect(askedFrom(read(every(3, 1, 4)), NOW - HOUR, NOW)).toBe(NOW - 3 * MINUTE - 15_000);
    expect(askedFrom(read([{ at: NOW + 50_000, generation: 4 }]), NOW - HOUR, NOW)).toBe(NOW - 15_000);
    expect(askedFrom(read(every(90, 1, 4)), NOW - HOUR, NOW)).toBe(NOW - HOUR);
  });

  test("are there once each, in order, also those that come late, and end with the window", () => {
    const have = read(every(59, 10, 4));
    const late = { at: NOW - 55 * MINUTE + 1, generation: 4 };
    const { samples } = added(have, read([late, ...every(50, 2, 5)]), { from: NOW - 57 * MINUTE });
    expect(samples).toHaveLength(11);
    expect(samples).toContainEqual(late);
    expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).sort());
  });

  test("are no more than are read at once, and that is said", () => {
    const many = Array.from({ length: MOST_SAMPLES }, (_, n) => ({ at: NOW - HOUR + n, generation: 4 }));
    const { samples, isCut } = added(read(many), read(every(1, 1, 4)), { from: NOW - HOUR });
    expect([samples.length, samples.at(-1)?.at, isCut]).toEqual([MOST_SAMPLES, NOW - MINUTE, true]);
    // Once what was left out is out of the window, nothing is missing.
    expect(added(read(every(9, 9, 4), true), read([]), { from: NOW - 9 * MINUTE }).isCut).toBe(false);
  });
});

describe("what is shown", () => {
  test("goes up to now until somebody moves it", () => {
    expect(spanOf({ spanMs: HOUR }, NOW)).toEqual({ from: NOW - HOUR, to: NOW });
    expect(zoomed({ spanMs: HOUR }, 0.5)).toEqual({ spanMs: HOUR / 2 });
    const earlier = moved({ spanMs: HOUR }, -0.5, NOW);
    expect(earlier).toEqual({ spanMs: HOUR, to: NOW - HOUR / 2 });
    expect(moved(earlier, 0.5, NOW)).toEqual({ spanMs: HOUR });
  });

  test("is zoomed around its middle, and never to nothing", () => {
    const zoomedIn = zoomed({ spanMs: HOUR, to: NOW - HOUR }, 0.5);
    expect(spanOf(zoomedIn, NOW)).toEqual({ from: NOW - 1.75 * HOUR, to: NOW - 1.25 * HOUR });
    expect(zoomed({ spanMs: 10_000 }, 0.5).spanMs).toBe(10_000);
    expect(spanOf(drawnOver({ from: NOW - HOUR, to: NOW - HOUR + 1 }, NOW), NOW)).toEqual({
      ...{ from: NOW - HOUR, to: NOW - HOUR + 10_000 },
    });
    expect(drawnOver({ from: NOW - HOUR, to: NOW + 5 }, NOW).to).toBeUndefined();
  });

  test("may be a whole life, of which samples are read of the newest days", () => {
    const { from, to } = spanOf(wholeLife(NOW - 100 * DAY, NOW), NOW);
    expect(from).toBeLessThan(NOW - 100 * DAY);
    expect(readable({ from, to })).toEqual({ from: NOW - 2 * DAY, to: NOW });
  });

  test("has marks at round times of UTC, as many as fit", () => {
    const { step, at } = roundMoments({ from: NOW - 10 * MINUTE - 5000, to: NOW }, 6);
    expect([step, at.length, at.every((one) => one % step === 0)]).toEqual([2 * MINUTE, 6, true]);
    expect(roundMoments({ from: NOW - 900 * DAY, to: NOW }, 4).at.length).toBeLessThanOrEqual(5);
    expect(axisLabel(NOW, 1000)).toBe("12:00:00");
    expect(axisLabel(NOW, MINUTE)).toBe("12:00");
    expect(axisLabel(NOW - 12 * HOUR, 6 * HOUR)).toBe("11-28");
    expect(axisLabel(NOW, 7 * DAY)).toBe("2026-11-28");
  });
});

describe("what is on the axis", () => {
  const entry = (what: string, says = "", at = NOW - MINUTE) => ({ at, what, says });

  test("acts are marks, a turn with its generation; what people were told and checks are none", () => {
    const life = [
      ...[entry("promoted", "generation 12, verdict MATCH"), entry("failed", "generation 12, step X")],
      ...[entry("found"), entry("mailed"), entry("ended"), entry("checked"), entry("refused"), entry("proved")],
      // Somebody has altered it.
      entry("constructor", "", NOW),
      entry("retired", "", 0),
    ];
    expect(marksOf(life).map(({ label, tone }) => [label, tone])).toEqual([
      ...[
        ["promoted 12", "good"],
        ["failed", "bad"],
        ["constructor", "quiet"],
      ],
    ]);
    expect(toneOf("quarantined")).toBe("warn");
  });

  test("findings that stood at the same time are below each other, and later ones fill what is free", () => {
    const finding = (cause: string, since: number, endedAt?: number) => ({
      ...{ subject: "0a1b2c", cause, since: NOW + since },
      ...(endedAt !== undefined && { endedAt: NOW + endedAt }),
    });
    const bars = barsOf([finding("C", 30), finding("A", 0, 10), finding("B", 5), finding("D", 12, 20)]);
    expect(bars.map(({ finding: { cause }, row }) => [cause, row])).toEqual([
      ["A", 0],
      ["B", 1],
      ["D", 0],
      ["C", 0],
    ]);
    const storm = barsOf(Array.from({ length: 9 }, (_, n) => finding(`F${n}`, n)));
    expect(Math.max(...storm.map(({ row }) => row))).toBe(3);
  });

  test("labels never lie over each other, and what is bad has precedence", () => {
    const places = [{ x: 0, width: 10 }, { x: 5, width: 10 }, { x: 15, width: 10 }, undefined];
    expect([...labelsThatFit(places)].sort()).toEqual([1, 2]);
    expect([...labelsThatFit(places, (index) => index === 0)].sort()).toEqual([0, 2]);
  });

  test("a second writer has a lane only where there is one", () => {
    const names = (older: boolean) =>
      lanesOf({ acts: true, bars: 2, samples: true, older, ahead: false }).lanes.map(({ name }) => name);
    expect(names(false)).toEqual(["acts", "findings", "own"]);
    expect(names(true)).toEqual(["acts", "findings", "own", "older"]);
    const { lanes, height } = lanesOf({ acts: false, bars: 4, samples: true, older: true, ahead: true });
    expect(lanes.every(({ top, height: high }, n) => top + high <= (lanes[n + 1]?.top ?? height))).toBe(true);
  });

  test("what one points at is said in words", () => {
    const drawn = {
      marks: marksOf([entry("failed", "step X")]),
      bars: barsOf([{ subject: "0a1b2c", cause: "STALE", since: NOW - HOUR }]),
      rows: rowsOf([...every(20, 10, 4), ...every(10, 10, 5), ...every(3, 3, 4, 10)]),
    };
    expect(saidAt(drawn, NOW - MINUTE + 100, 1000)).toBe(
      "failed: step X at 2026-11-28 11:59:00 UTC; STALE, since 2026-11-28 11:00:00 UTC; a sample of generation 5 at 2026-11-28 11:59:00 UTC; a sample by an older key, of generation 4 at 2026-11-28 11:59:00 UTC.",
    );
    expect(saidAt({ ...drawn, bars: [] }, NOW - DAY, 1000)).toBe("Nothing at 2026-11-27 12:00:00 UTC.");
  });
});
