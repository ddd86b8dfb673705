import { STEPS, type StepName } from "../functions/steps.ts";
import type { FlowName } from "./wiring.ts";

// What a deployment is made of: the fleet with its credentials, and what shuts exposed access keys. Either can be had alone,
// and in one stack both are there together. Rules, schedules, alarms and rights follow from the steps and flows that are there.

export type Part = "fleet" | "exposed-keys";

export const PARTS: readonly Part[] = ["fleet", "exposed-keys"];

const FLEET: readonly Part[] = ["fleet"];

/** The parts that need a flow, and with it its steps. */
const NEED_FLOW: Record<FlowName, readonly Part[]> = {
  registration: FLEET,
  rotation: FLEET,
  "fleet-rotation": FLEET,
  operate: FLEET,
  credential: FLEET,
  "exposed-key": ["exposed-keys"],
  // It ends, gathers and tells again what stands, and seals the day: of exposed keys alone, too, over an empty fleet.
  watch: PARTS,
};

/** The same of the steps that are of no flow, by name. */
const NEED_STEP: Record<string, readonly Part[]> = {
  "follow-state": FLEET,
  "follow-execution": PARTS,
};

function isNeeded(by: readonly Part[] | undefined, parts: readonly Part[]): boolean {
  return by?.some((part) => parts.includes(part)) ?? false;
}

/** Whether a flow is there where these parts are. */
export function hasFlow(parts: readonly Part[], flow: FlowName): boolean {
  return isNeeded(NEED_FLOW[flow], parts);
}

/** Whether a step is there where these parts are. */
export function hasStep(parts: readonly Part[], { flow, name }: StepName): boolean {
  return isNeeded(flow in NEED_FLOW ? NEED_FLOW[flow as FlowName] : NEED_STEP[name], parts);
}

/** The steps that are there where these parts are. */
export function stepsOf(parts: readonly Part[]) {
  return STEPS.filter((step) => hasStep(parts, step));
}
