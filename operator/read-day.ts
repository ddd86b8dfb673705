import { FORMS } from "../protocol/index.ts";
import { misused } from "./exits.ts";

/**
 * A day as it is typed, e.g. `2026-11-26`.
 *
 * @returns the same text
 * @throws Stopped (2) where there is no such day
 */
export function readDay(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) {
    throw misused(`"${text}" is no day: say it as 2026-11-26.`);
  }
  return text;
}

/**
 * A seal that somebody knows from outside, as `2026-11-26=DIGEST`.
 *
 * @throws Stopped (2) with a sentence
 */
export function readSeal(text: string): { day: string; digest: string } {
  const [day = "", digest = ""] = text.split("=");
  if (!FORMS.hex64.test(digest))
    throw misused(`"${text}" is no seal: say it as 2026-11-26=DIGEST, with 64 hexadecimal characters.`);
  return { day: readDay(day), digest };
}
