import { parseArgs } from "node:util";
import { explore } from "./breadth-first.ts";
import { CONFIGURATIONS } from "./configurations.ts";
import { RULES, type Rule, rulesWithout } from "./rules.ts";
import { SHOWN } from "./shown.ts";
import { told } from "./told.ts";

/**
 * `npm run model`: explores each configuration, and says how much there is of it. `-- --deep` goes on for minutes;
 * `--without lock` switches rules off, and prints how that goes wrong; `--only "newcomer and former"` is for one.
 */
const { values } = parseArgs({
  options: {
    deep: { type: "boolean", default: false },
    without: { type: "string", multiple: true, default: [] },
    only: { type: "string" },
  },
});

const unknown = values.without.find((name) => !(name in RULES));
if (unknown !== undefined) {
  console.error(`There is no rule ${unknown}. These are: ${Object.keys(RULES).join(", ")}.`);
  process.exit(2);
}
const off = values.without as Rule[];
const rules = rulesWithout(...off);
const shown = off.map((rule) => SHOWN[rule].configuration);
let isBroken = false;
for (const configuration of CONFIGURATIONS) {
  const isMeant =
    values.only === undefined
      ? shown.length === 0 || shown.includes(configuration.name)
      : configuration.name === values.only;
  if (!isMeant) continue;
  const model = configuration.make(rules, values.deep);
  const explored = explore(model, 20_000_000);
  console.log(told(model, explored));
  isBroken ||= explored.broken !== undefined;
}
process.exitCode = isBroken ? 1 : 0;
