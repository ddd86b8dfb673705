import type { FlowName } from "../../infra/wiring.ts";
import { tryFlow } from "./flow-trial.ts";
import type { Ended } from "./results.ts";
import { type Run, Tests } from "./tests.ts";

// A process of its own, since a mutant can go round in a circle for ever: whoever asks kills it then, and starts another.

/** What is asked of this process, one at a time, and what it answers. */
export interface Asked {
  /** To run tests with files altered, until the first fails. */
  run: [{ texts: Record<string, string>; files: string[]; only?: string }, Run];
  /** Which of the test files that have run load a file. */
  loading: [{ file: string; tests: string[] }, string[]];
  /** To try an altered flow in the harness. */
  flow: [{ flow: FlowName; name: string }, Ended];
}

export type Question = { [Kind in keyof Asked]: { kind: Kind; of: Asked[Kind][0] } }[keyof Asked];
export type Answer = { value: Asked[keyof Asked][1] } | { error: string };

const root = process.argv[2] ?? process.cwd();
let opened: Promise<Tests> | undefined;

async function answer(question: Question): Promise<Asked[keyof Asked][1]> {
  if (question.kind === "flow") return tryFlow(question.of.flow, question.of.name);
  opened ??= Tests.open(root);
  const tests = await opened;
  if (question.kind === "loading") return tests.loading(question.of.file, question.of.tests);
  tests.alter(question.of.texts);
  return tests.run(question.of.files, question.of.only);
}

process.on("message", (question: Question) => {
  answer(question).then(
    (value) => process.send?.({ value } satisfies Answer),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
