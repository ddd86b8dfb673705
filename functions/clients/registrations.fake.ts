import { type Registrations, registrationError } from "./registrations.ts";

/** Registrations in memory. What the flow throws is the error that its execution ends with. */
export function fakeRegistrations(flow: (input: unknown) => Promise<unknown> = async () => null): Registrations {
  return {
    async run(input) {
      try {
        return structuredClone(await flow(structuredClone(input)));
      } catch (error) {
        const { name } = error as Error;
        throw registrationError({ execution: "The registration", status: "FAILED", error: name });
      }
    },
  };
}
