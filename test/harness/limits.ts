import assert from "node:assert/strict";
import { LONGEST_ROTATION_MS } from "../../functions/record/due.ts";
import { contract as register } from "../../functions/registration/register/contract.ts";
import type { FlowName } from "../../infra/wiring.ts";
import { PUSH_TIMEOUT_SECONDS } from "../../protocol/index.ts";
import type { Retrier, Scope, State } from "../../statemachines/definition.ts";
import { PLATFORM } from "../statemachines/definitions.ts";
import { type Definitions, filled, NUMBERS, statesOf, stepOf } from "./definitions.ts";
import type { Check } from "./scenarios/scenario.ts";

/** So many times what its function may take is near enough: it leaves room for a cold start, and little more. */
const NEAR = 3;
/** What of an hour's flow may pass between its own end and the end of the Task that waits for it. */
const NEAR_A_FLOW = 1.1;

/** What each flow must be over before, in seconds. A flow that is not named fails with a sentence. */
const WITHIN: Partial<Record<FlowName, number>> = {
  // The function that waits for it.
  registration: register.timeoutSeconds - 1,
  // The name of the next execution for the same instance.
  rotation: LONGEST_ROTATION_MS / 1000,
  // The next run, a day later.
  "fleet-rotation": 86_400 - 1,
  // Nobody waits for it: looks may overlap.
  watch: 3600,
  // Whoever started it, a person, who lets a rekey of all go on over night.
  operate: 86_400 - 1,
  // Nobody: the watch asks whether it runs.
  credential: 14 * 86_400,
  // Nobody: the keys are shut in its first seconds.
  "exposed-key": 86_400,
};

/** The limits in time of a flow, held against its functions' and against each other. */
export function limitChecks(flow: FlowName, definitions: Definitions): Check[] {
  const tasks = statesOf(definitions[flow]).filter(([, { Type }]) => Type === "Task");
  return [
    ...tasks.map(
      ([name, { Type }]): Check => ({
        name: `${name}: its ${Type} is given up soon after its function must be over`,
        run: (now) => holdLimit(flow, now, name),
      }),
    ),
    {
      name: "it ends before who waits for it gives up",
      run(now) {
        const within = WITHIN[flow];
        assert(
          within !== undefined,
          `Say in WITHIN in test/harness/limits.ts before what the flow ${flow} must be over.`,
        );
        assert(
          now[flow].TimeoutSeconds <= within,
          `${flow} may take ${now[flow].TimeoutSeconds} s, and who waits for it gives up after ${within} s: lower \
TimeoutSeconds of statemachines/${flow}.asl.yaml`,
        );
      },
    },
    {
      name: "all waits and limits on its longest way fit into its own limit, whatever the settings",
      run(now) {
        const numbers = { ...NUMBERS, pushTimeoutSeconds: PUSH_TIMEOUT_SECONDS.most };
        const definition = JSON.parse(filled(flow, now[flow], numbers));
        const longest = longestWay(definition, (state) => secondsOf(flow, now, state, definition));
        const { TimeoutSeconds } = now[flow];
        assert(
          longest < TimeoutSeconds,
          `the longest way takes ${longest} s, the flow ends after ${TimeoutSeconds} s: in statemachines/${flow}.asl.yaml, \
raise the flow's TimeoutSeconds, or lower those of its states or what they try again`,
        );
      },
    },
  ];
}

