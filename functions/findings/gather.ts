import type { Findings } from "../clients/findings.ts";
import { eachAtOnce } from "../shared/at-once.ts";
import { gatheredMail } from "../telling/gathered-mail.ts";
import { alter, type Tellers } from "./alter.ts";
import { type Finding, seen, stands } from "./finding.ts";
import { neverStood } from "./storm.ts";
import { claimed } from "./tell.ts";

const A_DAY_MS = 24 * 3600 * 1000;
const A_WEEK_MS = 7 * A_DAY_MS;

/** Where it is remembered when people were last mailed so: no finding, but in the form of one that never stood. */
const MEMORY = { subject: "mail", cause: "gathered", facts: {} };

/** When the watch looked first, as far as that is remembered, in milliseconds since 1970. */
export async function firstLookAt(findings: Findings): Promise<number | undefined> {
  return (await findings.find(MEMORY))?.since;
}

/**
 * Sends the mail that gathers what stands and what has ended: a day after the last one if anything has ended, or has stood
 * for a day since people were told; a week after it in any case, so that whoever gets none knows that something is wrong.
 * What has ended is told once it cannot come back as the same one: people who were told of its end would not be told then.
 *
 * @param open all of which there is still something to tell
 * @param look its execution's ARN, and the last seal over the audit, for people to keep
 * @returns whether it was sent
 * @throws whatever mail throws: it is claimed no longer then, so that who tries again sends it
 */
export async function gather(
  open: Finding[],
  look: { execution: string; seal?: { day: string; digest: string } | undefined },
  tellers: Tellers,
): Promise<boolean> {
  const { findings, mail, now } = tellers;
  const at = now();
  const memory = await findings.find(MEMORY);
  if (memory === undefined) {
    // The first look: from now on it is counted.
    await findings.write(neverStood({ ...MEMORY, execution: look.execution }, at), undefined);
    return false;
  }
  const since = at - (memory.toldAt ?? memory.since);
  const standing = open.filter(stands);
  const ended = open.filter((one) => !stands(one) && isForGood(one, at));
  // What was told today is not told a second time today.
  const isOld = ({ toldAt, since: began }: Finding) => at - (toldAt ?? began) >= A_DAY_MS;
  const isAnything = ended.length > 0 || standing.some(isOld);
  if (since < (isAnything ? A_DAY_MS : A_WEEK_MS) || (memory.claimedUntil ?? 0) > at) return false;
  const mine = await findings.write(claimed(memory, at), memory);
  if (mine === undefined) return false;
  const { subject, text } = gatheredMail({ standing, ended }, look);
  try {
    await mail.send(subject, text);
  } catch (error) {
    await alter(mine, ({ claimedUntil: _, ...one }) => one, findings);
    throw error;
  }
  // From when it ended on, such a thing is kept for a while only.
  await alter(mine, ({ claimedUntil: _, ...one }) => ({ ...one, toldAt: at, endedAt: at }), findings);
  await eachAtOnce(ended, (finding) => findings.write({ ...finding, endToldAt: at }, finding));
  return true;
}

/** Whether what has ended is another one, should it be found again. */
function isForGood(finding: Finding, at: number): boolean {
  return seen(finding, finding, at).times === 1;
}
