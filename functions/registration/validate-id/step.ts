import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { askedRekey } from "../asked-rekey.ts";
import { isSameRegistration } from "../same-registration.ts";
import type { contract } from "./contract.ts";

type Decision = OutputOf<typeof contract>;

const refuse = (reason: Extract<Decision, { decision: "REFUSE" }>["reason"], alert: boolean): Decision => ({
  decision: "REFUSE",
  reason,
  alert,
});

/** Decides what a registration comes to. Writes nothing. */
export async function validateId(
  input: InputOf<typeof contract>,
  { registry }: NeighboursOf<typeof contract>,
): Promise<Decision> {
  const { id, ec2InstanceId, flag, publicKey } = input;
  const record = await registry.find(id);

  if (flag === "rekey") {
    // Always told, once for a host and a reason: either somebody writes tickets that may not, or holds its credentials.
    const asked = askedRekey(record, input);
    return "refused" in asked ? refuse(asked.refused, true) : { decision: "REKEY" };
  }

  if (flag === "update") {
    if (record === undefined) return refuse("UNKNOWN_ID", true);
    if (record.ec2InstanceId !== ec2InstanceId) return refuse("NOT_OWNER", true);
    if (isRetired(record)) return refuse("RETIRED", true);
    if (record.status === "QUARANTINED") return refuse("QUARANTINED", true);
    return { decision: "UPDATE" };
  }

  if (record === undefined || isSameRegistration(record, ec2InstanceId, publicKey)) return { decision: "ADD" };
  // 24 bits collide now and then; the agent draws another ID.
  return refuse("ID_TAKEN", false);
}
