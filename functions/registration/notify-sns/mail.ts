import { consoleLink } from "../../record/advice.ts";

const MEANS: Record<string, string> = {
  NOT_OWNER: "The machine asked to change a record that belongs to another machine. Nothing was changed.",
  UNKNOWN_ID: "The machine asked to change a record that does not exist. Nothing was changed.",
  QUARANTINED: "The machine is in quarantine. Nothing was changed.",
  RETIRED: "The record is retired: EC2 said that its machine was gone. Nothing was changed.",
};
const FAILED = "Something failed on the way; nobody was refused, and the agent tries again.";

/** A mail about a registration that was refused or failed. */
export function mailAbout(registration: {
  id: string;
  ec2InstanceId: string;
  flag: string;
  reason: string;
  failed: boolean;
  execution: string;
}) {
  const { id, ec2InstanceId, flag, reason, failed, execution } = registration;
  const came = failed ? "failed" : "was refused";
  const todo = failed
    ? "Open the execution and look at the state that failed."
    : `Look at ${ec2InstanceId}: a copied disk, a restored backup, or an impostor. If it is none of yours, stop it.`;
  const text = [
    `What:      ${ec2InstanceId} asked to register ${id} (${flag}), which ${came}: ${reason}`,
    `It means:  ${failed ? FAILED : (MEANS[reason] ?? "Nothing was changed.")}`,
    `To do:     ${todo}`,
    "",
    `Execution: ${execution}`,
    consoleLink(execution),
    "",
    "Further ones of this machine are counted, and mailed once a day at the most.",
  ];
  return {
    subject: `Keyturn: registration of ${id} by ${ec2InstanceId} ${came} (${reason})`,
    text: `${text.join("\n")}\n`,
  };
}
