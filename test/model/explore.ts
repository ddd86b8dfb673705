import { UsageError } from "../../local/options.ts";
import { explore } from "./breadth-first.ts";
import { CONFIGURATIONS } from "./configurations.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { rulesWithout } from "./rules.ts";
import { SHOWN } from "./shown.ts";
import { told } from "./told.ts";

const MOST_STATES = 20_000_000;

/**
 * `npm run model`: explores each configuration, and says how much there is of it.
 *
 * @returns with what it exits
 */
function run({ deep, without, only }: Options): number {
  const meant = only.length > 0 ? only : without.map((rule) => SHOWN[rule].configuration);
  let isBroken = false;
  for (const { name, make } of CONFIGURATIONS) {
    if (meant.length > 0 && !meant.includes(name)) continue;
    const model = make(rulesWithout(...without), deep);
    const explored = explore(model, MOST_STATES);
    process.stdout.write(`${told(model, explored)}\n`);
    isBroken ||= explored.broken !== undefined;
  }
  return isBroken ? 1 : 0;
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") process.stdout.write(HELP);
  else process.exitCode = run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
