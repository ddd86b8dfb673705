import { type AuditLine, chainFaults, isEc2InstanceId, type KnownSeal } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { misused, refused } from "../exits.ts";
import { readLines, readSeals } from "../reads/audit.ts";
import { subjectOf } from "../subject.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A subject's lines in their order, and whether they and all seals hold. */
export interface CheckedSubject {
  lines: AuditLine[];
  /** The number of the last line that is sealed; 0 where none is. */
  sealedTo: number;
  verdict: Verdict;
}

/**
 * Reads the lines of a subject, and all seals, and checks them: as many calls as there are seals, and one for a thousand lines.
 *
 * @param subject as somebody has typed it
 * @param known digests from outside
 * @throws Stopped (2) for what is no subject of lines, and (3) where there is neither a line of it nor a seal over one
 */
export async function checkSubject(
  subject: string,
  known: readonly KnownSeal[],
  context: Pick<Context, "place" | "out" | "stopped">,
): Promise<CheckedSubject> {
  subjectOf(subject);
  if (isEc2InstanceId(subject)) {
    throw misused(`Lines stand under the instance's ID: \`keyturn show ${subject}\` says which it has.`);
  }
  // The seals first: a line that is put and sealed meanwhile is not missing.
  const seals = await readSeals(context, (one) => one === subject);
  const lines = await readLines(context, subject);
  const sealed = seals.heads.get(subject) ?? [];
  if (lines.length === 0 && sealed.length === 0) {
    throw refused(
      `There is no audit line of ${subject} ${context.place.said}: \`keyturn fleet --all\` and \`keyturn secrets\` list whom there may be lines of.`,
    );
  }
  const faults = [...seals.faults(known), ...chainFaults({ subject, lines, sealed })];
  return { lines, sealedTo: Math.max(0, ...sealed.map(({ n }) => n)), verdict: verdictOf(faults, seals, known) };
}
