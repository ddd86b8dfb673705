import { AT_ONCE, eachAtOnce } from "../../functions/shared/at-once.ts";
import { RIGHTS } from "../contract.ts";
import { EXIT } from "../exits.ts";
import { failureOf } from "../failure.ts";
import { describe, type Execution, followBegun } from "./follow.ts";
import type { Hand } from "./hand.ts";
import type { Result } from "./results.ts";

/** As so few, many together ask AWS how they are. */
const FEW = 5;

interface Act {
  act: "quarantine" | "release" | "retire";
  /** Starts the execution of an ID, and gives its ARN. */
  begin: (id: string) => Promise<string>;
  /** Says what an execution that is over, or is not waited for any more, has come to. */
  conclude: (id: string, end: Execution) => Result;
}

/**
 * Starts an execution for each of several, waits until all are over, and says what came of each. Where one cannot be started,
 * the others are all the same.
 *
 * @param ids each once
 * @throws what AWS said where none could be started
 */
export async function actOnEach(ids: readonly string[], { act, begin, conclude }: Act, hand: Hand): Promise<Result[]> {
  const { sfn, place, out, stopped, now } = hand;
  const results = new Map<string, Result>();
  const errors: unknown[] = [];
  const since = now();
  const slower = Math.max(1, Math.min(ids.length, AT_ONCE) / FEW);
  const onLook = () => out.progress(progressOf(results.size, ids.length, now() - since));
  await eachAtOnce(ids, async (id) => {
    if (stopped.aborted) {
      results.set(id, { subject: id, outcome: "NOT_STARTED", code: EXIT.interrupted, said: "Nothing was done." });
      return;
    }
    let execution: string | undefined;
    try {
      const arn = await begin(id);
      execution = arn;
      results.set(id, conclude(id, await followBegun(arn, () => describe(arn, sfn), { slower, onLook }, hand)));
    } catch (error) {
      if (execution === undefined) errors.push(error);
      const { message } = failureOf(error, { command: act, place, policy: RIGHTS[act].policy });
      const outcome = execution === undefined ? "FAILED" : "STARTED";
      results.set(id, { subject: id, outcome, code: EXIT.failed, said: message, ...(execution && { execution }) });
    }
  });
  if (errors.length > 0 && errors.length === ids.length) throw errors[0];
  return ids.flatMap((id) => results.get(id) ?? []);
}

function progressOf(over: number, all: number, ms: number): string {
  const waited = `${Math.floor(ms / 1000)} s`;
  return all === 1 ? `under way for ${waited}` : `${over} of ${all} are over, after ${waited}`;
}
