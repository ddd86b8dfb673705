const A_DAY_MS = 24 * 3600 * 1000;

/** The UTC day of a moment in milliseconds since 1970, like `2026-11-26`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The day that lies so many before another. */
export function dayBefore(day: string, days: number): string {
  return dayOf(Date.parse(day) - days * A_DAY_MS);
}

/** Every day from one to another, both included. */
export function daysFromTo(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += A_DAY_MS) days.push(dayOf(at));
  return days;
}
