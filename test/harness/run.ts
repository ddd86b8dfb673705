import assert from "node:assert/strict";
import type { FlowName } from "../../infra/wiring.ts";
import type { Fault } from "./calls.ts";
import type { Definitions } from "./definitions.ts";
import { AT_THE_END, holdAll } from "./invariants.ts";
import { scenarioOf } from "./scenarios/index.ts";
import type { End, Route } from "./scenarios/scenario.ts";
import { World } from "./world.ts";

/** What happened on one way through a flow. */
export interface Ran extends End {
  /** The states that were entered, those of Distributed Maps last. */
  states: string[];
  /** `caller: neighbour.method` */
  calls: string[];
}

export interface Disturbance {
  /** Strikes the calls that are made from the start of the flow. */
  faults?: Fault[];
  /** Does something to the world before the flow starts. */
  disturb?: ((world: World) => void) | undefined;
}

/**
 * Runs a flow once on a route, to its end.
 *
 * @throws Error with a sentence if an invariant of every moment does not hold, or if it goes round in circles
 */
export async function run(
  flow: FlowName,
  route: Route,
  definitions: Definitions,
  { faults = [], disturb }: Disturbance = {},
): Promise<{ world: World; ran: Ran }> {
  const world = new World({ ...route.options, definitions });
  await route.arrange(world);
  world.calls.countAnew();
  world.calls.faults.push(...faults);
  disturb?.(world);
  const started = route.start(world);
  await world.settle();
  await started;
  return { world, ran: { ...endOf(flow, world), calls: world.calls.counted } };
}

function endOf(flow: FlowName, world: World): Omit<Ran, "calls"> {
  const [execution] = world.flows.executions(flow);
  if (execution === undefined) return { end: "not started", mails: world.mail.sent.length, states: [] };
  const states = world.flows.entered(execution);
  return { end: scenarioOf(flow).end(execution, states), mails: world.mail.sent.length, states };
}

/** A route on which nothing befalls the flow comes to what its scenario says. */
export async function runUndisturbed(
  flow: FlowName,
  route: Route,
  definitions: Definitions,
  disturb?: Disturbance["disturb"],
): Promise<Ran> {
  const { world, ran } = await run(flow, route, definitions, { disturb });
  assert.deepEqual({ end: ran.end, mails: ran.mails }, route.comesTo);
  await comeToRest(world);
  return ran;
}

/**
 * Runs a flow with a fault; lifts it, lets the schedule come round, and holds all invariants.
 *
 * @param fault `loses` a call once: then the flow comes to the same end as ever
 */
export async function crash(
  flow: FlowName,
  route: Route,
  definitions: Definitions,
  fault: Fault,
  disturb?: Disturbance["disturb"],
): Promise<void> {
  const { world, ran } = await run(flow, route, definitions, { faults: [fault], disturb });
  // A flow tries again; an agent, or who starts the flow, does so when the schedule comes round.
  const withinFlow = ran.end !== "not started" && !world.calls.struck.includes("agent");
  if (fault.what === "loses" && withinFlow) assert.equal(ran.end, route.comesTo.end);
  await comeToRest(world);
}

/** What was held up goes on, the schedule comes round, and all invariants hold. */
export async function comeToRest(world: World): Promise<void> {
  await world.lift();
  await world.comeRound();
  await holdAll(AT_THE_END, world);
}
