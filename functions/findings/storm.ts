import type { Findings } from "../clients/findings.ts";
import { MOST_LOOKS } from "./alter.ts";
import { type Finding, FLEET, type Found, seen, stands } from "./finding.ts";

/** From the sixth subject with one cause within ten minutes on, one mail gathers. */
export const TOLD_ONE_BY_ONE = 5;
const WITHIN_MS = 10 * 60_000;
/** How exactly it is noted when the last one joined: not each of a thousand has to write that. */
const NOTED_EVERY_MS = 60_000;

/**
 * Takes a new finding's place among those of its cause. The first five within ten minutes are told one by one; the sixth
 * opens the storm, a finding on the fleet of that same cause, of which the watch mails once, with all that are of it then.
 * It goes on for as long as no ten minutes pass between one and the next; who comes later is told again as the first ones
 * were, and another five or more are another wave, of which the watch mails once more.
 *
 * @returns whether the storm's mail tells of it
 */
export async function joinsStorm(
  found: Found,
  { findings, now }: { findings: Findings; now: () => number },
): Promise<boolean> {
  if (found.subject === FLEET) return false;
  const ofFleet = { ...found, subject: FLEET, facts: {} };
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const before = await findings.find(ofFleet);
    const at = now();
    const first = Object.entries(before?.firstAt ?? {}).filter(([, one]) => one > at - WITHIN_MS);
    const firstAt = Object.fromEntries(first);
    // Whoever comes upon it once more, or at the same moment, takes no other place.
    if (Object.hasOwn(firstAt, found.subject)) return false;
    if (before !== undefined && isStorm(before) && at - before.seenAt < WITHIN_MS) {
      // Where that is lost, another one has noted as much.
      if (at - before.seenAt >= NOTED_EVERY_MS) await findings.write({ ...before, seenAt: at }, before);
      return true;
    }
    const isSixth = first.length >= TOLD_ONE_BY_ONE;
    const next = isSixth
      ? { ...nextWave(before, ofFleet, at), firstAt }
      : { ...(before ?? neverStood(ofFleet, at)), firstAt: { ...firstAt, [found.subject]: at } };
    if ((await findings.write(next, before)) !== undefined) return isSixth;
  }
  // Told by itself rather than not at all.
  return false;
}

/** The storm as it opens, or as it goes on: there is a mail to come of it, in any case. */
function nextWave(before: Finding | undefined, ofFleet: Found, at: number): Omit<Finding, "version"> {
  const { toldAt: _, claimedUntil: __, ...wave } = seen(before?.times === 0 ? undefined : before, ofFleet, at);
  return wave;
}

/** Whether a finding is a storm that stands. */
export function isStorm(finding: Finding): boolean {
  return stands(finding) && finding.firstAt !== undefined;
}

/**
 * What only remembers something, in the form of a finding of which nothing is to be told.
 *
 * @param at since when it is remembered, in milliseconds since 1970
 */
export function neverStood({ subject, cause, execution, facts }: Found, at: number): Omit<Finding, "version"> {
  return { subject, cause, execution, facts, since: at, seenAt: at, times: 0, endedAt: at, endToldAt: at };
}

/** Whether so few are left of a storm that no more of them can be on their way. */
export function stormIsOver({ seenAt }: Finding, members: number, at: number): boolean {
  return members <= TOLD_ONE_BY_ONE && at - seenAt > WITHIN_MS;
}
