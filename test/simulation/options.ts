import { demandTheDashes, nonEmpty, parse, UsageError, wholeNumber } from "../../local/options.ts";
import { BUGS } from "./bugs.ts";
import { KINDS } from "./kinds/index.ts";
import { CALM_DAYS, type Setup } from "./setup.ts";

/** What `npm run simulate` was asked for. */
export interface Options extends Setup {
  /** How many seeds one after another, from `seed` on. */
  seeds: number;
  /** The invariant whose bug is put in. */
  bug?: string;
  /** Where the histories are written to. */
  history?: string;
  /** How long the shortest history that shows a failure is looked for, in seconds. */
  shrinkSeconds: number;
}

export const COMMAND = "npm run simulate";
/** What is simulated where nothing else is said. */
export const USUAL = { seed: 1, agents: 60, days: 10 };
const SHRINK_SECONDS = 300;

export const HELP = `${COMMAND} -- [options]

A fleet for days, in seconds: the real agents, steps and flows on a clock that is moved by hand, and whatever befalls a fleet on
AWS, drawn of a seed. What must always hold is looked at after each call. Where something does not, the seed is printed, and the
shortest history that shows it. The same seed gives the same history, byte for byte. Ctrl-C ends it.

  --seed N         what befalls the fleet, and when (default ${USUAL.seed})
  --seeds K        so many seeds, one after another, from --seed on (default 1)
  --agents N       how many instances (default ${USUAL.agents})
  --days N         how many days; in the last ${CALM_DAYS} nothing new befalls them (default ${USUAL.days})
  --only KIND      only this befalls them, by its name or a part of it; may be given several times
  --history FILE   writes down all that happened
  --often N        all that befalls the fleet does so many times as often (default 1)
  --bug NAME       puts a bug into the product that an invariant must see, by its name or a part of it
  --shrink N       looks for the shortest history for so many seconds at the most (default ${SHRINK_SECONDS})
  -h, --help       this text

What befalls a fleet:
${Object.keys(KINDS)
  .map((name) => `  ${name}`)
  .join("\n")}

Bugs, and the invariant that sees each:
${Object.entries(BUGS)
  .map(([name, { seenBy }]) => `  ${name}: ${seenBy}`)
  .join("\n")}
`;

const OPTIONS = {
  seed: { type: "string" },
  seeds: { type: "string" },
  agents: { type: "string" },
  days: { type: "string" },
  only: { type: "string", multiple: true },
  history: { type: "string" },
  bug: { type: "string" },
  often: { type: "string" },
  shrink: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Reads the command line of `npm run simulate`.
 *
 * @param environment in which npm leaves what it took for itself
 * @returns "help" when that is all that is asked for
 * @throws UsageError with one clear sentence
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options | "help" {
  demandTheDashes(COMMAND, Object.keys(OPTIONS), environment);
  const values = parse(COMMAND, args, OPTIONS);
  if (values.help) return "help";
  const { history } = values;
  const bug = values.bug === undefined ? undefined : theBug(values.bug);
  const only = values.only?.flatMap((word) => namesWith("--only", word, Object.keys(KINDS)));
  const usual: Setup & { often: number } = { often: 1, ...USUAL, ...(bug !== undefined && BUGS[bug]?.setup) };
  const often = wholeNumber("--often", values.often ?? String(usual.often), 1, 1000);
  const kinds = only ?? usual.only;
  const seed = wholeNumber("--seed", values.seed ?? String(usual.seed), 0, MOST_SEEDS);
  return {
    seed,
    seeds: wholeNumber("--seeds", values.seeds ?? "1", 1, MOST_SEEDS - seed + 1),
    agents: wholeNumber("--agents", values.agents ?? String(usual.agents), 1, 5000),
    days: wholeNumber("--days", values.days ?? String(usual.days), (usual.calmDays ?? CALM_DAYS) + 1, 365),
    shrinkSeconds: wholeNumber("--shrink", values.shrink ?? String(SHRINK_SECONDS), 0, 86_400),
    ...(often !== 1 && { often }),
    ...(usual.calmDays !== undefined && { calmDays: usual.calmDays }),
    ...(kinds !== undefined && { only: [...new Set(kinds)] }),
    ...(bug !== undefined && { bug }),
    ...(history !== undefined && { history: nonEmpty("--history", history) }),
  };
}

/** What is typed to see the same again. */
export function again({ seed, agents, days, often = 1, only = [] }: Setup, bug?: string): string {
  const more = [
    often === 1 ? "" : ` --often ${often}`,
    ...only.map((name) => ` --only "${name}"`),
    ...(bug === undefined ? [] : [` --bug "${bug}"`]),
  ];
  return `${COMMAND} -- --seed ${seed} --agents ${agents} --days ${days}${more.join("")}`;
}

const MOST_SEEDS = 2 ** 32 - 1;

function theBug(word: string): string {
  const names = namesWith("--bug", word, Object.keys(BUGS));
  const [name = ""] = names;
  if (names.length > 1) throw new UsageError(`--bug takes one of them, and "${word}" is in ${quoted(names)}.`);
  return name;
}

/** The name itself, or all with that word. */
function namesWith(option: string, word: string, all: string[]): string[] {
  const names = all.includes(word) ? [word] : all.filter((name) => word !== "" && name.includes(word));
  if (names.length === 0)
    throw new UsageError(`${option} takes one of ${quoted(all)}, or a part of it, not "${word}".`);
  return names;
}

function quoted(names: string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
