import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Makes a key inactive, whoever has done so before. One that is gone is an outcome. */
export async function deactivateKey(
  { accessKeyId, user }: InputOf<typeof contract>,
  { accessKeys, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const done = (await accessKeys.deactivate(user, accessKeyId)) === "gone" ? "GONE" : "DEACTIVATED";
  journal.info("deactivated", { accessKeyId, user, done });
  return { done };
}
