import type { AuditDocument } from "../../../wire/audit.ts";
import type { Tone } from "../../../wire/live.ts";

/** What an audit comes to: in one sentence, and what that does not say. */
export interface Said {
  tone: Tone;
  headline: string;
  /** What else is to be known of it, in sentences. */
  more: string[];
}

/** Whether the chain holds, in words. */
export function saidOf(audit: AuditDocument): Said {
  const { subject, faults, seals, sealedTo, known } = audit;
  if (faults.length > 0)
    return {
      tone: "bad",
      headline: badHeadline(audit),
      more: [WHAT_TO_DO, ...(faultyLines(audit).size > 0 ? [MARKED] : [])],
    };
  if (seals === 0) {
    return { tone: "quiet", headline: `The chain of ${subject} holds in itself; nothing is sealed yet.`, more: [OPEN] };
  }
  return {
    tone: "good",
    headline: `The chain of ${subject} holds, and so do the seals: nothing was changed, moved or taken away.`,
    more: [...(sealedTo === 0 ? [OPEN] : []), ...(known === 0 ? [NOT_OUTSIDE] : [])],
  };
}

const WHAT_TO_DO =
  "Somebody has altered the audit, or a part of it was lost or restored. Find out what and who, as the runbook says.";
const MARKED = "Do not rely on the lines that are marked.";
const OPEN = "A seal is put once a day. What none covers yet can be cut from the end, or hashed anew, without a trace.";
const NOT_OUTSIDE =
  "Whoever hashes everything anew, seals included, is found out only by a digest from outside: paste the one of the line Seal in a mail that gathers.";

function badHeadline({ subject, faults }: AuditDocument): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  const isOfChain = faults.some((fault) => fault.subject !== undefined);
  const isOfSeals = faults.some((fault) => fault.subject === undefined);
  if (!isOfChain) return `The seals do not hold: ${count}. What they say of ${subject} proves nothing.`;
  return isOfSeals
    ? `Neither the chain of ${subject} nor the seals hold: ${count}.`
    : `The chain of ${subject} does not hold: ${count}.`;
}

/** How far a subject's lines are sealed. */
export function sealedSaid({ lines, sealedTo }: Pick<AuditDocument, "lines" | "sealedTo">): string {
  const last = lines[0]?.n ?? 0;
  if (sealedTo === 0) return "none of them yet";
  if (sealedTo > last)
    return `up to line ${sealedTo}, ${last === 0 ? "of which none is left" : `of which those after ${last} are gone`}`;
  if (sealedTo === last) return "all of them";
  return sealedTo + 1 === last
    ? `up to line ${sealedTo}, and not line ${last} yet`
    : `up to line ${sealedTo}, and not lines ${sealedTo + 1} to ${last} yet`;
}

/** The digests that somebody has pasted, one each line or word, as the server takes them. */
export function sealsIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== "");
}

/** The lines that a fault is about, by their numbers; of those that are gone, none. */
export function faultyLines({ faults, lines }: Pick<AuditDocument, "faults" | "lines">): Set<number> {
  const there = new Set(lines.map(({ n }) => n));
  const meant = faults.flatMap(({ subject, n }) => (subject === undefined || n === undefined ? [] : [n]));
  return new Set(meant.filter((n) => there.has(n)));
}
