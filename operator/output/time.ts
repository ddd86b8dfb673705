import { utc } from "../../functions/telling/time.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** How long something is, roughly, in its largest unit, e.g. `3 d`, `5 h`, `12 min` or `40 s`; of less than a second `0 s`. */
export function span(ms: number): string {
  const [unit, size] = UNITS.find(([, least]) => Math.abs(ms) >= least) ?? ["s", 1000];
  return `${Math.floor(Math.abs(ms) / size)} ${unit}`;
}

/** A moment, e.g. `2026-11-26 03:04:05 UTC`; a dash where there is none, or none that a clock could show. */
export function moment(at: number | undefined): string {
  return at === undefined || Number.isNaN(new Date(at).getTime()) ? "-" : utc(at);
}

/** How long ago a moment is, e.g. `3 d ago`, or in how long it comes, e.g. `in 5 h`; a dash where there is none. */
export function ago(at: number | undefined, now: number): string {
  if (at === undefined) return "-";
  return at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}
