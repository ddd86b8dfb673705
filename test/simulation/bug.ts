import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import type { Definitions } from "../harness/definitions.ts";
import type { RunStep } from "../harness/functions.ts";
import type { World } from "../harness/world.ts";
import type { Fleet } from "./fleet.ts";
import type { Setup } from "./setup.ts";

/** Something in the product that is broken on purpose, so that it can be seen that an invariant sees it. */
export interface Bug {
  /** The invariant that must see it, by its name. */
  seenBy: string;
  /** A simulation in which it does, as small as can be. */
  setup: Partial<Setup>;
  /** Alters the flows. */
  alters?: (definitions: Definitions) => void;
  /** Alters what is around the steps and the agents, before anything runs. */
  breaks?: (fleet: Fleet) => void;
}

/** Has a step do something more when it is done. */
export function after(
  { functions }: World,
  step: string,
  then: (given: { input: never; output: never }) => unknown,
): void {
  functions.replaced.set(step, (real: RunStep) => async (input, neighbours) => {
    const output = (await real(input, neighbours)) as never;
    await then({ input, output });
    return output;
  });
}

/** Alters the live records in a way that no conditional write would, and has it be seen. */
export async function alter({ registry, calls }: World, change: (record: InstanceRecord) => unknown): Promise<void> {
  for (const record of registry.records.values()) {
    if (isRetired(record)) continue;
    const altered = structuredClone(record);
    change(altered);
    registry.records.set(record.id, altered);
  }
  await calls.pass("somebody", "looks", async () => undefined);
}

/** Calls of that name, whoever makes them, do nothing any more. */
export function doesNothing({ calls }: World, name: string): void {
  const pass = calls.pass.bind(calls);
  calls.pass = (caller, called, call) => pass(caller, called, called === name ? async () => undefined as never : call);
}
