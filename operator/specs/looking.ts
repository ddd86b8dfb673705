import { readPort } from "../read-port.ts";
import { readSpan } from "../read-span.ts";
import { FIELD_NAMES, readTest } from "../where.ts";
import type { CommandSpec } from "./spec.ts";

const CHECK = { flags: "--check", is: "exit with 5 where something needs attention" };
export const WHERE = {
  flags: "--where <test>",
  is: `only those of whom it holds, e.g. status=ACTIVE, verdict!=MATCH, cause=STALE, age>30d, agent<0.2.0; all of several. Fields: ${FIELD_NAMES.join(", ")}`,
  isMany: true,
  parse: readTest,
} as const;

/** What shows and changes nothing. */
export const LOOKING: readonly CommandSpec[] = [
  {
    name: "fleet",
    does: "Shows every instance, the worst first.",
    options: [
      WHERE,
      { flags: "--all", is: "the retired ones, too" },
      { flags: "--watch [span]", is: "again and again, each 5 s or as given, until Ctrl-C", parse: readSpan },
      CHECK,
    ],
    examples: [
      "keyturn fleet",
      "keyturn fleet --where verdict!=MATCH --check",
      "keyturn fleet --where 'age>30d' --json",
    ],
    load: () => import("../commands/fleet.ts"),
  },
  {
    name: "show",
    does: "Shows the whole life of an instance, a credential or an exposed access key, and what to type where something is wrong.",
    arguments: [
      ["<subject>", "an instance's ID, an EC2 instance's (i-…), the name of a secret, or an access key's ID"],
    ],
    examples: ["keyturn show a1b2c3", "keyturn show i-0abc1234def567890", "keyturn show orders/db --json"],
    load: () => import("../commands/show.ts"),
  },
  {
    name: "secrets",
    does: "Shows the credentials that several share: which version is current, and who has not moved to it.",
    options: [CHECK],
    examples: ["keyturn secrets", "keyturn secrets --check"],
    load: () => import("../commands/secrets.ts"),
  },
  {
    name: "findings",
    does: "Shows what stands, the oldest first, and what to type about each.",
    options: [
      { flags: "--cause <cause>", is: "only these, e.g. MISMATCH" },
      { flags: "--ended", is: "also what has ended and stands in no mail that gathers yet" },
      CHECK,
    ],
    examples: ["keyturn findings", "keyturn findings --cause MISMATCH --check"],
    load: () => import("../commands/findings.ts"),
  },
  {
    name: "open",
    does: "Serves a page for this computer's browser that shows all of it, live, until Ctrl-C; opens that of npm start.",
    options: [
      { flags: "--port <port>", is: "where it is served; any that is free where left out", parse: readPort },
      { flags: "--read-only", is: "beside npm start, too: a page that can do nothing but look" },
      { flags: "--no-browser", is: "only print the address" },
    ],
    examples: ["keyturn open", "keyturn open --no-browser"],
    load: () => import("../commands/open.ts"),
  },
  {
    name: "doctor",
    does: "Asks whether everything is set up that Keyturn needs, and says what to do where it is not.",
    examples: ["keyturn doctor", "keyturn doctor --json"],
    load: () => import("../commands/doctor.ts"),
  },
];
