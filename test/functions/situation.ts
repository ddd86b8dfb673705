import type { Delivery } from "../harness/commands.ts";
import type { Host } from "../harness/host.ts";
import type { World } from "../harness/world.ts";

/** How it comes about that a step raises an error which its contract declares. */
export interface Situation {
  deliveries?: Delivery[];
  /** Brings it about that a step, `rotation/verify-hash` say, fails with the error when it is run. */
  arrange: (world: World, host: Host, step: string) => unknown;
  /** Runs the step; one rotation, unless something else is said. */
  act?: (world: World, step: string) => unknown;
}

/** Does something just before a step begins. */
export function before(world: World, step: string, act: () => unknown): void {
  world.functions.replaced.set(step, (real) => async (input, neighbours) => {
    await act();
    return real(input, neighbours);
  });
}
