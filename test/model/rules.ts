/** The rules of the design that can be switched off, and each in a sentence. */
export const RULES = {
  lock: "The agent works on its key file under an exclusive lock, from reading to the end.",
  fileSync: "What is written is made to last before it takes the key file's place.",
  folderSync: "The folder is synced after the rename, and before the receipt.",
  syncOnRepeat: "A ticket that comes again is answered only after the folder was synced once more.",
  ticketProof: "The agent turns only by a ticket whose proof fits its key.",
  pairLasts: "The pair of a rekey lasts before anybody hears of it.",
  receiptFirst: "A key is promoted only after a receipt that proves it.",
  promotedByKey: "A promotion is one write on condition of generation and nonce.",
  newerTicketStays: "An older ticket is never laid over a newer one that the record knows.",
  pendingUsedAgain: "A pending key that is there is used again.",
  noncesComputed: "Nonces are computed, and not drawn.",
  nothingBesideRekey: "While a rekey stands, no successor is derived.",
  rekeyAboveAll: "A rekey goes above every generation that record and ticket know.",
  oneAnswer: "Of those who answer one rekey, the first agrees the key, and no other.",
  quarantineHolds: "While an instance is in quarantine, nothing about its keys is written.",
  earlierExcused: "Samples of lower generations, written until shortly after a promotion, are excused.",
  derivedAgain: "A record that is behind is brought forward where samples prove a successor that is derived again.",
  formerSilent: "A newcomer is turned only where nothing was written under its former's ID for a window.",
  hostRan: "And only where EC2 says that the host has run for that whole window.",
  displacedSilent: "And only where those whose place it has taken as a newcomer were silent, too.",
  displacedKept: "Whoever was a newcomer stays among those, whatever became of its record.",
  holderNamedFirst: "The owner item names the newcomer before its former is retired.",
} as const;

export type Rule = keyof typeof RULES;

/** Which rules hold. */
export type Rules = Readonly<Record<Rule, boolean>>;

/** All of them, but those that are named. */
export function rulesWithout(...off: Rule[]): Rules {
  const names = Object.keys(RULES) as Rule[];
  return Object.fromEntries(names.map((name) => [name, !off.includes(name)])) as Record<Rule, boolean>;
}
