import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export const HELP = `npm run demo -- [options]

Tells Keyturn's story once, on this machine, in less than a minute: five instances register and are turned, one is
tampered with, one is cloned, an impostor and a forger try their luck, instances stop and end, and AWS dies in the
middle of a push. Exit code 0 only if everything came out right.

  --json    prints what came out as JSON on standard output, and nothing else there
  --help    this text
`;

/**
 * Reads the command line of `npm run demo`.
 *
 * @returns "help" when that is all that is asked for
 * @throws UsageError with one clear sentence
 */
export function readDemoOptions(args: string[]): { json: boolean } | "help" {
  try {
    const { values } = parseArgs({ args, options: { json: { type: "boolean" }, help: { type: "boolean" } } });
    return values.help ? "help" : { json: values.json ?? false };
  } catch (error) {
    // parseArgs says what is wrong in its first sentence and goes on about positional arguments.
    const [sentence] = (error as Error).message.split(". ");
    throw new UsageError(`${sentence?.replace(/\.$/, "")}. See npm run demo -- --help.`);
  }
}
