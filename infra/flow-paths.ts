import { readFlow } from "../statemachines/read.ts";
import type { FlowName } from "./wiring.ts";

/**
 * The states that an execution passes from its start to its end, when nothing fails.
 *
 * @param turns for each Choice on the way, where it goes; and for a state that ends by an error which is caught
 * @param within a Map: the states that each of its items passes
 * @throws Error when the flow has no such way
 */
export function passed(flow: FlowName, turns: Record<string, string>, within?: string): string[] {
  const { StartAt, States } = partOf(flow, within);
  const path = [StartAt];
  // The path grows while it is walked.
  for (const name of path) {
    const { Type, Next, Default, Choices = [], Catch = [] } = States[name] ?? { Type: "none" };
    if (Type === "Succeed") break;
    const ways = [Next, Default, ...[...Choices, ...Catch].map((way) => way.Next)];
    const next = turns[name] ?? Next;
    if (next === undefined || !ways.includes(next)) {
      throw new Error(`infra/costs.ts does not know where ${flow} goes from ${name}: correct the turns.`);
    }
    path.push(next);
  }
  return path;
}

/** @throws Error when the flow has no such Map */
function partOf(flow: FlowName, within: string | undefined) {
  const { definition } = readFlow(flow);
  if (within === undefined) return definition;
  const part = definition.States[within]?.ItemProcessor;
  if (part === undefined)
    throw new Error(`infra/costs.ts looks for a Map ${within} in ${flow}, which has none: correct it.`);
  return part;
}

/** How many states of a path are Lambda functions. */
export function functionsOn(flow: FlowName, path: string[], within?: string): number {
  const { States } = partOf(flow, within);
  return path.filter((name) => States[name]?.Arguments?.FunctionName !== undefined).length;
}
