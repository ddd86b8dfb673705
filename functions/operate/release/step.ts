import { lineOf } from "../../audit/line.ts";
import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { findMeant } from "../find-meant.ts";
import { detailsOf, operated } from "../operated.ts";
import type { contract } from "./contract.ts";

/** Releases an instance from its quarantine, in one conditional write. */
export async function release(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, now } = neighbours;
  const { id, status } = input;
  if (await registry.release(id, { line: lineOf("released", now(), detailsOf(input)) }))
    return operated("release", input, "RELEASED", neighbours);
  if (isRetired(await findMeant(registry, id))) return operated("release", input, "RETIRED", neighbours);
  // A try before, whose answer was lost, has released what was in quarantine when the execution began.
  return operated("release", input, status === "QUARANTINED" ? "RELEASED" : "NOT_QUARANTINED", neighbours);
}
