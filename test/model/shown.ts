import { CAN_COME_RIGHT } from "./breadth-first.ts";
import type { Rule } from "./rules.ts";

/** Where it shows what a rule is for: which property does not hold without it, in which configuration. */
export const SHOWN: Record<Rule, { configuration: string; property: string }> = {
  lock: { configuration: "turns beside one another", property: "no lock-out" },
  fileSync: { configuration: "rotations under crashes", property: "no lock-out" },
  folderSync: { configuration: "rotations under crashes", property: "no lock-out" },
  syncOnRepeat: { configuration: "rotations under crashes", property: "no lock-out" },
  ticketProof: { configuration: "rotations under crashes", property: "no lock-out" },
  pairLasts: { configuration: "rekeys under crashes", property: "nobody is told without a cause" },
  receiptFirst: { configuration: "nothing amiss", property: "no lock-out" },
  promotedByKey: { configuration: "rotations under crashes", property: "no lock-out" },
  // Nobody is locked out by an older ticket: the agent answers for the key that it holds, and the rotation fails.
  newerTicketStays: { configuration: "nothing amiss", property: "nobody is told without a cause" },
  // As nonces are computed, a key that is derived twice is the same; but who waited for the first is forgotten.
  pendingUsedAgain: { configuration: "nothing amiss", property: "nobody is told without a cause" },
  // As a pending key is used again, nothing is derived twice; but where a table was restored.
  noncesComputed: { configuration: "a restored table", property: CAN_COME_RIGHT },
  nothingBesideRekey: { configuration: "rekeys beside rotations", property: "one successor" },
  rekeyAboveAll: { configuration: "rekeys beside rotations", property: "one successor" },
  oneAnswer: { configuration: "rekeys and people", property: "one successor" },
  quarantineHolds: { configuration: "rekeys and people", property: "a quarantine holds" },
  earlierExcused: { configuration: "forged samples", property: "nobody is told without a cause" },
  derivedAgain: { configuration: "a restored table", property: CAN_COME_RIGHT },
  formerSilent: { configuration: "newcomer and former", property: "no rightful host loses its record to a thief" },
  hostRan: { configuration: "newcomer and former", property: "no rightful host loses its record to a thief" },
  displacedSilent: { configuration: "newcomer and former", property: "no rightful host loses its record to a thief" },
  displacedKept: { configuration: "newcomer and former", property: "no rightful host loses its record to a thief" },
  holderNamedFirst: { configuration: "newcomer and former", property: "no rightful host loses its record to a thief" },
};
