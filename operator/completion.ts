import { RootCommand, script } from "@bomb.sh/tab";
import type { Command, Option } from "commander";
import type { Shell } from "./shells.ts";

/** What bash is to do. Apart from tab's own, it needs no other package, evaluates nothing of what was typed, and can be read twice. */
const BASH = `# bash completion for keyturn
_keyturn() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in *$'\\t'*) COMPREPLY+=("\${line%%$'\\t'*}") ;; esac
  done < <(keyturn complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _keyturn keyturn
`;

/** What a shell reads, to ask `keyturn complete` from then on. */
export function completionScript(shell: Shell): string {
  return shell === "bash" ? BASH : printedBy(() => script(shell, "keyturn", "keyturn"));
}

/**
 * What could be typed next, as the scripts read it.
 *
 * @param words behind `keyturn`, the last one being typed; empty where it is not begun
 */
export function suggestions(program: Command, words: readonly string[]): string {
  return printedBy(() => completionsOf(program).parse([...words]));
}

/** The program as tab knows it: the options of all commands can be typed behind each of them, too. */
function completionsOf(program: Command): RootCommand {
  const root = new RootCommand();
  addOptions(root, program.options);
  for (const command of program.createHelp().visibleCommands(program)) {
    const known = root.command(command.name(), command.description());
    addOptions(known, command.options);
    for (const argument of command.registeredArguments) {
      const choices = argument.argChoices ?? [];
      known.argument(argument.name(), (suggest) => choices.forEach((one) => void suggest(one, "")), argument.variadic);
    }
  }
  return root;
}

function addOptions(to: Pick<RootCommand, "option">, options: readonly Option[]): void {
  for (const { long, description, required, optional } of options) {
    const name = long?.slice(2) ?? "";
    // Of an option's value nothing is suggested, but that there is one.
    if (required || optional) to.option(name, description, () => undefined);
    else to.option(name, description);
  }
}

/** tab prints what it has, and gives it to nobody. */
function printedBy(print: () => void): string {
  const { log } = console;
  let printed = "";
  console.log = (line: string) => {
    printed += `${line}\n`;
  };
  try {
    print();
  } finally {
    console.log = log;
  }
  return printed;
}
