import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Takes off the version that it is pending, since Secrets Manager begins no rotation while it is. A version that is not
 * pending any more keeps another's label where it is.
 */
export async function dropPending(
  { secret, token }: InputOf<typeof contract>,
  { secrets }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  await secrets.dropPending(secret, token);
  return {};
}
