/** An event of an execution's history, as Step Functions numbers and links them. */
export interface Happening {
  id: number;
  /** The event before it on the same way; 0 at the beginning. */
  previous: number;
  at: number;
  type: string;
  /** What stands in its `…EventDetails`; empty where it has none. */
  details: Record<string, unknown>;
}

/** What is said in the details of an event under a name, if it is text. */
export function textOf({ details }: Happening, name: string): string | undefined {
  const value = details[name];
  return typeof value === "string" ? value : undefined;
}

export const isEntry = ({ type }: Happening) => type.endsWith("StateEntered");
export const isExit = ({ type }: Happening) => type.endsWith("StateExited");

const TRIED = /^(TaskScheduled|LambdaFunctionScheduled|ActivityScheduled|ParallelStateStarted|MapStateStarted)$/;

/** Whether a state begins to try what it is for. */
export const isTry = ({ type }: Happening) => TRIED.test(type);

const SPOILT =
  /^(Task|LambdaFunction|Activity)\w*(Failed|TimedOut)$|^(ParallelState|MapState|MapRun)Failed$|^EvaluationFailed$/;

/** Whether a try of a state has failed. */
export const isSpoilt = ({ type }: Happening) => SPOILT.test(type);
