/**
 * A moment as people read it in a mail.
 *
 * @param timeMs milliseconds since 1970
 * @returns e.g. `2026-11-20 03:00:00 UTC`
 */
export function utc(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
