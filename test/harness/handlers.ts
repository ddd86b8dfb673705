import assert from "node:assert/strict";
import { STEPS } from "../../functions/steps.ts";
import type { FlowName } from "../../infra/wiring.ts";
import type { State } from "../../statemachines/definition.ts";
import { PLATFORM } from "../statemachines/definitions.ts";
import { type Definitions, type Step, statesOf, stepOf } from "./definitions.ts";
import { run } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";
import type { Check, End, Route } from "./scenarios/scenario.ts";
import type { World } from "./world.ts";

/** An error that no step declares and no flow names: what is not thought of. */
const UNFORESEEN = "SomethingElse";
/** More often than any patience lasts. */
const FOR_GOOD = 60;
/** What Step Functions can say to a start that is of no use to make again. */
const START_ERRORS = ["ExecutionAlreadyExists", "AccessDeniedException"];

/** Where in a flow something fails, and on which route it comes there. */
interface Place {
  flow: FlowName;
  name: string;
  state: State;
  route: Route;
}

/**
 * Drives every retrier and every catcher of a flow through the interpreter, and beyond those that its file names, every
 * error that its steps declare and that Lambda has: so that one which is added is driven, and one which is lost is missed.
 *
 * @throws Error with a sentence that says what to write, for a state that no route enters
 */
export async function handlerChecks(flow: FlowName, definitions: Definitions): Promise<Check[]> {
  const routes = await routesTo(flow, definitions);
  const handling = statesOf(definitions[flow]).filter(([, { Type }]) => Type === "Task" || Type === "Map");
  return handling.flatMap(([name, state]) => {
    const route = routes.get(name);
    if (route === undefined) {
      throw new Error(
        `No route of test/harness/scenarios/${flow}.ts enters the state ${name}: add one, so that what it does when ` +
          "it fails can be seen.",
      );
    }
    const place = { flow, name, state, route };
    if (state.Type === "Map") return mapChecks(place);
    const step = stepOf(flow, state);
    return step === undefined ? startChecks(place) : stepChecks(place, step);
  });
}

/** For each state the first route that enters it, if nothing befalls it. */
async function routesTo(flow: FlowName, definitions: Definitions): Promise<Map<string, Route>> {
  const routes = new Map<string, Route>();
  for (const route of scenarioOf(flow).routes) {
    const { ran } = await run(flow, route, definitions);
    for (const state of ran.states) if (!routes.has(state)) routes.set(state, route);
  }
  return routes;
}

function stepChecks(place: Place, step: Step): Check[] {
  const { state, route } = place;
  const caller = `${step.flow}/${step.name}`;
  const failing = (error: string, times: number) => (world: World) => world.functions.next(caller, { error }, times);
  const named = (state.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals).filter((error) => error !== "States.ALL");
  const ofFunction = new Set([...step.errors, ...named, UNFORESEEN].filter((error) => error !== "States.Timeout"));
  const waits = state.Resource?.endsWith(".waitForTaskToken") === true;
  const hang = (world: World) => world.functions.next(caller, "hangs", FOR_GOOD);
  return [
    ...PLATFORM.map((error) => check(place, `${error} once is outlasted`, route.comesTo, failing(error, 1))),
    ...(state.Retry ?? []).flatMap(({ ErrorEquals: [error = ""], MaxAttempts }) => [
      check(
        place,
        `${error} is outlasted ${MaxAttempts} times`,
        route.comesTo,
        failing(error, Math.max(1, MaxAttempts)),
      ),
      fails(place, error, `${error} is given up then`, failing(error, MaxAttempts + 1)),
    ]),
    ...(waits ? tokenChecks(place, caller) : [fails(place, "States.Timeout", "its function never answers", hang)]),
    ...[...ofFunction].map((error) => fails(place, error, `${error} of its function`, failing(error, FOR_GOOD))),
  ];
}

/** A task that waits for its token may be ended with whatever the steps end tasks with that have the right to it. */
function tokenChecks(place: Place, caller: string): Check[] {
  const enders = STEPS.filter(
    ({ flow, neighbours }) => flow === place.flow && neighbours.some((one) => one === "executions"),
  );
  const errors = new Set(enders.flatMap(({ errors }) => [...errors] as string[]));
  const silent = { ...place, route: { ...place.route, options: { ...place.route.options, deliveries: UNTOLD } } };
  return [
    fails(silent, "States.Timeout", "its token is never returned", () => {}),
    ...[...errors].map((error) =>
      fails(silent, error, `its token is returned with ${error}`, (world) =>
        world.functions.tokenEnds.set(caller, [error]),
      ),
    ),
  ];
}

const UNTOLD = [{ arrives: 1, told: 0 } as const];

/** A Task that starts an execution: each start fails in turn. */
function startChecks(place: Place): Check[] {
  const { state, route } = place;
  const codeOf = (error: string) => error.replace(/^StepFunctions\./, "");
  const retried = (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
  const starting = (error: string, times: number) => (world: World) => {
    world.refusedStarts.push(...Array.from({ length: times }, () => codeOf(error)));
  };
  return [
    ...START_RETRIED.map((error) => check(place, `${error} once is outlasted`, route.comesTo, starting(error, 1))),
    ...retried.map((error) => fails(place, error, `${error} is given up at last`, starting(error, FOR_GOOD))),
    ...START_ERRORS.map((code) => {
      const error = `StepFunctions.${codeOf(code).replace(/Exception$/, "")}Exception`;
      return fails(place, error, `${error} when it starts`, starting(code, FOR_GOOD));
    }),
  ];
}

/** What Step Functions says when it has no room for another start at the moment. */
const START_RETRIED = [
  "StepFunctions.ExecutionLimitExceededException",
  "StepFunctions.ThrottlingException",
  "StepFunctions.AWSStepFunctionsException",
  "StepFunctions.SdkClientException",
];

function mapChecks(place: Place): Check[] {
  // It catches nothing: its items fail by a state of theirs, each of which is driven.
  if (place.state.ItemProcessor?.ProcessorConfig?.Mode === "INLINE" && place.state.Catch === undefined) return [];
  const breaks = scenarioOf(place.flow).breaksMap?.[place.name];
  if (breaks === undefined) {
    throw new Error(
      `test/harness/scenarios/${place.flow}.ts does not say how the Map ${place.name} is made to fail: add it to breaksMap.`,
    );
  }
  return [fails(place, "States.ALL", "one of its items ends as nobody has foreseen", breaks)];
}

/** @throws Error with a sentence that says what to write, for an error of which the scenario says nothing */
function fails(place: Place, error: string, what: string, disturb: (world: World) => void): Check {
  const { flow, name, route } = place;
  const expected = scenarioOf(flow).failsWith(name, error, route);
  if (expected === undefined) {
    throw new Error(
      `test/harness/scenarios/${flow}.ts does not say what it comes to when ${name} fails with ${error}: add it to failsWith.`,
    );
  }
  return check(place, what, expected, disturb);
}

function check({ flow, name, route }: Place, what: string, expected: End, disturb: (world: World) => void): Check {
  return {
    name: `${name}: ${what}`,
    async run(definitions) {
      const { ran } = await run(flow, route, definitions, { disturb });
      const [came, right] = [ran, expected].map(({ end, mails }) => `${end}, with ${mails} mails`);
      assert(
        came === right,
        `on the route "${route.name}" it came to ${came}; right is ${right}. If it is meant so, say it in failsWith of ` +
          `test/harness/scenarios/${flow}.ts.`,
      );
    },
  };
}
