import { ADVICE } from "../functions/telling/advice.ts";
import { misused } from "./exits.ts";
import { meant } from "./nearest.ts";

/**
 * Refuses what is the cause of no finding: neither of one that people may be told of, nor of one that stands, which may be the
 * name of an error that nobody has foreseen.
 *
 * @param standing the causes of what stands
 * @throws Stopped (2) with a sentence that says what was likely meant
 */
export function demandCause(cause: string, standing: readonly string[]): void {
  const known = [...new Set([...Object.keys(ADVICE), ...standing])];
  if (known.includes(cause)) return;
  const stands = [...new Set(standing)];
  const rest = stands.length === 0 ? "Nothing stands just now." : `What stands: ${stands.join(", ")}.`;
  const hint = meant(cause, known);
  throw misused(`No finding has the cause "${cause}". ${hint.startsWith("Did") ? hint : rest}`);
}
