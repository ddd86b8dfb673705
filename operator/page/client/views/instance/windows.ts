import { LONGEST_WINDOW_MS } from "../../../wire/life.ts";

/** What of the axis is shown: so much of it, up to a moment; up to now, and going on, where there is none. Milliseconds. */
export interface Shown {
  spanMs: number;
  to?: number;
}

export interface Span {
  from: number;
  to: number;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const SHORTEST = 10_000;
const LONGEST = 3660 * DAY;

export const SPANS = [
  ["10 minutes", 10 * MINUTE],
  ["1 hour", 60 * MINUTE],
  ["1 day", DAY],
] as const;

/** From one edge to the other, both in milliseconds since 1970. */
export function spanOf({ spanMs, to }: Shown, now: number): Span {
  const end = to ?? now;
  return { from: end - spanMs, to: end };
}

/** Twice as near, or twice as far: around the middle, or up to now where that is shown. */
export function zoomed(shown: Shown, factor: number): Shown {
  const spanMs = bounded(shown.spanMs * factor);
  if (shown.to === undefined) return { spanMs };
  return { spanMs, to: shown.to + (spanMs - shown.spanMs) / 2 };
}

/** Moved by a part of what is shown, to later ones where it is positive; from now on, it is live again. */
export function moved(shown: Shown, part: number, now: number): Shown {
  const to = (shown.to ?? now) + part * shown.spanMs;
  return to >= now ? { spanMs: shown.spanMs } : { ...shown, to };
}

/** What somebody has drawn over; live where it goes up to now. */
export function drawnOver({ from, to }: Span, now: number): Shown {
  const spanMs = bounded(to - from);
  return to >= now ? { spanMs } : { spanMs, to: from + spanMs };
}

/** All of a life, from a little before the first thing in it. */
export function wholeLife(first: number, now: number): Shown {
  return { spanMs: bounded((now - first) * 1.04) };
}

function bounded(spanMs: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, spanMs));
}

/** Of what is shown, that of which samples are read. */
export function readable({ from, to }: Span): Span {
  return { from: Math.max(from, to - LONGEST_WINDOW_MS), to };
}

/** Moments for the marks of an axis, at round times of UTC, as many as fit. */
export function roundMoments({ from, to }: Span, most: number): { step: number; at: number[] } {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most / DAY) * DAY;
  const first = Math.ceil(from / step) * step;
  return {
    step,
    at: Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, n) => first + n * step),
  };
}

const STEPS = [
  ...[1000, 2000, 5000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY),
];

/** A moment at the axis, with no more of it than its step needs: `03:04:05`, `03:04`, `11-26`. */
export function axisLabel(at: number, step: number): string {
  const text = new Date(at).toISOString();
  if (step >= DAY) return text.slice(0, 10);
  return step < MINUTE ? text.slice(11, 19) : at % DAY === 0 ? text.slice(5, 10) : text.slice(11, 16);
}
