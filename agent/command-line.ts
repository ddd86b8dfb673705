import { HOOKS_SECONDS, NONCE_MODES, SERIES_STORES } from "../protocol/index.ts";

const COMMANDS = ["run", "turn", "status"] as const;

export interface Command {
  name: (typeof COMMANDS)[number] | "help" | "version";
}

/** The first of the choices is the default; settings.ts takes it so, too. */
const choices = ([first, ...others]: readonly string[]) => [`${first} (default)`, ...others].join(" or ");

export const HELP = `keyturn-agent: keeps this instance's key fresh and proves it.

Usage
  keyturn-agent run      register, and write a sample each interval, until stopped
  keyturn-agent turn     fetch this instance's ticket and turn the key; prints one line of JSON
  keyturn-agent status   who this instance is and how it goes (never the key)
  keyturn-agent --help | --version

Settings, from the environment or from /etc/keyturn/agent.conf (another file: KEYTURN_CONFIG)
  KEYTURN_REGISTRATION_URL       URL of the registration function; needed
  KEYTURN_TIME_SERIES            ${choices(SERIES_STORES)}: where samples go until
                                 a registration was answered, which says where
  KEYTURN_TIMESTREAM_DATABASE    needed with timestream
  KEYTURN_TIMESTREAM_TABLE       needed with timestream
  KEYTURN_SERIES_TABLE           needed with dynamodb
  KEYTURN_TICKET_TABLE           table with this instance's ticket; needed
  KEYTURN_STATE_DIR              default /var/lib/keyturn
  KEYTURN_HOOKS_DIR              default /etc/keyturn/hooks.d
  KEYTURN_HOOK_TIMEOUT_SECONDS   for one hook, default 30, at most ${HOOKS_SECONDS}
  KEYTURN_NONCE                  ${choices(NONCE_MODES)}; none accepts tickets without a nonce
  AWS_REGION                     default: the instance's own
  AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE   IPv4 (default) or IPv6
  AWS_USE_DUALSTACK_ENDPOINT, AWS_USE_FIPS_ENDPOINT      true: AWS's endpoints with IPv6, or those for FIPS
  AWS_ENDPOINT_URL…, AWS_EC2_METADATA_SERVICE_ENDPOINT   to use another AWS than the real one

Exit codes: 0 done, 1 failed (status: something is wrong), 2 wrong usage, 3 not turned: the ticket was refused, or not to
be had.
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
  const known = COMMANDS.find((command) => command === name);
  if (known !== undefined) {
    if (rest.includes("--help")) return { name: "help" };
    return rest.length === 0 ? { name: known } : { wrong: `${name} takes no arguments` };
  }
  return { wrong: `there is no command ${JSON.stringify(name)}` };
}
