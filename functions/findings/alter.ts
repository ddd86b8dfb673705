import type { Bus } from "../clients/bus.ts";
import type { Findings } from "../clients/findings.ts";
import type { Mail } from "../clients/mail.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import type { Finding, FindingKey } from "./finding.ts";

/** Whom it takes to tell people of something. */
export interface Tellers {
  findings: Findings;
  mail: Mail;
  bus: Bus;
  now: () => number;
}

/** How often a finding is looked at to be written: each time but the first, another one wrote it meanwhile. */
export const MOST_LOOKS = 10;

/** What is said of a finding that was written by others each time. */
export function tooBusy({ subject, cause }: FindingKey): StepError {
  return new StepError(TEMPORARILY_UNAVAILABLE, `The finding ${cause} on ${subject} is written many times at once.`);
}

/**
 * Alters a finding as it stands, whoever else writes it meanwhile.
 *
 * @param known as it was known last
 * @returns as it is then; undefined if it is another one by now, which began at another time
 * @throws StepError TemporarilyUnavailable where others write it each time
 */
export async function alter(
  known: Finding,
  change: (finding: Finding) => Omit<Finding, "version">,
  findings: Findings,
): Promise<Finding | undefined> {
  let before: Finding | undefined = known;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    if (before?.since !== known.since) return undefined;
    const written = await findings.write(change(before), before);
    if (written !== undefined) return written;
    before = await findings.find(known);
  }
  throw tooBusy(known);
}
