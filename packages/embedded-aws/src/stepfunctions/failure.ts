/** The names of errors that Step Functions itself gives. */
export const ERRORS = {
  all: "States.ALL",
  taskFailed: "States.TaskFailed",
  timeout: "States.Timeout",
  heartbeat: "States.HeartbeatTimeout",
  query: "States.QueryEvaluationError",
  runtime: "States.Runtime",
  dataLimit: "States.DataLimitExceeded",
  threshold: "States.ExceedToleratedFailureThreshold",
} as const;

/** What a state failed with. Both parts are optional in the States Language. */
export interface Failure {
  error?: string;
  cause?: string;
  /** Set for a missed heartbeat, which is reported as States.Timeout but may be caught under its own name too. */
  heartbeat?: true;
  /** Set where the state itself failed, and not what it called. */
  own?: true;
}

/** A state that cannot go on, thrown while it is run. */
export class StateFailure extends Error {
  readonly failure: Failure;

  constructor(error: string, cause: string) {
    super(cause);
    this.failure = { error, cause, own: true };
  }
}

/** An expression, or the value of a field, that the state cannot go on with: leaves an EvaluationFailed event. */
export class EvaluationFailure extends Error {
  /** The field, e.g. `Output/a[0]`; unknown where the state's input as a whole is at fault. */
  readonly location: string | undefined;

  constructor(message: string, location?: string) {
    super(message);
    this.location = location;
  }
}

/**
 * Whether a name in `ErrorEquals` stands for a failure.
 *
 * States.Runtime cannot be caught at all. States.DataLimitExceeded is caught by `States.ALL` where a function's result is
 * too long: so it is recorded on AWS, for a function's ARN and for `lambda:invoke`. Not recorded, and so decided here:
 * the same holds in Retry, for States.TaskFailed, and for every Task, since AWS reports it as any failure of a Task. What
 * a state makes itself (its Output, the joined results of Parallel and Map) is, by AWS's guide, caught by its name alone.
 */
export function matches(name: string, failure: Failure): boolean {
  const error = failure.error;
  if (error === ERRORS.runtime) return false;
  const terminal = error === ERRORS.dataLimit && failure.own === true;
  if (name === ERRORS.all) return !terminal;
  if (name === ERRORS.taskFailed) return error !== ERRORS.timeout && !terminal;
  if (name === ERRORS.heartbeat) return failure.heartbeat === true;
  return name === error;
}

/** The result is too long: the text of AWS. */
export function tooLong(what: string): Failure {
  return {
    error: ERRORS.dataLimit,
    cause: `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  };
}
