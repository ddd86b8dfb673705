import { STEPS, type StepName } from "../functions/steps.ts";

// What a deployment is made of: the fleet with its credentials, and what shuts exposed access keys. Either can be had alone,
// and in one stack both are there together. Rules, schedules, alarms and rights follow from the steps and flows that are there.

export type Part = "fleet" | "exposed-keys";

export const PARTS: readonly Part[] = ["fleet", "exposed-keys"];

const FLEET: readonly Part[] = ["fleet"];

/**
 * The flows: one state machine each, `statemachines/NAME.asl.yaml`, whose Task states call the steps of that flow; each with the
 * parts that need it.
 */
export const FLOWS = [
  { name: "registration", type: "EXPRESS", of: FLEET },
  { name: "rotation", type: "STANDARD", of: FLEET },
  { name: "fleet-rotation", type: "STANDARD", of: FLEET },
  // It ends, gathers and tells again what stands, and seals the day: of exposed keys alone, too, over an empty fleet.
  { name: "watch", type: "STANDARD", of: PARTS },
  { name: "operate", type: "STANDARD", of: FLEET },
  { name: "credential", type: "STANDARD", of: FLEET },
  { name: "exposed-key", type: "STANDARD", of: ["exposed-keys"] },
] as const satisfies { name: string; type: "EXPRESS" | "STANDARD"; of: readonly Part[] }[];

export type FlowName = (typeof FLOWS)[number]["name"];

/** The parts that need the steps that are of no flow, by name. */
const NEED_STEP: Record<string, readonly Part[]> = {
  "follow-state": FLEET,
  "follow-execution": PARTS,
};

function isNeeded(by: readonly Part[] | undefined, parts: readonly Part[]): boolean {
  return by?.some((part) => parts.includes(part)) ?? false;
}

/** Whether a flow is there where these parts are. */
export function hasFlow(parts: readonly Part[], flow: FlowName): boolean {
  return isNeeded(partsThatNeed(flow), parts);
}

function partsThatNeed(flow: string): readonly Part[] | undefined {
  return FLOWS.find(({ name }) => name === flow)?.of;
}

/** Whether a step is there where these parts are. */
export function hasStep(parts: readonly Part[], { flow, name }: StepName): boolean {
  return isNeeded(partsThatNeed(flow) ?? NEED_STEP[name], parts);
}

/** The steps that are there where these parts are. */
export function stepsOf(parts: readonly Part[]) {
  return STEPS.filter((step) => hasStep(parts, step));
}
