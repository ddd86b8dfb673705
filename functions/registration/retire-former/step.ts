import type { Mail } from "../../clients/mail.ts";
import type { Registry } from "../../clients/registry.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { formerMail } from "../../telling/registration-mail.ts";
import type { contract } from "./contract.ts";

/** Retires a host's former record. The host has lost its identity file, or somebody runs a second agent on it. */
export async function retireFormer(
  { id, former, ec2InstanceId, execution }: InputOf<typeof contract>,
  { registry, mail, now }: { registry: Registry; mail: Mail; now: () => number },
): Promise<OutputOf<typeof contract>> {
  // Told first: if this step dies in between, it runs again and tells twice, rather than never.
  const { subject, text } = formerMail({ id, former, ec2InstanceId, execution });
  await mail.send(subject, text);
  return { retired: await registry.retire(former, { ec2InstanceId, at: now() }) };
}