function holdLimit(flow: FlowName, definitions: Definitions, name: string): void {
  const [, state] = statesOf(definitions[flow]).find(([one]) => one === name) ?? [];
  assert(state, `${name} is gone`);
  const step = stepOf(flow, state);
  const limit = limitOf(JSON.parse(filled(flow, definitions[flow])), name);
  const place = `statemachines/${flow}.asl.yaml, ${name}: let TimeoutSeconds`;
  if (state.Resource?.endsWith(".waitForTaskToken")) {
    assert.equal(limit, NUMBERS.pushTimeoutSeconds, `${place} be the placeholder for the setting`);
  } else if (step !== undefined) {
    const { timeoutSeconds } = step;
    assert(
      timeoutSeconds < limit && limit <= NEAR * timeoutSeconds,
      `${place} be more than its function's ${timeoutSeconds} s, and up to ${NEAR} times that; it is ${limit} s`,
    );
  } else {
    const nested = nestedSeconds(state, definitions);
    assert(
      nested < limit && limit <= NEAR_A_FLOW * nested,
      `${place} be more than the ${nested} s of the flow it waits for, and up to ${NEAR_A_FLOW} times that; it is ${limit} s`,
    );
  }
}

/** How long the execution takes at the most that a Task starts: a rotation, or the rekey of one. */
function nestedSeconds({ Arguments }: State, definitions: Definitions): number {
  if (!JSON.stringify(Arguments).includes("${OperateStateMachineArn}")) return definitions.rotation.TimeoutSeconds;
  const operate = JSON.parse(filled("operate", definitions.operate));
  return ["ValidateAct", "Rekey", "TurnKey"]
    .map((name) => secondsOf("operate", definitions, name, operate))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** The time limit of a state, in seconds, once its placeholders are filled in. */
function limitOf(definition: Scope, name: string): number {
  const { TimeoutSeconds } = Object.fromEntries(statesOf(definition))[name] ?? {};
  return typeof TimeoutSeconds === "number"
    ? TimeoutSeconds
    : Number(/^\{% (\d+) %\}$/.exec(TimeoutSeconds ?? "")?.[1]);
}

/** The most that a state takes: all waits of its patience, and its limit; each try for what is not there yet as well. */
function secondsOf(flow: FlowName, definitions: Definitions, name: string, definition: Scope): number {
  const original = Object.fromEntries(statesOf(definitions[flow]))[name];
  if (original?.ItemProcessor) {
    // How many items run after one another is a matter of the fleet: the longest of one.
    return longestWay(original.ItemProcessor, (inner) => secondsOf(flow, definitions, inner, definition));
  }
  if (original?.Type !== "Task") return 0;
  const retriers = original.Retry ?? [];
  const isPlatforms = ({ ErrorEquals }: Retrier) => ErrorEquals.every((error) => PLATFORM.includes(error));
  const tries = retriers
    .filter((retrier) => !isPlatforms(retrier))
    .reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0);
  const waits = retriers.reduce((sum, retrier) => sum + waitsOf(retrier), 0);
  const ofTries = tries * (stepOf(flow, original)?.timeoutSeconds ?? 0);
  return waits + ofTries + limitOf(definition, name);
}

/** The seconds that a retrier waits in all, without luck in its jitter. */
export function waitsOf({ IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds }: Retrier): number {
  const waits = Array.from({ length: MaxAttempts }, (_, attempt) => IntervalSeconds * BackoffRate ** attempt);
  return waits.reduce((sum, wait) => sum + Math.min(wait, MaxDelaySeconds), 0);
}

/** The longest way through states, which comes back to one of them once at the most. */
function longestWay({ StartAt, States }: Scope, seconds: (state: string) => number): number {
  const from = (name: string, before: string[], isBack: boolean): number => {
    const state = States[name];
    const returns = before.includes(name);
    if (state === undefined || (returns && isBack)) return 0;
    // From there on it comes to none twice, the one apart that has led it back.
    const passed = returns ? before.slice(-1) : before;
    const further = nextOf(state).map((next) => from(next, [...passed, name], isBack || returns));
    return seconds(name) + Math.max(0, ...further);
  };
  return from(StartAt, [], false);
}

function nextOf({ Next, Default, Choices = [], Catch = [] }: State): string[] {
  return [Next, Default, ...[...Choices, ...Catch].map((one) => one.Next)].filter((name) => name !== undefined);
}
