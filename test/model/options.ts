import { demandTheDashes, parse, UsageError } from "../../local/options.ts";
import { CONFIGURATIONS } from "./configurations.ts";
import { RULES, type Rule } from "./rules.ts";

/** What `npm run model` was asked for. */
export interface Options {
  /** Whether more is explored, for some minutes. */
  deep: boolean;
  /** The rules that are switched off. */
  without: Rule[];
  /** The names of the configurations that are explored; none for all, or for those that show what a rule is for. */
  only: string[];
}

const COMMAND = "npm run model";

export const HELP = `${COMMAND} -- [options]

Explores the design as a model: every state that a record, its executions, its host and whoever disturbs them can come to. Says how
many there were, and by a shortest history how it comes to what must not be. Ends with 0 where all holds, with 1 where something
does not, as without a rule. Takes a minute; Ctrl-C ends it.

  --without RULE   switches a rule off, and explores where that shows; may be given several times
  --only NAME      explores this configuration alone; may be given several times
  --deep           goes further, for some minutes
  -h, --help       this text

Configurations:
${CONFIGURATIONS.map(({ name }) => `  ${name}`).join("\n")}

Rules:
${Object.entries(RULES)
  .map(([name, sentence]) => `  ${name}: ${sentence}`)
  .join("\n")}
`;

const OPTIONS = {
  deep: { type: "boolean" },
  without: { type: "string", multiple: true },
  only: { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Reads the command line of `npm run model`.
 *
 * @param environment in which npm leaves what it took for itself
 * @returns "help" when that is all that is asked for
 * @throws UsageError with one clear sentence
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options | "help" {
  demandTheDashes(COMMAND, Object.keys(OPTIONS), environment);
  const { deep = false, without = [], only = [], help } = parse(COMMAND, args, OPTIONS);
  if (help) return "help";
  const rules = Object.keys(RULES) as Rule[];
  const names = CONFIGURATIONS.map(({ name }) => name);
  return {
    deep,
    without: without.map((name) => oneOf("--without", name, rules)),
    only: only.map((name) => oneOf("--only", name, names)),
  };
}

function oneOf<Name extends string>(option: string, given: string, names: Name[]): Name {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  throw new UsageError(`${option} takes one of ${names.map((name) => `"${name}"`).join(", ")}, not "${given}".`);
}
