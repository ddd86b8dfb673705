import { putDue } from "../audit/put-due.ts";
import type { Audit } from "../clients/audit.ts";
import type { Credentials } from "../clients/credentials.ts";
import type { DueLine } from "../record/audit.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import { type CredentialRecord, newRecord } from "./record.ts";

/** How often a record is read to be written: each time but the first, another one wrote it meanwhile. */
const MOST_LOOKS = 10;

type Unwritten = Omit<CredentialRecord, "version">;

/**
 * Alters a credential's record as it stands, whoever else writes it meanwhile.
 *
 * @param change makes the next one, or gives undefined where there is nothing to write
 * @returns as it stands then
 * @throws StepError TemporarilyUnavailable where others write it each time
 */
export async function alterCredential(
  name: string,
  change: (record: Unwritten) => Unwritten | undefined,
  { credentials }: { credentials: Credentials },
): Promise<CredentialRecord> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const before = await credentials.find(name);
    const next = change(before ?? newRecord(name));
    if (next === undefined) return before ?? { ...newRecord(name), version: 0 };
    const written = await credentials.write(next, before);
    if (written !== undefined) return written;
  }
  throw new StepError(TEMPORARILY_UNAVAILABLE, `The record of the credential ${name} is written many times at once.`);
}

/** A record in which the line of an act is due, once: the same act, of the same moment, is one line. */
export function withLine(record: Unwritten, line: DueLine): Unwritten {
  const { auditDue = [] } = record;
  const isDue = auditDue.some((one) => markOf(one) === markOf(line));
  return isDue ? record : { ...record, auditDue: [...auditDue, line] };
}

/** Puts the audit lines that are due, and notes in the record that they are put. */
export async function putCredentialLines(
  { name, auditHead, auditDue = [] }: CredentialRecord,
  { audit, credentials, now }: { audit: Audit; credentials: Credentials; now: () => number },
): Promise<void> {
  if (auditDue.length === 0) return;
  const head = await putDue(audit, { subject: name, head: auditHead, due: auditDue, at: now() });
  const put = new Set(auditDue.map(markOf));
  await alterCredential(
    name,
    (record) => {
      const left = (record.auditDue ?? []).filter((line) => !put.has(markOf(line)));
      // Who put later ones meanwhile knows a later head.
      const auditHead = (record.auditHead?.n ?? 0) > head.n ? record.auditHead : head;
      return { ...record, ...(auditHead && { auditHead }), auditDue: left };
    },
    { credentials },
  );
}

function markOf({ act, timeMs }: DueLine): string {
  return `${act} ${timeMs}`;
}
