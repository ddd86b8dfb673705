/**
 * `npm run mutants`: alters the flows' definitions in memory, one thing at a time, and runs the harness against each. A
 * mutant that every check passes is something that can go wrong unseen. Prints how many were killed and which survived;
 * exits with 1 if one survives that is not in SURVIVORS. `npm run mutants -- rotation` does so for one flow.
 */
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { checksOf } from "./checks.ts";
import { crashEverywhere } from "./crash-points.ts";
import { type Definitions, readDefinitions } from "./definitions.ts";
import { mutantsOf } from "./mutations.ts";
import { runUndisturbed } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";

const UNREAD = "the next state reads nothing of it: the Output keeps the history short";

/** Mutants that may live, by name, each with the reason. */
const SURVIVORS: Record<string, string> = {
  "registration NotifySns: Output removed": UNREAD,
  "rotation ValidateId: Output removed": UNREAD,
  "rotation ValidateId: Catch[0] Output removed": UNREAD,
  "rotation AwaitFormer: Output removed": UNREAD,
  "rotation DeriveSuccessor: Output removed": UNREAD,
  "rotation PushToInstance: Output removed": "it is the result, as without an Output",
  "rotation PushToInstance: Catch[0] Output removed": UNREAD,
  "fleet-rotation AnyDue: Choices[0] always":
    "a Map over nothing turns nothing; the Choice spares a run the Map's cost",
  "fleet-rotation TurnEach: Output removed": UNREAD,
  "fleet-rotation Turn: Catch[0] Output removed": "whatever has no outcome of its own is counted as skipped, too",
  "fleet-rotation TooManyFailed: Choices[1] → TooManyFailed":
    "the rule has just set the problem with which the first rule leads to Summarize: one transition more, the same end",
};

/** Runs all that the harness tries of a flow, the quickest first. @throws Error at the first that does not hold */
async function tryAll(flow: FlowName, definitions: Definitions): Promise<void> {
  const { routes } = scenarioOf(flow);
  for (const route of routes) await runUndisturbed(flow, route, definitions);
  for (const { name, run } of await checksOf(flow, definitions)) await named(name, run, definitions);
  for (const route of routes) await crashEverywhere(flow, route, definitions);
}

async function named(
  name: string,
  run: (definitions: Definitions) => unknown,
  definitions: Definitions,
): Promise<void> {
  try {
    await run(definitions);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

async function killerOf(flow: FlowName, definitions: Definitions): Promise<string | undefined> {
  try {
    await tryAll(flow, definitions);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const began = Date.now();
const only = process.argv.slice(2);
const chosen = FLOWS.filter(({ name }) => only.length === 0 || only.includes(name));
const verbose = process.env.VERBOSE !== undefined;
const count = { refused: 0, killed: 0 };
const survivors: string[] = [];
for (const { name: flow } of chosen) {
  const definitions = readDefinitions();
  for (const mutant of mutantsOf(flow, definitions[flow])) {
    const killer = await killerOf(flow, { ...definitions, [flow]: mutant.definition });
    if (killer === undefined) {
      survivors.push(mutant.name);
      const reason = SURVIVORS[mutant.name];
      console.log(`survived: ${mutant.name}${reason === undefined ? "" : ` (${reason})`}`);
      continue;
    }
    count[killer.startsWith("Invalid State Machine Definition") ? "refused" : "killed"] += 1;
    if (verbose) console.log(`killed: ${mutant.name}\n  by ${killer.replaceAll("\n", " ").slice(0, 160)}`);
  }
}

const { refused, killed } = count;
const seconds = Math.round((Date.now() - began) / 1000);
console.log(
  `${refused + killed + survivors.length} mutants in ${seconds} s: ${killed} killed by the harness, ${refused} refused by ` +
    `Step Functions, ${survivors.length} survived.`,
);
const unexpected = survivors.filter((name) => SURVIVORS[name] === undefined);
const isChosen = (name: string) => chosen.some((flow) => name.startsWith(`${flow.name} `));
const gone = Object.keys(SURVIVORS).filter((name) => isChosen(name) && !survivors.includes(name));
for (const name of unexpected) console.log(`Make a check see this, or say in SURVIVORS why it may live: ${name}`);
for (const name of gone) console.log(`Take this out of SURVIVORS, it is seen now: ${name}`);
if (unexpected.length + gone.length > 0) process.exitCode = 1;
