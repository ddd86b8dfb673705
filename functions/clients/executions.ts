/** What steps do with Step Functions. */
export interface Executions {
  /**
   * Runs the registration machine and waits for its output.
   *
   * @throws StepError RegistrationFailed when the execution fails or takes too long
   */
  register(input: unknown): Promise<unknown>;

  /**
   * Ends the task that waits with this token. Ending it twice, or too late, is no error: somebody else was faster.
   *
   * @returns whether the task was still waiting
   */
  endTask(taskToken: string, end: { output: unknown } | { error: string; cause: string }): Promise<boolean>;
}
