import { EXIT } from "../exits.ts";
import { type Execution, waitFor } from "./follow.ts";
import type { Hand } from "./hand.ts";
import { type Result, resultOf, startedAs } from "./results.ts";
import { executionNameFor, type StartedFlow, start } from "./start.ts";

/** An execution that acts on many. */
interface ActOnMany {
  flow: StartedFlow;
  /** As it was typed, e.g. `rekey`; its name begins with it. */
  act: string;
  input: object;
}

const FOLLOW = "`keyturn fleet` shows how they are, `keyturn findings` what went wrong.";

/** Starts one execution that acts on many, and waits until it is over if that is wanted. */
export async function runOverMany({ flow, act, input }: ActOnMany, wait: boolean, hand: Hand): Promise<Result> {
  const name = executionNameFor(act, hand.now());
  const arn = await start({ flow, name, input }, hand);
  return wait ? resultOfRun(name, await waitFor(arn, hand)) : startedAs(name, arn, FOLLOW);
}

/** What came of a run: how many were meant, and what of them. A flow of another version may count otherwise. */
export function resultOfRun(name: string, end: Execution): Result {
  const result = resultOf(name, end, {}, FOLLOW);
  if (end.status !== "SUCCEEDED") return result;
  const { meant, due, failed, outcome = "DONE" } = end.output;
  if ((meant ?? due) === 0) return { ...result, outcome: "NOBODY", code: EXIT.refused, said: "Nobody was meant." };
  const counts = Object.entries(end.output).filter(([, count]) => typeof count === "number");
  const said = `${counts.map(([what, count]) => `${count} ${what}`).join(", ")}.`;
  if (failed === undefined || failed === 0) return { ...result, outcome: String(outcome), said };
  return { ...result, outcome: "SOME_FAILED", code: EXIT.failed, said: `${said} ${FOLLOW}` };
}
