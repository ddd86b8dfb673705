import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { COMMANDS, GROUPS } from "./commands.ts";
import { Stopped } from "./exits.ts";
import type { PlaceOptions } from "./place/place.ts";
import type { CommandSpec, OptionSpec } from "./specs/spec.ts";

/** A command as it was typed. */
export interface Typed {
  spec: CommandSpec;
  arguments: string[];
  options: Record<string, unknown>;
  global: PlaceOptions & { json: boolean };
}

const ABOUT = `keyturn COMMAND --help shows what a command takes. While npm start runs, it is
what is looked at and steered; --aws, --profile or another Region mean an
account.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused or nothing matched,
4 no credentials, Region or stack, 5 something needs attention (--check,
check, doctor, audit, report), 130 stopped by Ctrl-C. What goes wrong is said
on stderr, and stdout is empty then.`;

const HELP = ["-h, --help", "this"] as const;

/**
 * The program as commander knows it.
 *
 * @param version of Keyturn
 * @param args what was typed, by which a mistake is explained
 * @param onTyped is told of the command that was typed
 */
export function programOf(version: string, args: readonly string[], onTyped: (typed: Typed) => void): Command {
  const program = new Command("keyturn")
    .usage("COMMAND [options]")
    .description("Looks at a fleet whose secrets Keyturn turns, and steers it.")
    .helpOption(...HELP)
    .version(version, "-V, --version", "its version")
    .option("--stack <name>", "the deployment, by its stack (else KEYTURN_STACK, or Keyturn)")
    .option("--region <region>", "where it is, if not as for the AWS CLI")
    .option("--profile <name>", "whose credentials, if not as for the AWS CLI")
    .option("--aws", "an AWS account is meant, also while npm start runs here")
    .option("--data <folder>", "the data folder of npm start (else KEYTURN_DATA, or .keyturn)")
    .option("--json", "one JSON document, and nothing else")
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => termOf(command.name()) })
    .configureOutput({ outputError: (text, write) => write(explained(text, args)) })
    .showHelpAfterError("See keyturn --help.")
    .exitOverride()
    .addHelpText("after", `\n${ABOUT}`);
  for (const [heading, specs] of GROUPS) {
    for (const spec of specs) {
      program.addCommand(commandOf(spec, program, onTyped).helpGroup(heading));
    }
  }
  return program;
}

/**
 * What commander is given to read: of a command that there is not only its name, since with `--help` behind it commander would
 * show the help and be content; `help fleet` means `fleet --help`.
 */
export function wordsOf(args: readonly string[]): string[] {
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : [...args];
  const [first = ""] = words;
  const isKnown = first === "" || first.startsWith("-") || COMMANDS.some(({ name }) => name === first);
  return isKnown ? words : [first];
}

function commandOf(spec: CommandSpec, program: Command, onTyped: (typed: Typed) => void): Command {
  const command = new Command(spec.name)
    .description(spec.does)
    .copyInheritedSettings(program)
    .helpOption(...HELP)
    .showHelpAfterError(`See keyturn ${spec.name} --help.`);
  for (const [usage, is, choices] of spec.arguments ?? []) {
    const argument = new Argument(usage, is);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const option of spec.options ?? []) command.addOption(optionOf(option));
  // Also behind the command, where most people type them.
  const everywhere = program.options.filter(({ long }) => long !== "--version");
  for (const { flags, description } of everywhere) command.addOption(new Option(flags, description).hideHelp());
  const examples = spec.examples.map((one) => `\n  ${one}`).join("");
  const also = everywhere.map(({ long }) => long).join(", ");
  command.addHelpText("after", `\nAlso ${also}: see keyturn --help.\n\nExamples:${examples}`);
  command.action(() => {
    const { stack, region, profile, aws, data, json, ...options } = { ...program.opts(), ...command.opts() };
    const global = { stack, region, profile, aws, data, json: json === true } as Typed["global"];
    onTyped({ spec, arguments: command.args, options, global });
  });
  return command;
}

function optionOf({ flags, is, isMany, parse = String }: OptionSpec): Option {
  const option = new Option(flags, is);
  if (!/[<[]/.test(flags)) return option;
  return option.argParser((text: string, before: unknown) => {
    const value = readValue(parse, text);
    return isMany ? [...((before as unknown[] | undefined) ?? []), value] : value;
  });
}

function readValue(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof Stopped) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** A command as the list of commands names it: with what it takes, without that there are options. */
function termOf(command: string): string {
  const takes = COMMANDS.find(({ name }) => name === command)?.arguments ?? [];
  return [command, ...takes.map(([usage]) => usage)].join(" ");
}

/** What commander says of a mistake, with a hint where an option stands in the wrong place. */
function explained(text: string, args: readonly string[]): string {
  const said = text
    .replace(/^error: /, "keyturn: ")
    .replace(/\n(\(Did you mean .*\))/, " $1")
    // What is wrong with a value is a sentence of its own.
    .replace(/option '(\S+).*' argument '.*' is invalid\. /s, "$1: ");
  const [, flag] = /unknown option '(--[\w-]+)/.exec(said) ?? [];
  const takers = COMMANDS.filter(({ options = [] }) => options.some(({ flags }) => flags.split(" ")[0] === flag));
  const command = takers.find(({ name }) => args.includes(name));
  if (command !== undefined) return `${said}It comes behind the command: keyturn ${command.name} ${flag}\n`;
  if (takers.length === 0) return said;
  return `${said}It is one of keyturn ${takers.map(({ name }) => name).join(", ")}.\n`;
}
