import type { ExecutionFailure, ExecutionStatus } from "../wire/executions.ts";
import { objectIn } from "./json.ts";
import type { Visit, Way } from "./way.ts";

/**
 * What a cause says, as a sentence. A function's is JSON with the message of its error, that of another execution is JSON with its
 * own error and cause, and everything else says itself what it means.
 */
export function sentenceOf(cause: string): string {
  const { errorMessage, Cause, Status } = objectIn(cause);
  if (typeof errorMessage === "string") return errorMessage;
  if (typeof Cause === "string") return sentenceOf(Cause);
  return typeof Status === "string" ? `The execution that it waited for ended ${Status}.` : cause;
}

const UNSAID: Partial<Record<ExecutionStatus, { error: string; cause: string }>> = {
  FAILED: { error: "Failed", cause: "" },
  TIMED_OUT: { error: "States.Timeout", cause: "It took longer than its flow allows, and was ended." },
  ABORTED: { error: "Aborted", cause: "Somebody has stopped it; CloudTrail has who (StopExecution)." },
};

/** Why an execution ended as nobody wants it to, and in which state that began; undefined where it did not. */
export function failureIn(
  { status, error, cause }: { status: ExecutionStatus; error?: string | undefined; cause?: string | undefined },
  way: Way,
): ExecutionFailure | undefined {
  const unsaid = UNSAID[status];
  if (unsaid === undefined) return undefined;
  const said = error ?? unsaid.error;
  const began = beganIn(said, way);
  const sentence = cause === undefined || cause === "" ? unsaid.cause : sentenceOf(cause);
  const because = began?.cause === undefined ? "" : sentenceOf(began.cause);
  return {
    ...{ error: said, cause: sentence },
    ...(began !== undefined && { state: began.state }),
    ...(because !== "" && !sentence.includes(because) && { because }),
  };
}

/**
 * The state in which it began: the one that failed with the error which ended it, also where that was caught and told of before; the
 * one that the input of the last state names; or the last one.
 */
function beganIn(error: string, { visits }: Way): Visit | undefined {
  const last = visits.findLast(({ outcome }) => outcome !== "done" && outcome !== "caught");
  const isIt = (visit: Visit) => visit.type !== "Fail" && visit.error !== undefined && isSame(error, visit.error);
  const { step } = objectIn(last?.input ?? "");
  const named = visits.find(({ state }) => state === step);
  return visits.findLast(isIt) ?? named ?? last;
}

/** The flows put their own prefix before an error of which people were told. */
function isSame(error: string, ofState: string): boolean {
  return error === ofState || error.endsWith(`.${ofState}`);
}
