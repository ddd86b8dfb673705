import { completionScript, type Shell, suggestions } from "../completion.ts";
import type { Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import { programOf } from "../program.ts";

export const run: Run = async ({ arguments: [typed] }) => {
  // Of these alone, as its spec says.
  const shell = typed as Shell;
  const script = completionScript(shell);
  return { code: EXIT.done, document: { shell, script }, print: (out) => out.raw(script) };
};

/** What a shell asks while somebody types: fast, and of nobody. */
export const complete: Run = async ({ arguments: words }) => {
  const suggested = suggestions(
    programOf("", [], () => undefined),
    words,
  );
  return { code: EXIT.done, document: { suggested }, print: (out) => out.raw(suggested) };
};
