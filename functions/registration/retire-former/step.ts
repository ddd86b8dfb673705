import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { formerMail } from "../../telling/registration-mail.ts";
import type { contract } from "./contract.ts";

/** Retires a host's former record. The host has lost its identity file, or somebody runs a second agent on it. */
export async function retireFormer(
  { id, former, ec2InstanceId, execution }: InputOf<typeof contract>,
  { registry, mail, now }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  // Told first: if this step dies in between, it runs again and tells twice, rather than never.
  const { subject, text } = formerMail({ id, former, ec2InstanceId, execution });
  await mail.send(subject, text);
  return { retired: await registry.retire(former, { ec2InstanceId, at: now() }) };
}
