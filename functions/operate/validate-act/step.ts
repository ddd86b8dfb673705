import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { findMeant } from "../find-meant.ts";
import type { contract } from "./contract.ts";

/**
 * Looks the record up that is meant. How it stands now is kept in the execution, so that a step which runs again comes to
 * the same outcome.
 */
export async function validateAct(
  input: InputOf<typeof contract>,
  { registry }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { act, reason = "", requestedBy = "" } = input;
  const asked = { reason, requestedBy };
  if (act === "drill") return { act, ...asked };
  const anew = act === "rekey" && input.anew === true;
  if (input.id === undefined) {
    const { ids, cause, all, since } = input;
    const named = { ...(ids && { ids }), ...(cause !== undefined && { cause }), ...(all && { all }) };
    return { act: "rekey-many", ...named, anew, ...(since !== undefined && { since: Date.parse(since) }), ...asked };
  }
  const { id, ec2InstanceId, status } = await findMeant(registry, input.id);
  return { act, id, ec2InstanceId, status, anew, ...asked };
}
