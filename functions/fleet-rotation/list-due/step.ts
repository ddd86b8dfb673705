import { findEach } from "../../clients/find-each.ts";
import { turnName } from "../../record/due.ts";
import { isRetired, type StoredRecord } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import { pageOfNamed } from "../../shared/meant.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;
type Page = OutputOf<typeof contract>;
interface Moment {
  /** The moment of the run, in milliseconds since 1970. */
  at: number;
  after: string | undefined;
}

/**
 * How many instances a page has. A run looks after each page whether too many have failed; and a page takes 13 of the
 * 25,000 events that a history may have, so that a run can turn 190,000 keys.
 */
const PAGE = 100;

/**
 * Lists who is due, or who is meant by whoever started the run, each with the name of the execution that is to turn its key.
 *
 * @throws StepError UnknownId before anything is turned, with a sentence for whoever named somebody who is not there
 */
export function listDue({ input = {}, at: since, after }: InputOf<typeof contract>, neighbours: Neighbours) {
  const moment = { at: since ?? neighbours.now(), after };
  if (input.ids !== undefined) return amongNamed(input.ids, moment, neighbours);
  return input.all === true ? amongAll(moment, neighbours) : amongDue(moment, neighbours);
}

async function amongDue({ at, after }: Moment, { registry, rotateEveryMs }: Neighbours): Promise<Page> {
  const page = await registry.listDue({ at, limit: PAGE, after });
  const due = page.due.map(({ id, dueAt }) => ({ id, name: turnName({ id, dueAt }, { at, rotateEveryMs }) }));
  return pageOf(at, due, page.next);
}

/** Whoever cannot be turned, being off, shut or retired, is among them: what is started for it says so. */
async function amongNamed(ids: string[], { at, after }: Moment, { registry }: Neighbours): Promise<Page> {
  const { named, next } = pageOfNamed(ids, { after, limit: PAGE });
  const records = await findEach(registry, after === undefined ? ids : named);
  if (after === undefined) demandAll(ids, records);
  const meant = named.filter((id) => !isTurnedSince(records.get(id), at));
  return pageOf(at, meant.map(asked(at)), next);
}

/** All that can be turned. Each is read once in a run, in no order: one that the run has turned comes up no second time. */
async function amongAll({ at, after }: Moment, { registry }: Neighbours): Promise<Page> {
  const { records, next } = await registry.listPage({ limit: PAGE, after });
  const meant = records.filter(isTurnable).filter((record) => !isTurnedSince(record, at));
  return pageOf(at, meant.map(({ id }) => id).map(asked(at)), next);
}

const pageOf = (at: number, due: Page["due"], next: string | undefined): Page => ({
  ...{ at, due },
  ...(next !== undefined && { next }),
});

/** The moment of the run is in the name, so that starting it twice in one run starts it once, and another run another one. */
const asked = (at: number) => (id: string) => ({ id, name: `${id}-asked-${at}` });

const isTurnable = ({ status }: StoredRecord) => status === "ACTIVE" || status === "NEW";

/** Whether somebody else's run, or the schedule's, has turned it meanwhile: that is what was asked for. */
function isTurnedSince(record: StoredRecord | undefined, at: number): boolean {
  return record !== undefined && !isRetired(record) && record.current.since >= at;
}

/** How many unknown IDs are named: whoever mistyped more looks at the list. */
const MOST_SAID = 5;

function demandAll(ids: string[], records: Map<string, StoredRecord>): void {
  const unknown = [...new Set(ids)].filter((id) => !records.has(id));
  if (unknown.length === 0) return;
  const more = unknown.length > MOST_SAID ? `, nor under ${unknown.length - MOST_SAID} more of these` : "";
  const said = `No instance is registered under ${unknown.slice(0, MOST_SAID).join(", ")}${more}, so nothing was done.`;
  throw new StepError("UnknownId", `${said} Look at the IDs.`);
}
