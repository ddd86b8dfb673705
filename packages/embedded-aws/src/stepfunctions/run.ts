import type { Machine, MapState, ParallelState, State, TaskState, WithAssign } from "./definition/machine.ts";
import type { Branch, Execution, Visit } from "./execution.ts";
import { ERRORS, StateFailure, tooLong } from "./failure.ts";
import { assigned, payload, recordIn } from "./history.ts";
import { isTooLong, type JsonObject } from "./json.ts";
import { type Extras, scopeOf } from "./scope.ts";
import type { StateEngine } from "./state-engine.ts";
import { evaluate } from "./template.ts";

/** A state that is being run: everything that its type's code needs. */
export interface Run<S extends State = State> {
  engine: StateEngine;
  execution: Execution;
  branch: Branch;
  visit: Visit;
  state: S;
}

export function runOf(engine: StateEngine, execution: Execution, branch: Branch): Run {
  if (branch.visit === undefined) throw new Error(`Branch ${branch.id} of ${execution.record.arn} is in no state.`);
  const state = stateOf(execution.machine, branch.container, branch.visit.state);
  return { engine, execution, branch, visit: branch.visit, state };
}

export function stateOf(machine: Machine, container: string, name: string): State {
  const state = machine.containers.get(container)?.states.get(name);
  if (state === undefined) throw new Error(`The definition has no state ${name} in "${container}".`);
  return state;
}

/** Enters the next state of a branch. */
export function enter(engine: StateEngine, execution: Execution, branch: Branch, name: string, input: string): void {
  const state = stateOf(execution.machine, branch.container, name);
  const now = engine.parts.clock.now();
  const { chain } = branch;
  const { last } = chain;
  const event = recordIn(execution, branch, now, `${state.type}StateEntered`, { name, ...payload("input", input) });
  // What fails before the state has begun follows the event before this one: so AWS links them.
  chain.last = last;
  branch.visit = { state: name, input, event, entered: now, retries: [] };
  branch.phase = { at: "run" };
}

/** The fields that a state needs to begin are evaluated: from here on, events follow the one that entered it. */
export function begin({ branch, visit }: Run): void {
  branch.chain.last = Math.max(branch.chain.last, visit.event);
}

/** How a state ends: with which Assign and Output (and where they stand), what its output is without, what follows. */
export interface Leaving {
  from: WithAssign;
  /** `Choices[0]/`, `Catch[1]/`, or nothing for the state itself. */
  prefix?: string;
  /** JSON text. */
  otherwise: string;
  next: string | undefined;
  extras?: Extras;
}

/** Leaves a state: evaluates Assign and Output and goes on. */
export async function leave(run: Run, leaving: Leaving): Promise<void> {
  const { engine, execution, branch, visit, state } = run;
  const { from, prefix = "", extras } = leaving;
  const scope = scopeOf(execution, branch, visit, extras);
  const variables =
    from.assign === undefined ? undefined : ((await evaluate(from.assign, `${prefix}Assign`, scope)) as JsonObject);
  const output =
    from.output === undefined
      ? leaving.otherwise
      : JSON.stringify(await evaluate(from.output, `${prefix}Output`, scope));
  const details = variables === undefined ? {} : assigned(variables);
  if (isTooLong(output) || isTooLong(JSON.stringify(variables ?? null))) {
    throw new StateFailure(ERRORS.dataLimit, tooLong(state.name).cause ?? "");
  }
  begin(run);
  recordIn(execution, branch, engine.parts.clock.now(), `${state.type}StateExited`, {
    ...{ name: state.name, ...payload("output", output) },
    ...details,
  });
  for (const [name, value] of Object.entries(variables ?? {})) branch.variables[name] = JSON.stringify(value);
  delete branch.visit;
  if (leaving.next === undefined) engine.ready(execution, branch, { at: "ended", output });
  else engine.ready(execution, branch, { at: "next", state: leaving.next, input: output });
}

/** Leaves a state with what its work came to: a Task's result, the outputs of branches or iterations. */
export async function leaveWith(run: Run<TaskState | ParallelState | MapState>, result: string): Promise<void> {
  const { state } = run;
  if (isTooLong(result)) throw new StateFailure(ERRORS.dataLimit, tooLong(state.name).cause ?? "");
  await leave(run, { from: state, otherwise: result, next: state.next, extras: { result: JSON.parse(result) } });
}
