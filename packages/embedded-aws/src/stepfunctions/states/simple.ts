import type { ChoiceState, FailState, PassState, SucceedState } from "../definition/machine.ts";
import { fail, inState } from "../fail.ts";
import { ERRORS, type Failure, StateFailure } from "../failure.ts";
import { begin, leave, type Run } from "../run.ts";
import { scopeOf } from "../scope.ts";
import { BOOLEAN, evaluateScalar, STRING } from "../template.ts";

/** Pass hands its input on, or what its Output makes of it. */
export function runPass(run: Run<PassState>): Promise<void> {
  return leave(run, { from: run.state, otherwise: run.visit.input, next: run.state.next });
}

/** Succeed ends its branch or the execution. */
export function runSucceed(run: Run<SucceedState>): Promise<void> {
  return leave(run, { from: run.state, otherwise: run.visit.input, next: undefined });
}

/** Fail ends its branch or the execution with an error of its own. */
export async function runFail(run: Run<FailState>): Promise<void> {
  const { execution, branch, visit, state } = run;
  const scope = scopeOf(execution, branch, visit);
  const failure: Failure = {};
  if (state.error !== undefined) failure.error = await evaluateScalar(state.error, "Error", STRING, scope);
  if (state.cause !== undefined) failure.cause = await evaluateScalar(state.cause, "Cause", STRING, scope);
  begin(run);
  await fail(run, failure);
}

/** Choice goes on with the first rule whose condition holds, else with its Default. */
export async function runChoice(run: Run<ChoiceState>): Promise<void> {
  const { execution, branch, visit, state } = run;
  const scope = scopeOf(execution, branch, visit);
  for (const [index, rule] of state.rules.entries()) {
    const prefix = `Choices[${index}]/`;
    if (await evaluateScalar(rule.condition, `${prefix}Condition`, BOOLEAN, scope)) {
      return leave(run, { from: rule, prefix, otherwise: visit.input, next: rule.next });
    }
  }
  if (state.default === undefined) {
    const message = "Failed to transition out of the state. The state does not point to a next state.";
    throw new StateFailure(ERRORS.runtime, inState(run, message));
  }
  return leave(run, { from: state, otherwise: visit.input, next: state.default });
}
