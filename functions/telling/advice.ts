/** What something that went wrong means, and what the person who reads of it does. */
export interface Advice {
  means: string;
  todo: string;
}

const LOOK_AT_THE_AGENT =
  "Look at the agent on the instance: `keyturn-agent status`, `journalctl -u keyturn-agent`. Keyturn tries again by itself.";

/** By verdict or error name. Every verdict that alerts, and every error that may end a rotation, stands here. */
export const ADVICE: Record<string, Advice> = {
  STALE: {
    means: "The instance has stopped proving its key: it wrote nothing to the time series for three intervals.",
    todo: `Is the instance up, and does it reach AWS? ${LOOK_AT_THE_AGENT}`,
  },
  MISMATCH: {
    means: "The instance writes proofs that do not fit its key: its key file was altered, or restored from a backup.",
    todo: "Find out who touched the key file on the instance, and treat the key as lost: give the instance a new one (runbook, First aid).",
  },
  CONFLICT: {
    means:
      "Two hosts write as this instance, and one of them holds no valid key: a clone with an older key, or a forger. " +
      "The rotation goes on, since only who holds the key can answer the ticket.",
    todo: "Find the other host: a copied disk or image, or stolen credentials of the fleet's role. Shut it down.",
  },
  UnknownId: {
    means: "No instance is registered under this ID.",
    todo: "Look at who asked for the rotation, and for which ID. If the record was lost, the instance registers again.",
  },
  KeyUnreadable: {
    means: "The key in the record cannot be decrypted: the record was altered or restored, or the KMS key exchanged.",
    todo: "Check CloudTrail for writes to the instance table. Restore the record, or give the instance a new key.",
  },
  NonceModeChanged: {
    means:
      "The key that this instance is to get next was derived without a nonce, and `nonce` has been set otherwise since. " +
      "A generation has one key, so it cannot be derived anew.",
    todo: "Set `nonce` back to none until this instance has turned, or let the instance register anew.",
  },
  InstanceUnreachable: {
    means: "SSM cannot reach the instance, although it proves its key.",
    todo: "Look at the SSM agent on the instance and at its instance profile. Keyturn tries again by itself.",
  },
  PushUndelivered: {
    means: "The command to turn did not reach the agent, or the turn did not end in time.",
    todo: `Look at the SSM agent on the instance. ${LOOK_AT_THE_AGENT}`,
  },
  PushUnanswered: {
    means: "The instance was told to turn, and neither an answer nor a failure came.",
    todo: `Look at the command in the SSM console. ${LOOK_AT_THE_AGENT}`,
  },
  PushFailed: {
    means:
      "The agent on the instance failed and gave no receipt. Its old key still stands, or the next push finds it turned.",
    todo: LOOK_AT_THE_AGENT,
  },
  PushRefused: {
    means: "The agent did not turn: its ticket does not fit the key that the instance holds, or could not be had.",
    todo:
      "See the reason in the cause. TICKET_DENIED and TICKET_UNAVAILABLE: the instance's role and its way to DynamoDB. " +
      "Otherwise the record and the instance have come apart, since one of them was restored: give the instance a new key.",
  },
  ReceiptInvalid: {
    means: "What the instance answered does not prove the new key, so the new key was not promoted.",
    todo:
      "Somebody altered the agent or its answer, or answered in its place with the instance's credentials. Look at the " +
      "instance before you trust it again.",
  },
  InvalidInput: {
    means: "The rotation was asked for with something that is no instance ID (6 lower-case hexadecimal characters).",
    todo: "Look at the input of the execution and correct whoever started it.",
  },
};

const UNFORESEEN: Advice = {
  means: "Something failed that Keyturn did not foresee, or AWS was away for longer than it keeps trying.",
  todo: "Open the execution: the failed state and its cause are marked. Keyturn tries again by itself.",
};

/** What a verdict or error means and what to do about it. */
export function adviceFor(what: string): Advice {
  return ADVICE[what] ?? UNFORESEEN;
}
