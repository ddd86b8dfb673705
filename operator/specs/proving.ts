import { readDay, readSeal } from "../read-day.ts";
import { SHELLS } from "../shells.ts";
import type { CommandSpec } from "./spec.ts";

const SEAL = {
  flags: "--seal <day=digest>",
  is: "a seal's digest that you have from outside of AWS, e.g. from a mail; may be given several times",
  isMany: true,
  parse: readSeal,
} as const;

/** For the auditor, and what is beside everything else. */
export const PROVING: readonly CommandSpec[] = [
  {
    name: "audit",
    does: "Shows the audit lines of a subject, and checks its chain and the seals.",
    arguments: [["<subject>", "an instance's ID, the name of a secret, or an access key's ID"]],
    options: [SEAL],
    examples: ["keyturn audit a1b2c3", "keyturn audit orders/db --json"],
    load: () => import("../commands/audit.ts"),
  },
  {
    name: "report",
    does: "Reports on a time: a row for each subject, those not turned too, and whether chains and seals hold.",
    options: [
      {
        flags: "--from <day>",
        is: "the first day, in UTC, e.g. 2026-11-01; where left out, 30 days with the last one",
        parse: readDay,
      },
      { flags: "--to <day>", is: "the last day; today where left out", parse: readDay },
      { flags: "--csv", is: "as CSV, for a spreadsheet" },
      SEAL,
    ],
    examples: ["keyturn report", "keyturn report --from 2026-11-01 --to 2026-11-30 --csv", "keyturn report --json"],
    load: () => import("../commands/report.ts"),
  },
  {
    name: "env",
    does: 'Says by which variables the AWS CLI speaks to the same place: eval "$(keyturn env)".',
    examples: ["keyturn env"],
    load: () => import("../commands/env.ts"),
  },
  {
    name: "mail",
    does: "Shows the mails that npm start has sent, the newest last, or one of them.",
    arguments: [["[number]", "which one"]],
    examples: ["keyturn mail", "keyturn mail 1"],
    isLocal: true,
    load: () => import("../commands/mail.ts"),
  },
  {
    name: "completion",
    does: "Says what a shell is to read so that it completes what is typed: source <(keyturn completion bash).",
    arguments: [["<shell>", "bash, zsh or fish", SHELLS]],
    examples: ["keyturn completion bash", "keyturn completion fish"],
    isLocal: true,
    load: () => import("../commands/completion.ts"),
  },
];
