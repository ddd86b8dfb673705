import type { Draw } from "./draw.ts";
import type { Fleet } from "./fleet.ts";

/** One kind of thing that befalls a fleet. What one of them is like is plain data, drawn beforehand. */
export interface Kind<What extends object = object> {
  /** How many there are for each agent in a day, on average; or for all of them. */
  rate: { perAgentDay: number } | { perDay: number };
  draw(draw: Draw): What;
  /** Has it happen. What ends later is set by `fleet.later`. */
  befall(what: What, fleet: Fleet): Promise<void> | void;
}

/** So that a list of kinds can be of different ones. */
export function kind<What extends object>(one: Kind<What>): Kind {
  return one as unknown as Kind;
}
