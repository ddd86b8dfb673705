import type { WaitState } from "../definition/machine.ts";
import { EvaluationFailure } from "../failure.ts";
import { begin, leave, type Run } from "../run.ts";
import { scopeOf } from "../scope.ts";
import { evaluateScalar, INTEGER, STRING } from "../template.ts";
import { parseTimestamp } from "../timestamp.ts";

/** Wait begins: it ends at once if its time has come already. */
export async function runWait(run: Run<WaitState>): Promise<void> {
  const { engine, execution, branch } = run;
  const until = await waitsUntil(run);
  begin(run);
  if (until > engine.parts.clock.now()) engine.settle(execution, branch, { at: "waiting", until });
  else await endWait(run);
}

/** The time of a Wait is over. */
export function endWait(run: Run<WaitState>): Promise<void> {
  return leave(run, { from: run.state, otherwise: run.visit.input, next: run.state.next });
}

async function waitsUntil(run: Run<WaitState>): Promise<number> {
  const { engine, execution, branch, visit, state } = run;
  const scope = scopeOf(execution, branch, visit);
  if (state.timestamp !== undefined) {
    const text = await evaluateScalar(state.timestamp, "Timestamp", STRING, scope);
    const moment = parseTimestamp(text);
    if (moment !== undefined) return moment;
    begin(run);
    const form = "an ISO-8601 extended offset date-time format string";
    throw new EvaluationFailure(`The Timestamp field cannot be parsed as ${form}: ${text}`, "Timestamp");
  }
  const seconds = await evaluateScalar(state.seconds ?? 0, "Seconds", INTEGER, scope);
  if (seconds < 0) {
    begin(run);
    throw new EvaluationFailure(`The Seconds field must be zero or greater but was: ${seconds}`, "Seconds");
  }
  return engine.parts.clock.now() + seconds * 1000;
}
