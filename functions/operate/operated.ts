import { putLines } from "../audit/put-lines.ts";
import type { Audit } from "../clients/audit.ts";
import type { Registry } from "../clients/registry.ts";
import type { Journal } from "../shared/journal.ts";
import type { ACTS_ON_RECORDS, ActOnRecord } from "./request.ts";

interface Neighbours {
  registry: Registry;
  audit: Audit;
  now: () => number;
  journal: Journal;
}

/** What the audit line of an act on a record says. */
export function detailsOf({ reason, requestedBy, execution }: ActOnRecord) {
  return { reason, requestedBy, execution };
}

/**
 * Ends an act on a record: puts its audit line, and writes down what it came to, and who asked for it, as claimed.
 *
 * @returns what the execution comes to
 */
export async function operated<Outcome extends string>(
  act: (typeof ACTS_ON_RECORDS)[number],
  { id, reason, requestedBy, execution }: ActOnRecord,
  outcome: Outcome,
  { registry, audit, now, journal }: Neighbours,
): Promise<{ outcome: Outcome; id: string }> {
  await putLines(id, (await registry.find(id)) ?? {}, { audit, registry, now });
  journal.info("operated", { act, id, outcome, requestedBy, reason, execution });
  return { outcome, id };
}
