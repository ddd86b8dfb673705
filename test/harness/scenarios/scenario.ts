import type { Definitions } from "../definitions.ts";
import type { Execution } from "../flows.ts";
import type { World, WorldOptions } from "../world.ts";

/** What an execution comes to. */
export interface End {
  /** As the scenario's `end` writes it. */
  end: string;
  /** How many mails people get of it. */
  mails: number;
}

/** One way through a flow. All routes of a scenario together enter each of the flow's states. */
export interface Route {
  name: string;
  options?: Pick<WorldOptions, "numbers" | "deliveries" | "settings">;
  /** The state that it came with, where flows of an earlier version do not go this way. */
  since?: string;
  /** How the world is before. */
  arrange: (world: World) => Promise<unknown>;
  /** Starts the flow as it is started in life. */
  start: (world: World) => unknown;
  /** Of its calls, those that are struck in every way, as all those of the first route are. */
  inEveryWay?: RegExp;
  /** Only the flow's own calls are struck: what it starts is struck on another route. */
  strikes?: "own";
  /** What it comes to when nothing befalls it. */
  comesTo: End;
}

/** How the harness runs a flow, and what is right when something in it fails. */
export interface Scenario {
  routes: Route[];
  /** How an execution that entered those states ended, in so few words that two can be compared. */
  end: (execution: Execution, states: string[]) => string;
  /**
   * What it comes to when a state fails for good.
   *
   * @param route what it would have come to
   * @returns undefined for an error that nobody has thought of there
   */
  failsWith: (state: string, error: string, route: Route) => End | undefined;
  /** How each Map is made to fail while its items run. */
  breaksMap?: Record<string, (world: World) => void>;
  /** What else must hold of the flow's definition, each tried by runs of its own. */
  edges?: Check[];
}

/** Something that is tried, with a set of definitions; `run` throws a sentence if it does not hold. */
export interface Check {
  name: string;
  run: (definitions: Definitions) => Promise<void> | void;
}
