import { lineOf } from "../../audit/line.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { findMeant } from "../find-meant.ts";
import { detailsOf, operated } from "../operated.ts";
import type { contract } from "./contract.ts";

/** Retires an instance, whatever EC2 says of its host: a person has decided. */
export async function retire(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, now } = neighbours;
  const { id, ec2InstanceId } = input;
  const line = lineOf("retired", now(), detailsOf(input));
  // An ID is one EC2 instance's for ever: where nothing is written, it is retired already, or its record is gone.
  if (!(await registry.retire(id, { ec2InstanceId, at: now(), line }))) await findMeant(registry, id);
  return operated("retire", input, "RETIRED", neighbours);
}
