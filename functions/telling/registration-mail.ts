import type { Refusal } from "../../protocol/index.ts";
import { layout } from "./layout.ts";

/** A taken ID is no news: the agent draws another. */
const REFUSED: Record<Exclude<Refusal, "ID_TAKEN">, string> = {
  NOT_OWNER: "The host asked to change a record that belongs to another host. Nothing was changed.",
  UNKNOWN_ID: "The host asked to change a record that does not exist. Nothing was changed.",
  QUARANTINED: "The instance is in quarantine. Nothing was changed.",
  RETIRED: "The record is retired: EC2 said that its host was gone. Nothing was changed.",
};
const MEANS: Record<string, string> = REFUSED;
const FAILED = "Something failed on the way; nobody was refused, and the agent tries again.";

/** A mail about a registration that was refused or failed. */
export function registrationMail(registration: {
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
  const text = layout(
    [
      [
        ["What", `${ec2InstanceId} asked to register ${id} (${flag}), which ${came}: ${reason}`],
        ["It means", failed ? FAILED : (MEANS[reason] ?? "Nothing was changed.")],
        ["To do", todo],
      ],
    ],
    execution,
    ["Further ones of this host are counted, and mailed once a day at the most."],
  );
  return { subject: `Keyturn: registration of ${id} by ${ec2InstanceId} ${came} (${reason})`, text };
}

/** A mail about an instance that registered anew, so that the record which it had before is retired. */
export function formerMail(change: { id: string; former: string; ec2InstanceId: string; execution: string }) {
  const { id, former, ec2InstanceId, execution } = change;
  const text = layout(
    [
      [
        ["What", `${ec2InstanceId} was registered as ${former} and has now registered as ${id}.`],
        [
          "It means",
          "The agent there has lost its identity file, or another program on the host registered in its place.",
        ],
        ["", `${former} is retired: its key is erased, and the ID is never used again.`],
        ["To do", "If nobody rebuilt the host, find out what happened to the agent's folder there."],
      ],
    ],
    execution,
  );
  return { subject: `Keyturn: ${ec2InstanceId} registered anew as ${id}; ${former} is retired`, text };
}
