import { programOf, type Typed } from "../../operator/program.ts";

/** A word of a shell, of quoted parts and others. What it would put in itself, by $ or `, is left as it stands. */
const WORD = /(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+/gs;
const PART = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs;

/**
 * What `keyturn` understands by a line that somebody is told to type.
 *
 * @param line e.g. `npx keyturn rotate a1b2c3 --wait`; one command, without redirections
 * @throws CommanderError where there is no such command, or it takes no such option, argument or value
 */
export async function parsed(line: string): Promise<Typed | undefined> {
  const words = (line.match(WORD) ?? []).map((word) =>
    word.replace(PART, (_, single, double, escaped) => single ?? double ?? escaped),
  );
  const [npx, name, ...args] = words;
  if (npx !== "npx" || name !== "keyturn") throw new Error(`no command of keyturn: ${line}`);
  let typed: Typed | undefined;
  const program = programOf("0.0.0", args, (one) => {
    typed = one;
  });
  for (const command of [program, ...program.commands]) command.configureOutput({ writeErr: () => {} });
  await program.parseAsync(args, { from: "user" });
  return typed;
}
