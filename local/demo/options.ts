import { parse, takenByNpm } from "../options.ts";

export const HELP = `npm run demo -- [options]

Tells Keyturn's story once, on this machine, in a minute and a half: five instances register and are turned, one is
tampered with, one is cloned, an impostor and a forger try their luck; the password of a database that two applications
share is turned, while one of them does not move, somebody else alters it, and the database is away; an API's token is
turned, and revoked behind everybody's back; a thief uses an access key until it is shut; instances stop and end, and AWS
dies in the middle of a push. Exit code 0 only if everything came out right.

  --json        prints what came out as JSON on standard output, and nothing else there. npm before version 12 writes
                two lines of its own there, unless it is told so itself: npm run demo --json
  -h, --help    this text
`;

const OPTIONS = { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

/**
 * Reads the command line of `npm run demo`.
 *
 * @param environment in which npm leaves what it took for itself: with `npm run demo --json`, npm's own lines go where
 *   they do not disturb, and --json is meant all the same
 * @returns "help" when that is all that is asked for
 * @throws UsageError with one clear sentence
 */
export function readDemoOptions(args: string[], environment: NodeJS.ProcessEnv): { json: boolean } | "help" {
  const { json = takenByNpm(["json"], environment) !== undefined, help } = parse("npm run demo", args, OPTIONS);
  return help ? "help" : { json };
}

/**
 * Whether npm has written two lines of its own to standard output before this began: it does so before version 12, unless
 * it was told --silent or --json itself.
 */
export function npmWroteFirst(environment: NodeJS.ProcessEnv): boolean {
  const { npm_lifecycle_event: script, npm_config_user_agent: agent = "", npm_config_loglevel: level } = environment;
  const version = Number(/^npm\/(\d+)/.exec(agent)?.[1]);
  return script === "demo" && version < 12 && level !== "silent" && takenByNpm(["json"], environment) === undefined;
}
