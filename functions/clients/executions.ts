/** The executions that wait for a step to end their task. */
export interface Executions {
  /**
   * Ends the task that waits with this token. Ending it twice, or too late, is no error: somebody else was faster.
   *
   * @returns whether the task was still waiting
   */
  endTask(taskToken: string, end: { output: unknown } | { error: string; cause: string }): Promise<boolean>;
}
