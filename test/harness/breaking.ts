import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import type { deriveSuccessor } from "../../functions/rotation/derive-successor/step.ts";
import type { Definitions } from "./definitions.ts";
import type { RunStep } from "./functions.ts";
import type { World } from "./world.ts";

// What breaks the product on purpose, so that it can be seen that an invariant sees it.

/** What the most part of the steps is given, as one of them is. */
type Neighbours = Parameters<typeof deriveSuccessor>[1];

/** Has a step do something more when it is done. */
export function after(
  { functions }: World,
  step: string,
  then: (given: { input: never; output: never; neighbours: Neighbours }) => unknown,
): void {
  functions.replaced.set(step, (real: RunStep) => async (input, neighbours) => {
    const output = (await real(input, neighbours)) as never;
    await then({ input, output, neighbours });
    return output;
  });
}

/** Alters the live records in a way that no conditional write would. */
export function alter({ registry }: World, change: (record: InstanceRecord) => unknown): void {
  for (const record of registry.records.values()) {
    if (isRetired(record)) continue;
    const altered = structuredClone(record);
    change(altered);
    registry.records.set(record.id, altered);
  }
}

/** Has what was done by hand be looked at. */
export function looks({ calls }: World): Promise<void> {
  return calls.pass("somebody", "looks", async () => undefined);
}

/** The former user of a credential is shut without waiting for anybody. */
export function retireAtOnce({ credential }: Definitions): void {
  const { Promoted } = credential.States;
  for (const choice of Promoted?.Choices ?? []) choice.Next = "RetirePredecessor";
}
