import { findingEnded } from "../../events/finding-ended.ts";
import { findingOpened } from "../../events/finding-opened.ts";
import { findingMail } from "../telling/finding-mail.ts";
import { alter, type Tellers } from "./alter.ts";
import { type Finding, stands } from "./finding.ts";

/** Longer than any function lives: a claim that is older is that of one which died. */
const LEASE_MS = 120_000;

/** A finding that whoever writes it so is about to tell of. */
export function claimed<Some extends Omit<Finding, "version">>(finding: Some, at: number): Some {
  return { ...finding, claimedUntil: at + LEASE_MS };
}

/**
 * Tells of a finding's opening what is not told yet, on the bus and by mail, and notes it. Whoever calls it has claimed it.
 *
 * @param mailOf what is written of it, where it is not told as others are
 * @returns as it is then; undefined if it is another one by now, which began later
 * @throws whatever mail and bus throw: it is claimed no longer then
 */
export async function tell(
  finding: Finding,
  { findings, mail, bus, now }: Tellers,
  mailOf: typeof findingMail = findingMail,
): Promise<Finding | undefined> {
  const { subject, cause, since, execution } = finding;
  let { announcedAt } = finding;
  try {
    if (announcedAt === undefined) {
      await bus.put(findingOpened, { subject, cause, since, execution });
      announcedAt = now();
    }
    if (finding.toldAt === undefined && !finding.ofStorm) {
      const { subject: title, text } = mailOf(finding, now());
      await mail.send(title, text);
    }
  } catch (error) {
    const soFar = announcedAt === undefined ? {} : { announcedAt };
    await alter(finding, ({ claimedUntil: _, ...unclaimed }) => ({ ...unclaimed, ...soFar }), findings);
    throw error;
  }
  const at = now();
  const all = { announcedAt, toldAt: finding.toldAt ?? at };
  return alter(finding, ({ claimedUntil: _, ...one }) => ({ ...one, ...all }), findings);
}

/**
 * A finding is over: notes since when, and puts it on the bus. The next gathering mail tells people.
 *
 * @returns as it is then; undefined if it has ended, or was found again, meanwhile
 */
export async function endFinding(
  finding: Finding,
  { findings, bus, now }: Pick<Tellers, "findings" | "bus" | "now">,
): Promise<Finding | undefined> {
  const ended = finding.endedAt === undefined ? await findings.write({ ...finding, endedAt: now() }, finding) : finding;
  if (ended?.endedAt === undefined || ended.endAnnouncedAt !== undefined) return ended;
  const { subject, cause, since, endedAt } = ended;
  await bus.put(findingEnded, { subject, cause, since, endedAt });
  const at = now();
  const announced = await alter(
    ended,
    (one) => (stands(one) ? unannounced(one) : { ...one, endAnnouncedAt: at }),
    findings,
  );
  return announced && stands(announced) ? undefined : announced;
}

/** It was found again while its end was put on the bus: its opening is to be put there after that. */
function unannounced({ announcedAt: _, ...finding }: Finding): Omit<Finding, "version"> {
  return finding;
}
