import type { DueLine } from "../record/audit.ts";
import { executionName } from "../record/execution-name.ts";

/** What is done to an instance or a credential, as its lines say it. */
export const ACTS = [
  ...["registered", "promoted"],
  // A rekey was opened; its key was promoted; a record that was behind its instance was brought forward.
  ...["rekey-opened", "rekeyed", "brought-forward"],
  ...["failed", "quarantined", "released", "retired", "requested"],
  // An exposed access key was shut, and perhaps deleted.
  "deactivated",
] as const;

/**
 * The line of an act, as the write of the act notes it.
 *
 * @param timeMs when it took place, in milliseconds since 1970
 * @param details who asked, by what, and what came of it: identifiers and outcomes, never a secret; what is undefined or
 *   empty is left out. `execution` may be an ARN; its name is kept, as everywhere in the record
 */
export function lineOf(
  act: (typeof ACTS)[number],
  timeMs: number,
  { execution, ...details }: Record<string, string | number | undefined> & { execution?: string },
): DueLine {
  const all = { ...details, execution: execution && executionName(execution) };
  const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== "");
  return {
    act,
    timeMs,
    details: JSON.stringify(Object.fromEntries(given.sort(([one], [other]) => (one < other ? -1 : 1)))),
  };
}
