import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { COMMANDS } from "./commands.ts";
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

const EXITS = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused or nothing matched, 4 no credentials, Region or stack,
5 something needs attention (--check, doctor, audit, report), 130 stopped by Ctrl-C.`;

const PLACE = `While npm start runs, it is what is looked at and steered; --aws, --profile or another Region mean an account.`;

/**
 * The program as commander knows it.
 *
 * @param version of Keyturn
 * @param data the folder of `npm start` where none is given
 * @param onTyped is told of the command that was typed
 */
export function programOf(version: string, data: string, onTyped: (typed: Typed) => void): Command {
  const program = new Command("keyturn")
    .description("Looks at a fleet whose secrets Keyturn turns, and steers it.")
    .version(version)
    .option("--stack <name>", "the deployment, by its stack's name (default Keyturn, or KEYTURN_STACK)")
    .option("--region <region>", "where it is; as for the AWS CLI where left out")
    .option("--profile <name>", "whose credentials; as for the AWS CLI where left out")
    .option("--aws", "an AWS account is meant, also while npm start runs here")
    .option("--data <folder>", "the data folder of npm start", data)
    .option("--json", "one JSON document, and nothing else")
    .helpCommand(true)
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText("after", `\n${PLACE}\n\n${EXITS}`);
  for (const spec of COMMANDS) {
    program.addCommand(commandOf(spec, program, onTyped), { hidden: spec.isHidden === true });
  }
  return program;
}

function commandOf(spec: CommandSpec, program: Command, onTyped: (typed: Typed) => void): Command {
  const command = new Command(spec.name).description(spec.does).copyInheritedSettings(program);
  for (const [usage, is, choices] of spec.arguments ?? []) {
    const argument = new Argument(usage, is);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const option of spec.options ?? []) command.addOption(optionOf(option));
  // Also behind the command, where most people type them.
  for (const option of program.options.filter(({ long }) => long !== "--version")) {
    const { flags, description } = option;
    command.addOption(new Option(flags, description).hideHelp());
  }
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((one) => `  ${one}`).join("\n")}`);
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
