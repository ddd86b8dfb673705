import { NO_USE } from "./add-up.ts";
import type { Calls, Use } from "./forms.ts";

/**
 * What a later look at a key's use found that an earlier one had not: names, more calls of a name, roles, Regions that cannot
 * be read any more. Counts are of what is new.
 *
 * @param known as people were told; undefined where nothing could be told of it
 * @returns undefined where nothing is new
 */
export function newsIn(found: Use, known: Use = NO_USE): Use | undefined {
  const before = new Map(known.calls.map((calls) => [calls.name, calls]));
  // Where the earlier one had no room for all names, one that it does not have need not be new.
  const isOpen = known.left === 0 || found.total > known.total;
  const calls = found.calls.flatMap((each) => {
    const former = before.get(each.name);
    if (former === undefined) return isOpen || each.leaves ? [each] : [];
    return each.count > former.count ? [moreThan(former, each)] : [];
  });
  const roles = found.roles.filter((role) => !known.roles.includes(role));
  const unread = found.unread.filter(({ region }) => !known.unread.some((one) => one.region === region));
  if (calls.length + roles.length + unread.length === 0) return undefined;
  return {
    calls,
    total: Math.max(0, found.total - known.total),
    left: Math.max(0, found.left - known.left),
    roles,
    unread,
  };
}

/** The calls of a name that there are more. */
function moreThan(former: Calls, found: Calls): Calls {
  const count = found.count - former.count;
  const refused = Math.max(0, found.refused - former.refused);
  // What is new began after what was known, but for calls that CloudTrail had late.
  const first = found.first < former.first ? found.first : Math.min(found.last, former.last);
  return { ...found, count, refused, first, leaves: found.leaves && count > refused };
}
