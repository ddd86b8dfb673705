import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Deletes a key. One that somebody else has deleted is an outcome. */
export async function deleteKey(
  { accessKeyId, user }: InputOf<typeof contract>,
  { accessKeys, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const done = (await accessKeys.remove(user, accessKeyId)) === "gone" ? "GONE" : "DELETED";
  journal.info("deleted", { accessKeyId, user, done });
  return { done };
}
