import type { Catcher, Retrier, State, WithHandlers } from "./definition/machine.ts";
import { ERRORS, EvaluationFailure, type Failure, matches, StateFailure } from "./failure.ts";
import { recordIn } from "./history.ts";
import type { JsonObject } from "./json.ts";
import { leave, type Run } from "./run.ts";

/** Does what a state's code does; what that throws makes the state fail. */
export async function attempt(run: Run, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof EvaluationFailure) await fail(run, evaluationFailed(run, error));
    else if (error instanceof StateFailure) await fail(run, error.failure);
    else throw error;
  }
}

/** The text in front of the causes that Step Functions itself gives. */
export function inState({ visit }: Run, message: string): string {
  return `An error occurred while executing the state '${visit.state}' (entered at the event id #${visit.event}). ${message}`;
}

function evaluationFailed(run: Run, error: EvaluationFailure): Failure {
  const { engine, execution, branch, visit } = run;
  const failure = { error: ERRORS.query, cause: inState(run, error.message) };
  const location = error.location === undefined ? {} : { location: error.location };
  const details = { ...failure, ...location, state: visit.state };
  recordIn(execution, branch, engine.parts.clock.now(), "EvaluationFailed", details);
  return failure;
}

/** A state has failed: it is tried again, or its catcher goes on, or its branch has failed. */
export async function fail(run: Run, failure: Failure): Promise<void> {
  const { engine, execution, branch, visit, state } = run;
  const { retriers, catchers } = handlersOf(state);
  const index = retriers.findIndex(({ errors }) => errors.some((name) => matches(name, failure)));
  const retrier = retriers[index];
  const used = visit.retries[index] ?? 0;
  if (retrier !== undefined && used < retrier.maxAttempts) {
    visit.retries = retriers.map((_, at) => (visit.retries[at] ?? 0) + (at === index ? 1 : 0));
    const until = engine.parts.clock.now() + delayMs(retrier, used, engine.parts.random);
    return engine.settle(execution, branch, { at: "retrying", until });
  }
  if (failure.error === ERRORS.runtime) return engine.end(execution, branch, "FAILED", failure);
  const { last } = branch.chain;
  stateFailed(run);
  const which = catchers.findIndex(({ errors }) => errors.some((name) => matches(name, failure)));
  const catcher = catchers[which];
  if (catcher === undefined) return engine.ready(execution, branch, { at: "failed", failure });
  try {
    await caught(run, catcher, `Catch[${which}]/`, failure);
  } catch (error) {
    if (!(error instanceof EvaluationFailure || error instanceof StateFailure)) throw error;
    if (error instanceof EvaluationFailure) branch.chain.last = last;
    const second = error instanceof EvaluationFailure ? evaluationFailed(run, error) : error.failure;
    stateFailed(run);
    engine.ready(execution, branch, { at: "failed", failure: second });
  }
}

function handlersOf(state: State): WithHandlers {
  return "retriers" in state ? state : { retriers: [], catchers: [] };
}

function stateFailed({ engine, execution, branch, state }: Run): void {
  if (state.type === "Parallel" || state.type === "Map") {
    recordIn(execution, branch, engine.parts.clock.now(), `${state.type}StateFailed`);
  }
}

function caught(run: Run, catcher: Catcher, prefix: string, failure: Failure): Promise<void> {
  const errorOutput: JsonObject = {};
  if (failure.error !== undefined) errorOutput.Error = failure.error;
  if (failure.cause !== undefined) errorOutput.Cause = failure.cause;
  return leave(run, {
    ...{ from: catcher, prefix, otherwise: JSON.stringify(errorOutput), next: catcher.next },
    extras: { errorOutput },
  });
}

/** How long to wait before the next attempt, in milliseconds. */
export function delayMs(retrier: Retrier, used: number, random: (bytes: number) => Buffer): number {
  const backedOff = retrier.intervalSeconds * retrier.backoffRate ** used;
  const seconds = Math.min(backedOff, retrier.maxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return Math.round(seconds * 1000 * (retrier.fullJitter ? random(4).readUInt32BE() / 2 ** 32 : 1));
}
