import { registrationRefused } from "../../../events/registration-refused.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { registrationMail } from "../../telling/registration-mail.ts";
import type { contract } from "./contract.ts";

const A_DAY_MS = 24 * 3600 * 1000;

/** Records what went wrong; a caller that goes on asking is told of once a day, so that it cannot bury other mail. */
export async function notifySns(
  input: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, mail, bus, now, journal } = neighbours;
  const { id, ec2InstanceId, flag, reason, failed } = input;
  if (!input.failed) await bus.put(registrationRefused, { id, ec2InstanceId, flag, reason: input.reason });
  journal.info("notified", { id, ec2InstanceId, flag, reason });
  journal.count("Registration", { outcome: failed ? "FAILED" : "REFUSED" });

  const at = now();
  // Counted apart, so that a failure of ours does not hide an impostor.
  const kind = failed ? "failed" : "refused";
  const mailedAt = await registry.countNotRegistered({ kind, ec2InstanceId, id, reason, at });
  if (mailedAt !== undefined && at - mailedAt < A_DAY_MS) return { mailed: false };
  const { subject, text } = registrationMail(input);
  await mail.send(subject, text);
  // Mailed first and noted then: a crash in between mails twice rather than never.
  await registry.noteNotRegisteredMailed({ kind, ec2InstanceId, at });
  return { mailed: true };
}
