import type { Definitions } from "../harness/definitions.ts";
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

/** Calls of that name, whoever makes them, do nothing any more. */
export function doesNothing({ calls }: World, name: string): void {
  const pass = calls.pass.bind(calls);
  calls.pass = (caller, called, call) => pass(caller, called, called === name ? async () => undefined as never : call);
}
