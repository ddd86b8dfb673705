import { registrationRefused } from "../../../events/registration-refused.ts";
import { openFinding } from "../../findings/open.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Tells people of a registration that was refused or failed. What is told is told of the host that asked, whatever ID it
 * asked for: somebody with its credentials may ask for ever new ones. Each reason stands by itself, so that a harmless one
 * hides none that is not.
 */
export async function notifySns(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { bus, journal } = neighbours;
  const { id, ec2InstanceId, flag, reason, failed, execution } = input;
  if (!input.failed) await bus.put(registrationRefused, { id, ec2InstanceId, flag, reason: input.reason });
  journal.info("notified", { id, ec2InstanceId, flag, reason });
  journal.count("Registration", { outcome: failed ? "FAILED" : "REFUSED" });
  const said = `${ec2InstanceId} asked to register ${id} (${flag}): ${reason}`;
  const cause = failed ? "RegistrationFailed" : reason;
  await openFinding({ subject: ec2InstanceId, cause, execution, facts: { id, said } }, neighbours);
  return {};
}
