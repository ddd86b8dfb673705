import type { FlowName } from "../../infra/wiring.ts";
import type { Definitions } from "./definitions.ts";
import { handlerChecks } from "./handlers.ts";
import { limitChecks } from "./limits.ts";
import { scenarioOf } from "./scenarios/index.ts";
import type { Check } from "./scenarios/scenario.ts";

/**
 * All that is tried of a flow's definition besides crashes: its time limits, its numbers at their edges, its retriers and
 * catchers.
 *
 * @throws Error with a sentence that says what to write, for what no scenario speaks of
 */
export async function checksOf(flow: FlowName, definitions: Definitions): Promise<Check[]> {
  const { edges = [] } = scenarioOf(flow);
  return [...limitChecks(flow, definitions), ...edges, ...(await handlerChecks(flow, definitions))];
}
