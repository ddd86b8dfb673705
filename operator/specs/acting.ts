import { WHERE } from "./looking.ts";
import type { CommandSpec } from "./spec.ts";

const REASON = { flags: "--reason <text>", is: "why, for the audit" };
const WAIT = { flags: "--wait", is: "until it is over" };
const YES = { flags: "--yes", is: "without asking first" };
const DRY_RUN = { flags: "--dry-run", is: "only say what would be done" };
const IDS = ["[id...]", "the IDs of instances"] as const;

const ON_RECORDS = {
  quarantine: {
    does: "Shuts instances away: their keys are not turned, and they can register nothing.",
    examples: ["keyturn quarantine a1b2c3 --reason 'its key may have leaked'"],
  },
  release: { does: "Lets instances out of quarantine.", examples: ["keyturn release a1b2c3"] },
  retire: {
    does: "Erases the keys of instances for good; their IDs are never used again.",
    examples: ["keyturn retire a1b2c3 --dry-run"],
  },
} as const;

/** What starts an execution, or asks for one by an event. Nothing is written by the command line itself. */
export const ACTING: readonly CommandSpec[] = [
  {
    name: "check",
    does: "Has the proofs of instances judged now; turns nothing.",
    arguments: [IDS],
    options: [{ flags: "--all", is: "of every instance" }],
    examples: ["keyturn check a1b2c3", "keyturn check --all"],
    load: () => import("../commands/check.ts"),
  },
  {
    name: "rotate",
    does: "Has the keys of instances, or a credential, turned now.",
    arguments: [["[subject...]", "the IDs of instances, or the name of one secret"]],
    options: [
      { flags: "--all", is: "every instance" },
      WHERE,
      { flags: "--heal", is: "of a secret: mend what its database refuses" },
      { flags: "--force", is: "of a secret: wait for no consumer, in an incident" },
      ...[REASON, WAIT, DRY_RUN, YES],
    ],
    examples: [
      "keyturn rotate a1b2c3 --wait",
      "keyturn rotate --where 'age>30d' --dry-run",
      "keyturn rotate orders/db --reason audit",
    ],
    load: () => import("../commands/rotate.ts"),
  },
  {
    name: "rekey",
    does: "Has instances agree a fresh key under the same ID: after a leak, or where the key is lost.",
    arguments: [IDS],
    options: [
      { flags: "--cause <cause>", is: "all of whom a finding with this cause stands" },
      { flags: "--all", is: "every instance" },
      { flags: "--anew", is: "also where somebody else has answered a rekey that stands" },
      { flags: "--since <time>", is: "of many: go on where it was stopped, as its mail says" },
      ...[REASON, WAIT, DRY_RUN, YES],
    ],
    examples: ["keyturn rekey a1b2c3 --wait", "keyturn rekey --cause MISMATCH --reason incident --dry-run"],
    load: () => import("../commands/rekey.ts"),
  },
  ...(["quarantine", "release", "retire"] as const).map((act) => ({
    ...ON_RECORDS[act],
    name: act,
    arguments: [["<id...>", "the IDs of instances"]] as const,
    options: [REASON, DRY_RUN, YES],
    load: () => import("../commands/operate.ts").then((module) => ({ run: module[act] })),
  })),
  {
    name: "drill",
    does: "Sends a mail that says it is a drill, the way that a real one goes.",
    options: [REASON],
    examples: ["keyturn drill --reason 'the new one on call'"],
    load: () => import("../commands/drill.ts"),
  },
];
