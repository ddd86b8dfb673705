import type { Registrations } from "./registrations.ts";

/** Registrations in memory: each runs the given function. */
export function fakeRegistrations(run: (input: unknown) => Promise<unknown> = async () => null): Registrations {
  return { run };
}
