import { type AuditLine, auditDigest } from "../../protocol/index.ts";
import type { Audit } from "../clients/audit.ts";
import type { DueLine, KnownHead } from "../record/audit.ts";

/** A due line whose details are the text that is stored. */
type Due = Omit<DueLine, "details"> & { details: string };

const NO_LINE: KnownHead = { n: 0, digest: "" };

/**
 * Puts the lines that are due about a subject, each once, after its last one.
 *
 * The write of an act notes in the record which line is due: so no act is without its line, and no line without its
 * act, whoever dies in between. Whoever comes to the record next, at first the one who wrote it, calls this with what
 * the record holds; then it notes the head that this gives in the record, and forgets what was due, on condition that
 * the record stands as it was read. That is one call more. It may be called again with the same, and by several at
 * once.
 *
 * One call for one due line, where the record knows the last one. Where it does not, because somebody died before
 * noting it, or the record comes from a backup, another line lies in the place; then there are three calls more or so:
 * what lies above the known head is read, what is due and lies there already is left out, and the rest goes on from the
 * last.
 *
 * Lines that the record knows and the table has lost are not put again: the gap is what a check finds.
 *
 * @param what.head the last line that the record knows of; left out where it knows of none
 * @param what.due in the order in which the acts took place
 * @param what.at now, in milliseconds since 1970
 * @returns the head that the record is to know
 * @throws TypeError that names what of a line is malformed
 */
export async function putDue(
  audit: Audit,
  what: { subject: string; head?: KnownHead | undefined; due: readonly DueLine[]; at: number },
): Promise<KnownHead> {
  const { subject, at } = what;
  let { n, digest } = what.head ?? NO_LINE;
  const lying = new Set<string>();
  for (const due of what.due.map(asStored)) {
    while (!lying.has(markOf(due))) {
      const line = lineAfter({ n, digest }, subject, due);
      const read = (await audit.put(line, { at })) ? [line] : await linesAbove(audit, subject, n);
      for (const one of read) {
        lying.add(markOf(one));
        ({ n, digest } = one);
      }
    }
  }
  return { n, digest };
}

function lineAfter(head: KnownHead, subject: string, due: Due): AuditLine {
  const { act, timeMs, details } = due;
  const line = { subject, n: head.n + 1, timeMs, act, details, previous: head.digest };
  return { ...line, digest: auditDigest(line) };
}

async function linesAbove(audit: Audit, subject: string, n: number): Promise<AuditLine[]> {
  const lines: AuditLine[] = [];
  let after: number | undefined = n;
  do {
    const page = await audit.lines(subject, { after });
    lines.push(...page.lines);
    after = page.next;
  } while (after !== undefined);
  return lines;
}

/** By which a line is known to be put already, whatever its place. */
function markOf({ act, timeMs, details }: Due): string {
  return JSON.stringify([act, timeMs, details]);
}

function asStored({ act, timeMs, details }: DueLine): Due {
  return { act, timeMs, details: typeof details === "string" ? details : JSON.stringify(details, inOrder) };
}

/** A table gives an object's keys back in any order, and a line that is put again must be the same. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
