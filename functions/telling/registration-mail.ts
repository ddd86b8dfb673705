import type { Refusal } from "../../protocol/index.ts";
import { layout } from "./layout.ts";

/** A taken ID is no news: the agent draws another. */
const REFUSED: Record<Exclude<Refusal, "ID_TAKEN">, string> = {
  NOT_OWNER: "The host asked to change a record that belongs to another host. Nothing was changed.",
  UNKNOWN_ID: "The host asked to change a record that does not exist. Nothing was changed.",
  QUARANTINED: "The instance is in quarantine. Nothing was changed.",
  RETIRED: "The record is retired: its host is gone, or is registered under another ID. Nothing was changed.",
  TOO_MANY_IDS: "The host came under five new IDs within a day, or fifty in all without a turn. Nothing was changed.",
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
    : `Look at ${ec2InstanceId}: a copied disk, a restored backup, or an impostor (runbook, section Refused).`;
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

/** What an EC2 instance registered as, and as what it had been registered before. */
interface Change {
  id: string;
  former: string;
  ec2InstanceId: string;
  execution: string;
}

/** A mail about an instance that registered anew and has taken the place of the record which it had before. */
export function formerMail({ id, former, ec2InstanceId, execution }: Change) {
  const text = layout(
    [
      [
        ["What", `${ec2InstanceId} was registered as ${former} and has registered as ${id}, which takes its place.`],
        ["It means", `Nothing was written as ${former} any more: the agent there has lost its identity file.`],
        ["", `${former} is retired: its key is erased, and the ID is never used again.`],
        [
          "To do",
          "If nobody rebuilt the host, find out what happened to the agent's folder (runbook, section Newcomer).",
        ],
      ],
    ],
    execution,
  );
  return { subject: `Keyturn: ${ec2InstanceId} registered anew as ${id}; ${former} is retired`, text };
}

/** A mail about a newcomer that is retired, since the record which its EC2 instance had before goes on. */
export function newcomerMail({ id, former, writing, ec2InstanceId, execution }: Change & { writing: string }) {
  const text = layout(
    [
      [
        ["What", `${ec2InstanceId}, which is ${former}, registered as ${id} too; and ${writing} goes on writing.`],
        ["It means", "Somebody has the credentials of the host, or a second agent runs there."],
        ["", `${id} is retired, and was never turned. ${former} stays as it was.`],
        ["To do", `Does a second agent run there? If not, its credentials are stolen (runbook, section Newcomer).`],
      ],
    ],
    execution,
  );
  return { subject: `Keyturn: ${ec2InstanceId} registered as ${id} beside ${former}; ${id} is retired`, text };
}
