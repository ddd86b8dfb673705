import { LONGEST_ROTATION_MS } from "../../record/due.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * How many instances a page has. A run looks after each page whether too many have failed; and a page takes 13 of the
 * 25,000 events that a history may have, so that a run can turn 190,000 keys.
 */
const PAGE = 100;

/**
 * Lists who is due. Each comes with the name of the execution that is to turn its key, made of the moment at which it
 * fell due: whoever starts it twice, or while it runs, starts nothing new. That moment is moved on when the key was
 * turned or an alert was noted; should an execution die without either, the name changes every hour, or every interval.
 */
export async function listDue(
  { at: since, after }: InputOf<typeof contract>,
  { registry, now, rotateEveryMs, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const at = since ?? now();
  const page = await registry.listDue({ at, limit: PAGE, after });
  const [longestDue] = page.due;
  // A key is due when it is as old as it may get, so this is the oldest there is, but for those with an alert; a new
  // instance is due for another reason.
  if (since === undefined && longestDue?.status === "ACTIVE")
    journal.duration("OldestKeyAge", rotateEveryMs + at - longestDue.dueAt);
  const due = page.due.map(({ id, dueAt }) => ({
    id,
    name: `${id}-due-${dueAt}-${Math.floor((at - dueAt) / Math.min(rotateEveryMs, LONGEST_ROTATION_MS))}`,
  }));
  return page.next === undefined ? { at, due } : { at, due, next: page.next };
}
