import { misused } from "./exits.ts";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A span of time as it is typed, e.g. `30s`, `5m`, `12h` or `90d`.
 *
 * @returns milliseconds
 * @throws Stopped (2) with a sentence
 */
export function readSpan(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * UNITS[unit as keyof typeof UNITS];
  if (!(ms > 0)) throw misused(`"${text}" is no span of time: say it as 30s, 5m, 12h or 90d.`);
  return ms;
}
