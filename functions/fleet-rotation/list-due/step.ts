import { turnName } from "../../record/due.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * How many instances a page has. A run looks after each page whether too many have failed; and a page takes 13 of the
 * 25,000 events that a history may have, so that a run can turn 190,000 keys.
 */
const PAGE = 100;

/** Lists who is due, each with the name of the execution that is to turn its key. */
export async function listDue(
  { at: since, after }: InputOf<typeof contract>,
  { registry, now, rotateEveryMs }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const at = since ?? now();
  const page = await registry.listDue({ at, limit: PAGE, after });
  const due = page.due.map(({ id, dueAt }) => ({ id, name: turnName({ id, dueAt }, { at, rotateEveryMs }) }));
  return page.next === undefined ? { at, due } : { at, due, next: page.next };
}
