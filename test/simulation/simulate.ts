import { appendFileSync, writeFileSync } from "node:fs";
import { UsageError } from "../../local/options.ts";
import { INTERRUPTED, whenAskedToStop } from "../../local/stop-signal.ts";
import { BUGS } from "./bugs.ts";
import { folded, linesOfConcern } from "./concerned.ts";
import { failureOf } from "./failure.ts";
import { again, HELP, type Options, readOptions } from "./options.ts";
import { planOf } from "./plan.ts";
import type { Setup } from "./setup.ts";
import { shrink } from "./shrink.ts";
import { type Outcome, simulate } from "./simulation.ts";
import { figures, NOTHING, plus, summary, tallyOf } from "./tally.ts";

/** `npm run simulate`: simulates fleets, one seed after another. */
class Program {
  readonly #options: Options;
  #tally = NOTHING;
  /** What was made as short as could be already. */
  readonly #shown = new Set<string>();
  #isShrinking = false;
  #isStopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @returns with what it exits */
  async run(): Promise<number> {
    const { seed: first, seeds, history } = this.#options;
    whenAskedToStop(() => {
      // What was found of it is told first; who asks once more does not wait for that.
      if (this.#isShrinking) this.#isStopped = true;
      else this.#stop();
    });
    if (history !== undefined) writeTo(history, () => writeFileSync(history, ""));
    for (let seed = first; seed < first + seeds; seed += 1) await this.#one(seed);
    say(summary(this.#tally));
    return this.#tally.failed === 0 ? 0 : 1;
  }

  #stop(): never {
    say(`Interrupted. Done so far: ${summary(this.#tally)}`);
    process.exit(INTERRUPTED);
  }

  async #one(seed: number): Promise<void> {
    const setup = this.#setup(seed);
    const began = performance.now();
    const outcome = await this.#simulate(setup);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { history } = outcome.fleet;
    const tally = tallyOf(outcome);
    this.#tally = plus(this.#tally, tally);
    say(`seed ${seed}: ${figures(tally)}, ${seconds} s, history ${history.digest().slice(0, 16)}`);
    if (this.#options.history !== undefined) {
      appendFileSync(this.#options.history, `seed ${seed}\n${history.lines.join("\n")}\n`);
    }
    if (outcome.broken !== undefined) await this.#tell(setup, outcome, outcome.broken);
  }

  /** What failed, how to see it again, and the least that shows it. */
  async #tell(setup: Setup, outcome: Outcome, broken: string): Promise<void> {
    const { bug, shrinkSeconds } = this.#options;
    say(`\nseed ${setup.seed} fails, on day ${moment(outcome)}:\n  ${indented(broken)}`);
    if (outcome.stack !== undefined) say(`  ${indented(outcome.stack)}`);
    sayCalls(outcome);
    say(`Again: ${again(setup, bug)}`);
    const failure = failureOf(broken);
    if (shrinkSeconds === 0 || this.#shown.has(failure)) return;
    this.#shown.add(failure);
    const until = performance.now() + 1000 * shrinkSeconds;
    this.#isShrinking = true;
    const shrunk = await shrink(setup, outcome, {
      trial: (smaller, plan) => this.#simulate(smaller, plan),
      isOver: () => this.#isStopped || performance.now() > until,
      progress: (sentence) => process.stderr.write(`${sentence}\n`),
    });
    const { agents, alone, days } = shrunk.setup;
    const size = `${shrunk.plan.length} of ${outcome.plan.length} happenings, ${alone?.length ?? agents} of ${setup.agents} agents`;
    say(`\nThe shortest history that shows it, of ${shrunk.tries} tries: ${size}, ${days} of ${setup.days} days`);
    for (const line of folded(linesOfConcern(shrunk.outcome))) say(`  ${line.replaceAll(ARN, "")}`);
    say(`  ${moment(shrunk.outcome)}  ${indented(shrunk.outcome.broken ?? "")}`);
    sayCalls(shrunk.outcome);
    say("");
    this.#isShrinking = false;
    if (this.#isStopped) this.#stop();
  }

  #simulate(setup: Setup, plan = planOf(setup)): Promise<Outcome> {
    return simulate(setup, plan, BUGS[this.#options.bug ?? ""]);
  }

  #setup(seed: number): Setup {
    const { seeds: _, bug: __, history: ___, shrinkSeconds: ____, ...setup } = this.#options;
    return { ...setup, seed };
  }
}

/** When a simulation ended: the day, and the time. */
function moment({ fleet }: Outcome): string {
  return fleet.history.at(fleet.now);
}

/** What a reader of executions knows without it. */
const ARN = /arn:aws:states:[a-z\d-]+:\d+:execution:/g;
/** A failure may list all that is amiss. */
const MOST_LINES = 16;

function indented(sentence: string): string {
  const lines = sentence.trimEnd().split("\n");
  const left = lines.length - MOST_LINES;
  const told = left > 0 ? [...lines.slice(0, MOST_LINES), `… and ${left} lines more`] : lines;
  return told.join("\n  ");
}

/** After which calls it was seen; nothing where it shows only at the end, or in what people were not told. */
function sayCalls({ fleet }: Outcome): void {
  const { callsBefore } = fleet.world;
  if (callsBefore.length > 0) say(`  The last calls before, the newest last:\n    ${callsBefore.join("\n    ")}`);
}

/** @throws UsageError where the file cannot be written */
function writeTo(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(`--history cannot be written to ${file}: ${(error as Error).message}.`);
  }
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") process.stdout.write(HELP);
  else process.exitCode = await new Program(options).run();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
