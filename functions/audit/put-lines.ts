import type { Audit } from "../clients/audit.ts";
import type { Registry } from "../clients/registry.ts";
import type { Audited } from "../record/record.ts";
import { putDue } from "./put-due.ts";

/** How many at once, however many there are: one update of DynamoDB removes 300 elements at the most, in 4 kB of text. */
const MOST_AT_ONCE = 100;

/**
 * Puts the audit lines that a record, or its tombstone, says are due, and notes in it that they are. Two calls for one line;
 * none where none is due. Whoever is slower than another one finds them put; what is noted by neither is noted by the next.
 * Where the audit could not be reached for so long that more than a hundred are due, the rest is left to the next, too.
 *
 * @param audited what the record was read to hold of the audit
 */
export async function putLines(
  id: string,
  { auditHead, auditDue = [] }: Audited,
  { audit, registry, now }: { audit: Audit; registry: Registry; now: () => number },
): Promise<void> {
  const due = auditDue.slice(0, MOST_AT_ONCE);
  if (due.length === 0) return;
  const head = await putDue(audit, { subject: id, head: auditHead, due, at: now() });
  await registry.noteAudited(id, { known: auditHead, head, put: due.length });
}
