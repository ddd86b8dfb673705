import { isInstanceId } from "../../../protocol/index.ts";
import type { Registry } from "../../clients/registry.ts";
import { stands } from "../../findings/finding.ts";
import { isRetired, type StoredRecord } from "../../record/record.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** As a run over the fleet: after each page it is looked whether too many have failed. */
const PAGE = 100;

/**
 * Lists whom an act on many means, a page at a time. Whose key was agreed anew since the given moment is passed over, and so
 * is who was since a finding of theirs was seen last: the same command goes on where it was stopped.
 */
export async function listMeant(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { records, next } = await pageOf(input, neighbours);
  const ids = records.filter(isMeant(input.since)).map(({ id }) => id);
  return { ids: [...new Set(ids)], ...(next !== undefined && { next }) };
}

interface Page {
  records: StoredRecord[];
  next?: string | undefined;
}

/** Whether a record has a key that is to be agreed anew, and was not since a moment. */
function isMeant(since: number) {
  return (record: StoredRecord) => !isRetired(record) && (record.rekeyedAt ?? 0) < since;
}

async function pageOf(input: Input, { registry, findings }: Neighbours): Promise<Page> {
  const { ids, cause, after } = input;
  if (ids !== undefined) {
    const from = after === undefined ? 0 : Number(JSON.parse(after).from);
    const next = from + PAGE < ids.length ? JSON.stringify({ from: from + PAGE }) : undefined;
    return { records: await recordsOf(ids.slice(from, from + PAGE), registry), next };
  }
  if (cause === undefined) return registry.listPage({ limit: PAGE, after });
  const page = await findings.listOpen(after);
  const standing = page.findings.filter((finding) => finding.cause === cause && stands(finding));
  const seenAt = new Map(standing.map(({ subject, facts, seenAt }) => [idOf(subject, facts.id), seenAt]));
  const records = await recordsOf([...seenAt.keys()].filter(isInstanceId), registry);
  return { records: records.filter((record) => isMeant(seenAt.get(record.id) ?? 0)(record)), next: page.next };
}

/** A finding is about an instance, or about its host. */
function idOf(subject: string, id: string | undefined): string | undefined {
  return isInstanceId(subject) ? subject : id;
}

async function recordsOf(ids: string[], registry: Registry): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  await eachAtOnce(ids, async (id) => {
    const record = await registry.find(id);
    if (record !== undefined) found.push(record);
  });
  return found;
}
