import type { FlowName } from "../../infra/wiring.ts";
import { checksOf } from "../harness/checks.ts";
import { crashEverywhere } from "../harness/crash-points.ts";
import { type Definitions, readDefinitions } from "../harness/definitions.ts";
import { runUndisturbed } from "../harness/run.ts";
import { scenarioOf } from "../harness/scenarios/index.ts";
import { flowMutantsOf } from "./flow-mutants.ts";
import type { Ended } from "./results.ts";

/**
 * What comes of an altered flow in the harness: what it tries of the flow, the quickest first.
 *
 * @param name of one of the flow's mutants
 * @throws Error where there is no such mutant
 */
export async function tryFlow(flow: FlowName, name: string): Promise<Ended> {
  const definitions = readDefinitions();
  const mutant = flowMutantsOf(flow, definitions[flow]).find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  try {
    await tryAll(flow, { ...definitions, [flow]: mutant.definition });
    return { end: "survived" };
  } catch (error) {
    const by = error instanceof Error ? error.message : String(error);
    return { end: by.startsWith("Invalid State Machine Definition") ? "refused" : "killed", by };
  }
}

/** @throws Error at the first that does not hold */
async function tryAll(flow: FlowName, definitions: Definitions): Promise<void> {
  const { routes } = scenarioOf(flow);
  for (const route of routes) await runUndisturbed(flow, route, definitions);
  for (const { name, run } of await checksOf(flow, definitions)) await named(name, () => run(definitions));
  for (const route of routes) await crashEverywhere(flow, route, definitions);
}

async function named(name: string, run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}
