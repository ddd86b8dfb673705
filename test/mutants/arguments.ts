import { parseArgs } from "node:util";
import { demandTheDashes, UsageError } from "../../local/options.ts";

/** What is wanted of a run. */
export interface Wanted {
  /** Names of areas; none for all. */
  areas: string[];
  /** The one file, or flow, whose mutants are tried. */
  file?: string;
  /** How many are drawn of those, by which seed. */
  sample?: { count: number; seed: string };
  /** Whether what a former run has found stays found. */
  resume: boolean;
  verbose: boolean;
}

const COMMAND = "npm run mutants";
/** Set where the machine is one to throw away. */
const AS_ROOT = "KEYTURN_MUTANTS_AS_ROOT";

/** @param areas that there are */
export function help(areas: string[]): string {
  return `${COMMAND} -- [areas] [options]

Alters the program and its flows, one thing at a time, and runs the tests against each. A mutant that every test passes is something
that can go wrong unseen. Without an area it is everything, for hours. Ends with 0 where nothing lives but what test/mutants/may-live.ts
lists, with 1 where something does. Nothing of the sources is altered on the disk; results lie in .mutants/. Ctrl-C ends it.

  --file PATH      one file, such as protocol/proofs.ts, or one flow by its name
  --sample N       so many, drawn by chance
  --seed S         draws others; the same seed draws the same (default 1)
  --resume         what a former run has seen killed stays so; what lived is tried again
  --verbose        by which test each was killed
  -h, --help       this text

Areas: ${areas.join(", ")}

Altered code does what it says, with the rights of whoever runs it: it refuses to run as root, unless ${AS_ROOT}=1 says that the
machine is one to throw away.
`;
}

const OPTIONS = {
  file: { type: "string" },
  sample: { type: "string" },
  seed: { type: "string" },
  resume: { type: "boolean" },
  verbose: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Reads the command line of `npm run mutants`.
 *
 * @param areas that there are
 * @param environment in which npm leaves what it took for itself
 * @returns "help" when that is all that is asked for
 * @throws UsageError with one clear sentence
 */
export function wantedOf(args: string[], areas: string[], environment: NodeJS.ProcessEnv): Wanted | "help" {
  demandTheDashes(COMMAND, Object.keys(OPTIONS), environment);
  const { values, positionals } = parsed(args);
  if (values.help) return "help";
  const unknown = positionals.filter((name) => !areas.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`There is no area ${unknown.join(", ")}; there are ${areas.join(", ")}.`);
  }
  const { file, sample, seed = "1", resume = false, verbose = false } = values;
  if (sample !== undefined && !/^[1-9]\d*$/.test(sample)) {
    throw new UsageError(`--sample takes how many mutants are drawn, not "${sample}".`);
  }
  return {
    areas: positionals,
    ...(file !== undefined && { file }),
    ...(sample !== undefined && { sample: { count: Number(sample), seed } }),
    resume,
    verbose,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // parseArgs says what is wrong in its first sentence and goes on about positional arguments.
    const [sentence] = (error as Error).message.split(". ");
    throw new UsageError(`${sentence?.replace(/\.$/, "")}. See ${COMMAND} -- --help.`);
  }
}

/**
 * Altered code does what it says: as root, a mutant of the agent's disk has renamed a device of the machine.
 *
 * @param uid of whoever runs it; undefined where the system has none
 * @throws UsageError where that is root, and nothing says that the machine is one to throw away
 */
export function demandHarmless(uid: number | undefined, environment: NodeJS.ProcessEnv): void {
  if (uid !== 0 || environment[AS_ROOT] === "1") return;
  throw new UsageError(
    "Mutants do not run as root, since altered code could rename or delete whatever there is: run them as another user, " +
      `or with ${AS_ROOT}=1 on a machine to throw away.`,
  );
}
