import { StepError } from "../shared/errors.ts";
import type { Registrations } from "./registrations.ts";

/** Registrations in memory. */
export function fakeRegistrations(flow: (input: unknown) => Promise<unknown> = async () => null): Registrations {
  return {
    async run(input) {
      try {
        return structuredClone(await flow(structuredClone(input)));
      } catch (error) {
        throw new StepError("RegistrationFailed", `The registration ended FAILED: ${error}`);
      }
    },
  };
}
