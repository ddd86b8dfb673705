import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Takes off the version that it is pending, since Secrets Manager begins no rotation while it is. A version that is not
 * pending any more keeps another's label where it is. One that an earlier try may have set at the authority stays pending: it
 * is tried again, so that nothing is left there that nobody finishes.
 */
export async function dropPending(
  { secret, token, judged }: InputOf<typeof contract>,
  { secrets }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  if (!judged && (await secrets.read(secret, token)) !== undefined) return {};
  await secrets.dropPending(secret, token);
  return {};
}
