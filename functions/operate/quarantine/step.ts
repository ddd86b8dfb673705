import { lineOf } from "../../audit/line.ts";
import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { findMeant } from "../find-meant.ts";
import { detailsOf, operated } from "../operated.ts";
import type { contract } from "./contract.ts";

/** Puts an instance in quarantine, in one conditional write: from then on each later write about its keys is refused. */
export async function quarantine(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, now } = neighbours;
  const { id } = input;
  // What was there already, by a try before or by somebody else, is there.
  const isThere =
    (await registry.quarantine(id, { line: lineOf("quarantined", now(), detailsOf(input)) })) ||
    !isRetired(await findMeant(registry, id));
  return operated("quarantine", input, isThere ? "QUARANTINED" : "RETIRED", neighbours);
}
