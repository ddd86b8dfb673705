/**
 * `npm run mutants`: alters the program and its flows one thing at a time, and runs the tests against each. A mutant that
 * every test passes is something that can go wrong unseen. Nothing is written but results, in .mutants/.
 * `--help` lists the options.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { UsageError } from "../../local/options.ts";
import { INTERRUPTED, whenAskedToStop } from "../../local/stop-signal.ts";
import { readDefinitions } from "../harness/definitions.ts";
import { AREAS } from "./areas.ts";
import { demandHarmless, help, type Wanted, wantedOf } from "./arguments.ts";
import { Asking } from "./asking.ts";
import { flowMutantsOf } from "./flow-mutants.ts";
import { reportOf } from "./report.ts";
import { type Ended, isAlive, type Result, Results } from "./results.ts";
import { candidatesOf, SourceArea } from "./source-area.ts";
import { Types } from "./types.ts";

/** One mutant that is to be tried. */
interface Trial {
  area: string;
  name: string;
  place: string;
  /** Which file it is one of; of a flow's, the flow's name. */
  file: string;
  text: string;
  run: () => Promise<Ended>;
}

/** A flow is struck at each of its calls. */
const FLOW_LIMIT_MS = 1_800_000;
const FLOWS_AREA = "flows";

const wanted = asked();
const asking = new Asking(process.cwd());
let types: Types | undefined;

/** What the command line says; where it makes no sense, or nothing is to be tried, this ends with a sentence. */
function asked(): Wanted {
  const areas = [...AREAS.map(({ name }) => name), FLOWS_AREA];
  try {
    const given = wantedOf(process.argv.slice(2), areas, process.env);
    if (given !== "help") {
      demandHarmless(process.geteuid?.(), process.env);
      return given;
    }
    process.stdout.write(help(areas));
    process.exit();
  } catch (error) {
    if (error instanceof UsageError) refuse(error.message);
    throw error;
  }
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function trialsOf(area: (typeof AREAS)[number]): Trial[] {
  let opened: Promise<SourceArea> | undefined;
  const open = () => {
    types ??= new Types(process.cwd());
    opened ??= SourceArea.open({ area, asking, types });
    return opened;
  };
  return candidatesOf(area).map((candidate) => {
    const { file, name, line, text } = candidate;
    return {
      ...{ area: area.name, name, place: `${file}:${line}`, file, text },
      run: async () => (await open()).tryOne(candidate),
    };
  });
}

function flowTrials(): Trial[] {
  const definitions = readDefinitions();
  return FLOWS.flatMap(({ name: flow }: { name: FlowName }) =>
    flowMutantsOf(flow, definitions[flow]).map(({ name, definition }) => ({
      ...{
        area: FLOWS_AREA,
        name,
        place: `statemachines/${flow}.asl.yaml`,
        file: flow,
        text: JSON.stringify(definition),
      },
      run: async () => (await asking.ask("flow", { flow, name }, FLOW_LIMIT_MS)) ?? { end: "timed out" as const },
    })),
  );
}

/** In an order that the seed gives; the same seed draws the same of the same. */
function drawn<One extends { name: string }>(all: One[], { count, seed }: { count: number; seed: string }): One[] {
  const place = ({ name }: One) => createHash("sha256").update(`${seed} ${name}`).digest("hex");
  const chosen = new Set([...all].sort((a, b) => (place(a) < place(b) ? -1 : 1)).slice(0, count));
  return all.filter((one) => chosen.has(one));
}

const isWanted = (area: string) => wanted.areas.length === 0 || wanted.areas.includes(area);
const all = [
  ...AREAS.filter(({ name }) => isWanted(name)).flatMap(trialsOf),
  ...(isWanted(FLOWS_AREA) ? flowTrials() : []),
].filter(({ file }) => wanted.file === undefined || wanted.file === file);
if (all.length === 0) {
  refuse(`There is no mutant of ${wanted.file}${wanted.areas.length === 0 ? "" : ` in ${wanted.areas.join(", ")}`}.`);
}
const trials = wanted.sample === undefined ? all : drawn(all, wanted.sample);

const known = new Results(".mutants/results.jsonl");
const results: Result[] = [];
whenAskedToStop(() => {
  // Whatever tries a mutant that does not end would go on for ever.
  asking.close();
  console.log(
    `Interrupted, after ${results.length} of ${trials.length} mutants; --resume takes what these have shown.`,
  );
  process.exit(INTERRUPTED);
});
const began = Date.now();
for (const { area, name, place, text, run } of trials) {
  const before = wanted.resume ? known.find(name, text) : undefined;
  const result = before ?? { area, name, place, ...(await run()) };
  if (before === undefined) known.note(result, text);
  results.push(result);
  if (wanted.verbose || isAlive(result)) {
    console.log(
      `${result.end}: ${place} ${name}${wanted.verbose && result.by ? `\n  by ${result.by.slice(0, 200)}` : ""}`,
    );
  }
}
asking.close();
types?.close();

const isWhole = wanted.sample === undefined && wanted.file === undefined;
const { text, isGood } = reportOf(results, isWhole ? [...new Set(all.map(({ area }) => area))] : []);
const said = `${trials.length} mutants in ${Math.round((Date.now() - began) / 1000)} s.\n\n${text}`;
writeFileSync(".mutants/report.txt", said);
console.log(said);
if (!isGood) process.exitCode = 1;
