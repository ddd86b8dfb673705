import * as z from "zod/mini";
import { instanceId } from "../../events/fields.ts";

/** How many instances can be named one by one. */
export const MOST_NAMED = 1000;
const A_LIST = `must be a list of 1 to ${MOST_NAMED} instance IDs`;

/** How the instances are named that somebody means who means many: one by one, or all. */
export const idsOrAll = {
  ids: z.optional(z.array(instanceId, A_LIST).check(z.minLength(1, A_LIST), z.maxLength(MOST_NAMED, A_LIST))),
  all: z.optional(z.literal(true, "must be true, or left out")),
};

/**
 * A page of those who are named one by one, each once.
 *
 * @param ids the same for each page
 * @param after what the page before gave as `next`
 */
export function pageOfNamed(
  ids: readonly string[],
  { after, limit }: { after?: string | undefined; limit: number },
): { named: string[]; next?: string } {
  const each = [...new Set(ids)];
  const from = after === undefined ? 0 : Number(JSON.parse(after).from);
  const end = from + limit;
  return { named: each.slice(from, end), ...(end < each.length && { next: JSON.stringify({ from: end }) }) };
}
