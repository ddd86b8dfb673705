import type { Uses } from "./uses.ts";

/**
 * The use proofs in two stores, while consumers move from one to the other. Each is read with its own bounds; where one
 * cannot be read, nothing is said. The last of a version may come twice, once from each: in Timestream, others may have
 * written it than the instance or role that it names, and such a one must not hide what lies in DynamoDB.
 */
export function usesInBoth(one: Uses, other: Uses): Uses {
  return {
    canHide: one.canHide || other.canHide,

    async of(secret, window) {
      const uses = await Promise.all([one.of(secret, window), other.of(secret, window)]);
      return uses.flat().sort((a, b) => b.timeMs - a.timeMs);
    },
  };
}
