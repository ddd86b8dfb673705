/**
 * A moment as people read it in a mail.
 *
 * @param timeMs milliseconds since 1970
 * @returns e.g. `2026-11-20 03:00:00 UTC`; of what is no moment, as in a record that somebody has altered, that it is none
 */
export function utc(timeMs: number): string {
  if (Number.isNaN(new Date(timeMs).getTime())) return "no moment";
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
