import { isInstanceId } from "../../../protocol/index.ts";
import { findEach } from "../../clients/find-each.ts";
import { type Finding, stands } from "../../findings/finding.ts";
import { isRetired, type StoredRecord } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { pageOfNamed } from "../../shared/meant.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;
type Page = OutputOf<typeof contract>;

/** As a run over the fleet: after each page it is looked whether too many have failed. */
const PAGE = 100;

/**
 * Lists whom an act on many means, a page at a time. Who was rekeyed since the given moment is passed over, and so is
 * who was since a finding of theirs was seen last: the same command goes on where it was stopped.
 */
export function listMeant(input: Input, neighbours: Neighbours): Promise<Page> {
  const { ids, cause } = input;
  if (ids !== undefined) return amongNamed(ids, input, neighbours);
  return cause === undefined ? amongAll(input, neighbours) : amongFound(cause, input, neighbours);
}

/** An ID that nobody has is among them: what is started for it says so, and counts as failed. */
async function amongNamed(ids: string[], { since, after }: Input, { registry }: Neighbours): Promise<Page> {
  const { named, next } = pageOfNamed(ids, { after, limit: PAGE });
  const records = await findEach(registry, named);
  return pageOf(
    named.filter((id) => isMeant(records.get(id) ?? "unknown", since)),
    next,
  );
}

async function amongAll({ since, after }: Input, { registry }: Neighbours): Promise<Page> {
  const { records, next } = await registry.listPage({ limit: PAGE, after });
  return pageOf(
    records.filter((record) => isMeant(record, since)).map(({ id }) => id),
    next,
  );
}

async function amongFound(cause: string, { since, after }: Input, { registry, findings }: Neighbours): Promise<Page> {
  const page = await findings.listOpen(after, PAGE);
  const standing = page.findings.filter((finding) => finding.cause === cause && stands(finding));
  const records = await findEach(registry, standing.flatMap(idOf));
  const ids = standing.flatMap((finding) => {
    const [record] = idOf(finding).map((id) => records.get(id));
    if (record === undefined || !isAbout(finding, record)) return [];
    return isMeant(record, Math.min(since, finding.seenAt)) ? [record.id] : [];
  });
  return pageOf([...new Set(ids)], page.next);
}

const pageOf = (ids: string[], next: string | undefined): Page => ({ ids, ...(next !== undefined && { next }) });

/** Whether it can be rekeyed, and was not since a moment. */
function isMeant(record: StoredRecord | "unknown", since: number): boolean {
  return record === "unknown" || (!isRetired(record) && (record.rekeyedAt ?? 0) < since);
}

/** A finding is about an instance, or about its host; of a storm, the members are listed beside it. */
function idOf({ subject, facts }: Finding): string[] {
  return [subject, facts.id].filter(isInstanceId).slice(0, 1);
}

/** Whether it is the record that a finding is about: hosts also ask for what is another's. */
function isAbout({ subject }: Finding, { id, ec2InstanceId }: StoredRecord): boolean {
  return subject === id || subject === ec2InstanceId;
}
