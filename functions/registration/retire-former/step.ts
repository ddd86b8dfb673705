import type { Mail } from "../../clients/mail.ts";
import type { Registry } from "../../clients/registry.ts";
import { consoleLink } from "../../record/advice.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { contract } from "./contract.ts";

/** Retires a machine's former record. The machine has lost its identity file, or somebody runs a second agent on it. */
export async function retireFormer(
  { id, former, ec2InstanceId, execution }: InputOf<typeof contract>,
  { registry, mail, now }: { registry: Registry; mail: Mail; now: () => number },
): Promise<OutputOf<typeof contract>> {
  // Told first: if this step dies in between, it runs again and tells twice, rather than never.
  await mail.send(
    `Keyturn: ${ec2InstanceId} registered anew as ${id}; ${former} is retired`,
    `${ec2InstanceId} was registered as ${former} and has now registered as ${id}.\n\n` +
      `It means:  The agent on the machine has lost its identity file, or another program there registered in its place.\n` +
      `           ${former} is retired: its key is erased, and the ID is never used again.\n` +
      `To do:     If nobody rebuilt the machine, find out what happened to the agent's folder there.\n\n` +
      `Execution: ${execution}\n${consoleLink(execution)}\n`,
  );
  return { retired: await registry.retire(former, { ec2InstanceId, at: now() }) };
}
