import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** What `npm start` was asked for. */
export interface Options {
  agents: number;
  /** How old a key gets before it is turned, in seconds. */
  everySeconds: number;
  /** How often an agent writes a sample, in seconds. */
  samplesSeconds: number;
  port: number;
  data: string;
  fresh: boolean;
  /** Whether there is a database with a credential that is turned, too. */
  database: boolean;
  /** Whether there is a token issuer with a token that is turned, too. */
  token: boolean;
  /** Whether an access key is exposed, used by a thief, and shut, once. */
  expose: boolean;
  /** The seed of faults on demand; none without it. */
  faults?: string;
}

export const HELP = `npm start -- [options]

Runs Keyturn on this machine: a small stand-in for AWS on 127.0.0.1, agents as processes that register, prove their
keys and have them turned, a PostgreSQL with a credential that two applications share, and a token issuer with a token
by which an application calls an API; both are turned as well. Ctrl-C stops it; the next start goes on where it was.

  --agents N       at least how many instances (default 5); those that are there stay
  --every 30s      how old a key gets before it is turned (default 30s; s, m or h)
  --samples 5s     how often an instance proves its key (default 5s)
  --port 4510      where the stand-in for AWS listens (default 4510; 0 takes any free port)
  --data DIR       where everything is kept (default .keyturn)
  --no-database    no PostgreSQL, and no applications that use it
  --no-token       no token issuer, and no application that uses its token
  --expose         an access key is found in public and used by a thief, AWS Health says so, and it is shut; once
  --fresh          begin anew: empties the data folder first
  --faults SEED    AWS at its worst, by this seed: calls refused and unanswered, events lost, reads that lag
  -h, --help       this text
`;

/** A mistake in the command line. Its message is one sentence for the user. */
export class UsageError extends Error {}

const OPTIONS = {
  agents: { type: "string" },
  every: { type: "string" },
  samples: { type: "string" },
  port: { type: "string" },
  data: { type: "string" },
  expose: { type: "boolean" },
  fresh: { type: "boolean" },
  "no-database": { type: "boolean" },
  "no-token": { type: "boolean" },
  faults: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Reads the command line of `npm start`.
 *
 * @param environment in which npm leaves what it took for itself
 * @returns "help" when that is all that is asked for
 * @throws UsageError with one clear sentence
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options | "help" {
  demandTheDashes("npm start", Object.keys(OPTIONS), environment);
  const values = parse("npm start", args, OPTIONS);
  if (values.help) return "help";
  const { faults } = values;
  return {
    agents: wholeNumber("--agents", values.agents ?? "5", 1, 500),
    everySeconds: seconds("--every", values.every ?? "30s"),
    samplesSeconds: seconds("--samples", values.samples ?? "5s"),
    port: wholeNumber("--port", values.port ?? "4510", 0, 65535),
    data: nonEmpty("--data", values.data ?? ".keyturn"),
    fresh: values.fresh ?? false,
    database: !values["no-database"],
    token: !values["no-token"],
    expose: values.expose ?? false,
    ...(faults !== undefined && { faults: nonEmpty("--faults", faults) }),
  };
}

/**
 * Reads options, and nothing but options.
 *
 * @param command as it is typed, e.g. `npm start`
 * @throws UsageError with one clear sentence
 */
export function parse<Config extends ParseArgsOptionsConfig>(command: string, args: string[], options: Config) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    // parseArgs says what is wrong in its first sentence and goes on about positional arguments.
    const [sentence] = (error as Error).message.split(". ");
    const { code } = error as NodeJS.ErrnoException;
    // So it comes when npm has taken the option before it.
    const hint = code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL" ? "; options come after two dashes" : "";
    throw new UsageError(`${sentence?.replace(/\.$/, "")}${hint}. See ${command} -- --help.`);
  }
}

/** @throws UsageError where npm has taken one of a command's options for its own, since no `--` stands before it */
export function demandTheDashes(command: string, options: string[], environment: NodeJS.ProcessEnv): void {
  const taken = takenByNpm(options, environment);
  if (taken === undefined) return;
  throw new UsageError(`npm took --${taken} for itself; put two dashes before the options: ${command} -- --${taken} …`);
}

/**
 * The first of some options that stands before `--`: npm takes it for one of its own, and leaves it in a variable, and one that
 * begins with `no-` for the opposite of another.
 */
export function takenByNpm(options: string[], environment: NodeJS.ProcessEnv): string | undefined {
  return options.find((name) => environment[`npm_config_${name.replace(/^no-/, "")}`] !== undefined);
}

export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600 };

function seconds(name: string, text: string): number {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  const value = Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
  if (!(value >= 1 && value <= 24 * 3600)) {
    throw new UsageError(`${name} takes a duration from 1s to 24h, such as 30s, 5m or 1h, not "${text}".`);
  }
  return value;
}

export function nonEmpty(name: string, text: string): string {
  if (text === "") throw new UsageError(`${name} needs a value.`);
  return text;
}
