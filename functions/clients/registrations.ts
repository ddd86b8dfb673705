/** Runs the flow that registers an instance. */
export interface Registrations {
  /**
   * Runs it and waits for its output.
   *
   * @throws StepError RegistrationFailed when the execution fails or takes too long
   */
  run(input: unknown): Promise<unknown>;
}
