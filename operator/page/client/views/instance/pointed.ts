import type { SampleMark } from "../../../wire/life.ts";
import { utc } from "../../time.ts";
import type { Bar, Mark } from "./marks.ts";
import type { Rows } from "./rows.ts";

/** All that stands on the axis. */
export interface Drawn {
  marks: readonly Mark[];
  bars: readonly Bar[];
  rows: Rows;
}

/**
 * What stands at a moment, in words.
 *
 * @param within how far from it something may be, in milliseconds
 */
export function saidAt({ marks, bars, rows }: Drawn, at: number, within: number): string {
  const near = <Thing extends { at: number }>(things: readonly Thing[]) => nearest(things, at, within);
  const mark = near(marks);
  const standing = bars.filter(({ from, to }) => from - within <= at && at <= (to ?? at) + within);
  const sample = (row: readonly SampleMark[], words: string) => {
    const one = near(row);
    return one === undefined ? [] : [`${words} of generation ${one.generation} at ${utc(one.at)}`];
  };
  const parts = [
    ...(mark === undefined ? [] : [`${mark.entry.what}: ${mark.entry.says} at ${utc(mark.at)}`]),
    ...standing.map(({ finding: { cause }, from, to }) =>
      to === undefined ? `${cause}, since ${utc(from)}` : `${cause}, from ${utc(from)} to ${utc(to)}`,
    ),
    ...sample(rows.own, "a sample"),
    ...sample(rows.older, "a sample by an older key,"),
    ...sample(rows.ahead, "a sample by an unknown key,"),
  ];
  return parts.length === 0 ? `Nothing at ${utc(at)}.` : `${parts.join("; ")}.`;
}

function nearest<Thing extends { at: number }>(
  things: readonly Thing[],
  at: number,
  within: number,
): Thing | undefined {
  const near = things.filter((one) => Math.abs(one.at - at) <= within);
  return near.sort((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))[0];
}
