/** The units of time that people read, the largest first, in milliseconds. */
export const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** How long something is, roughly, in its largest unit, as the command line says it: `3 d`, `5 h`, `12 min`, `40 s`. */
export function span(ms: number): string {
  const [unit, size] = UNITS.find(([, least]) => Math.abs(ms) >= least) ?? ["s", 1000];
  return `${Math.floor(Math.abs(ms) / size)} ${unit}`;
}

/** How long ago a moment is, or in how long it comes. The time of day goes on by seconds here: what is within one is now. */
export function ago(at: number, now: number): string {
  return at - now >= 1000 ? `in ${span(at - now)}` : `${span(Math.max(0, now - at))} ago`;
}

/** A moment as mails and logs have it, e.g. `2026-11-26 03:04:05 UTC`. */
export function utc(at: number): string {
  return isMoment(at) ? `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC` : "no moment";
}

/** The time of a day alone, e.g. `03:04:05`. */
export function clock(at: number): string {
  return isMoment(at) ? new Date(at).toISOString().slice(11, 19) : "no moment";
}

/** Whether it can be shown as one: what comes of a record that somebody has altered must take no view with it. */
export function isMoment(at: number | undefined): at is number {
  return typeof at === "number" && !Number.isNaN(new Date(at).getTime());
}
