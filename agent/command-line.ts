import { parseArgs } from "node:util";
import { HOOKS_SECONDS, NONCE_MODES, SERIES_STORES, TICKET_FIELDS } from "../protocol/index.ts";
import type { UncheckedTicket } from "./turn/ticket.ts";

export type Command =
  | { name: "run" }
  | { name: "turn"; ticket: UncheckedTicket }
  | { name: "status" }
  | { name: "help" }
  | { name: "version" };

/** The first of the choices is the default; settings.ts takes it so, too. */
const choices = ([first, ...others]: readonly string[]) => [`${first} (default)`, ...others].join(" or ");

const OPTIONS = TICKET_FIELDS.map((field) => `--${field}`);

export const HELP = `keyturn-agent: keeps this instance's key fresh and proves it.

Usage
  keyturn-agent run      register, and write a sample each interval, until stopped
  keyturn-agent turn ${OPTIONS.map((option) => `${option} …`).join(" ")}
                         turn the key on one ticket; prints one line of JSON
  keyturn-agent status   who this instance is and how it goes (never the key)
  keyturn-agent --help | --version

Settings, from the environment or from /etc/keyturn/agent.conf (another file: KEYTURN_CONFIG)
  KEYTURN_REGISTRATION_URL       URL of the registration function; needed
  KEYTURN_TIME_SERIES            ${choices(SERIES_STORES)}
  KEYTURN_TIMESTREAM_DATABASE    needed with timestream
  KEYTURN_TIMESTREAM_TABLE       needed with timestream
  KEYTURN_SERIES_TABLE           needed with dynamodb
  KEYTURN_STATE_DIR              default /var/lib/keyturn
  KEYTURN_HOOKS_DIR              default /etc/keyturn/hooks.d
  KEYTURN_HOOK_TIMEOUT_SECONDS   for one hook, default 30, at most ${HOOKS_SECONDS}
  KEYTURN_NONCE                  ${choices(NONCE_MODES)}; none accepts tickets without a nonce
  AWS_REGION                     default: the instance's own
  AWS_ENDPOINT_URL…, AWS_EC2_METADATA_SERVICE_ENDPOINT   to use another AWS than the real one

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 ticket refused.
`;

/**
 * Reads the command line.
 *
 * @param args without the program's own name
 * @returns the command, or what is wrong with the line
 */
export function parseCommandLine(args: string[]): Command | { wrong: string } {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") return { name: "help" };
  if (name === "--version") return { name: "version" };
  if (name === undefined) return { wrong: "a command is missing" };
  if (name === "run" || name === "status") {
    if (rest.includes("--help")) return { name: "help" };
    return rest.length === 0 ? { name } : { wrong: `${name} takes no arguments` };
  }
  if (name === "turn") return rest.includes("--help") ? { name: "help" } : parseTurn(rest);
  return { wrong: `there is no command ${JSON.stringify(name)}` };
}

function parseTurn(args: string[]): Command | { wrong: string } {
  const text = { type: "string", multiple: true } as const;
  let values: { [field: string]: string[] | undefined };
  try {
    const options = Object.fromEntries(TICKET_FIELDS.map((field) => [field, text]));
    values = parseArgs({ args, options }).values;
  } catch {
    // Node's own message would repeat the arguments.
    return { wrong: `turn takes ${OPTIONS.join(", ")}, each with a value, and nothing else` };
  }
  const given = TICKET_FIELDS.map((field) => [field, values[field] ?? []] as const);
  if (given.some(([, values]) => values.length !== 1)) {
    return { wrong: `turn takes each of ${OPTIONS.join(", ")} once` };
  }
  return {
    name: "turn",
    ticket: Object.fromEntries(given.map(([field, [value]]) => [field, value])) as UncheckedTicket,
  };
}
