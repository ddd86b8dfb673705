/** The flows of which a step may start an execution: one of the instance, the credential or the event that its input names. */
export type StartedFlow = "rotation" | "credential" | "exposed-key";

/** How an execution is, or how it ended. */
export interface ExecutionEnd {
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  /** The error with which it failed, and its cause; each empty where there is none. */
  error: string;
  cause: string;
}

/** The flows of which a step may ask when they ran. */
export type WatchedFlow = "fleet-rotation";

/** The flows' executions: those that wait for a step to end their task, and those that a step starts. */
export interface Executions {
  /**
   * Ends the task that waits with this token. Ending it twice, or too late, is no error: somebody else was faster.
   *
   * @returns whether the task was still waiting
   */
  endTask(taskToken: string, end: { output: unknown } | { error: string; cause: string }): Promise<boolean>;

  /**
   * Starts an execution of a flow as it is now live. Of one name there is one, for 90 days: that somebody has started it
   * already is no error, whatever its input was and however it ended.
   *
   * @param execution.name 1 to 80 letters, digits, `-` and `_`
   * @param execution.input anything that JSON can write
   * @returns `there` if there is one of that name; while that one runs, with the same input, it may also be `started`,
   *   as Step Functions does not tell the two apart
   */
  start(execution: { flow: StartedFlow; name: string; input: unknown }): Promise<"started" | "there">;

  /** How the execution of a name is, or how it ended; undefined where there is none. */
  find(execution: { flow: "credential"; name: string }): Promise<ExecutionEnd | undefined>;

  /** The ARN of the execution of a name, whether there is one or not: where people look. */
  arnOf(execution: { flow: "credential"; name: string }): Promise<string>;

  /**
   * When an execution of a flow was started last, in milliseconds since 1970; undefined where none ever was. The list lags
   * behind by seconds.
   */
  lastStart(flow: WatchedFlow): Promise<number | undefined>;
}
