import { StepError } from "../shared/errors.ts";

/** Runs the flow that registers an instance. */
export interface Registrations {
  /**
   * Runs it and waits for its output.
   *
   * @throws StepError RegistrationFailed when the execution fails and has told people; RegistrationCutOff when it ends
   *   otherwise, so that nobody was told
   */
  run(input: unknown): Promise<unknown>;
}

/** What a registration is raised as that did not succeed. Its flow says by a prefix that it has told people. */
export function registrationError(ended: { execution: string; status: string; error: string }): StepError {
  const { execution, status, error } = ended;
  const message = `${execution} ended ${status}${error === "" ? "" : `: ${error}`}`;
  const hasTold = status === "FAILED" && error.startsWith("Keyturn.");
  return hasTold ? new StepError("RegistrationFailed", message) : new StepError("RegistrationCutOff", message);
}
