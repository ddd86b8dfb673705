import { completionScript } from "../completion.ts";
import type { Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import type { Shell } from "../shells.ts";

export const run: Run = async ({ arguments: [typed] }) => {
  // Of these alone, as its spec says.
  const shell = typed as Shell;
  const script = completionScript(shell);
  return { code: EXIT.done, document: { shell, script }, print: (out) => out.raw(script) };
};
