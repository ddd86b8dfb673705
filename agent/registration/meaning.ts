import type { Refusal, UNKNOWN } from "../../protocol/index.ts";

/** What each refusal of a registration means, and who has to do something about it. */
export const MEANING = {
  ID_TAKEN: "the registry gives this instance's ID to another one; an operator must look into it.",
  NOT_OWNER: "the registry says that this ID belongs to another EC2 instance; an operator must look into it.",
  UNKNOWN_ID: "the registry has no record of this ID; an operator must restore it or have the instance start anew.",
  QUARANTINED: "this instance is quarantined; an operator must release it.",
  RETIRED: "this instance's ID is retired and cannot come back; an operator must have the instance start anew.",
  TOO_MANY_IDS: "this EC2 instance has come under too many new IDs; an operator must look into it.",
  NO_REKEY:
    "no rekey stands with this ticket's generation and nonce. One that was replaced meanwhile brings a new ticket by itself; " +
    "else an operator must find out who writes tickets.",
  REKEY_TAKEN:
    "another one has answered this rekey, so somebody may use this instance's credentials; an operator must look into it " +
    "(docs/runbook.md, An instance's credentials were stolen).",
  unknown: "for a reason that this version of the agent does not know; an operator must look into it.",
} as const satisfies Record<Refusal | typeof UNKNOWN, string>;
