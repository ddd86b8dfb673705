import type { EventSink, FunctionInvoker, Parts } from "../parts.ts";
import { cutChildren } from "./children.ts";
import type { Machine } from "./definition/machine.ts";
import { readDefinition } from "./definition/read.ts";
import type { Branch, Call, Execution, ExecutionRecord, Phase, Status } from "./execution.ts";
import { ExecutionsStore } from "./executions-store.ts";
import type { Failure } from "./failure.ts";
import { uuid } from "./functions.ts";
import { payload, record } from "./history.ts";
import type { MachineRecord, MachinesStore } from "./machines-store.ts";
import { advance, resume, tick } from "./progress.ts";
import { invalidDefinition } from "./refusals.ts";
import { nestedExecution, newExecution } from "./starting.ts";
import { statusChange } from "./status-change.ts";

/** What Step Functions calls and tells. */
export interface EngineNeighbours {
  functions: FunctionInvoker;
  events: EventSink;
  /** Called before a Task starts an execution: what it throws, an AwsError, is how the start fails. */
  beforeStart?: (stateMachineArn: string) => void;
}

/** The place of the execution's own timer among those of its branches. */
const DEADLINE = -1;

/** Runs executions: keeps the open ones, lets the steps of each happen one after another, stores each step whole. */
export class Engine {
  readonly parts: Parts;
  readonly neighbours: EngineNeighbours;
  readonly executions: ExecutionsStore;
  readonly machines: MachinesStore;
  readonly #open = new Map<number, Execution>();
  readonly #compiled = new Map<number, Machine>();
  #closed = false;

  constructor(parts: Parts, neighbours: EngineNeighbours, machines: MachinesStore) {
    this.parts = parts;
    this.neighbours = neighbours;
    this.machines = machines;
    this.executions = new ExecutionsStore(parts.store);
  }

  /** Takes up the executions that were open when the process ended. */
  load(): void {
    for (const row of this.executions.open()) {
      const execution = this.#remember(row);
      for (const branch of this.executions.branches(row.id)) execution.branches.set(branch.id, branch);
      execution.nextBranch = Math.max(0, ...execution.branches.keys()) + 1;
      execution.nextEvent = this.executions.newestEvent(row.id) + 1;
      this.#arm(execution);
      this.step(execution, () => resume(this, execution));
    }
  }

  /** Stops all timers. What is under way goes on after the next load. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timers } of this.#open.values()) for (const cancel of timers.values()) cancel();
    await Promise.all([...this.#open.values()].map(({ steps }) => steps));
  }

  /** The machine of a definition's revision, compiled once. */
  compiled(definition: number, express: boolean): Machine {
    let machine = this.#compiled.get(definition);
    if (machine === undefined) {
      const sources = { now: () => this.parts.clock.now(), random: this.parts.random };
      const read = readDefinition(this.machines.definition(definition), { express, sources });
      if ("problems" in read) throw invalidDefinition(read.problems);
      machine = read.machine;
      this.#compiled.set(definition, machine);
    }
    return machine;
  }

  newName(): string {
    return uuid(this.parts.random(16));
  }

  newMapRunArn(execution: Execution, label: string): string {
    const machineArn = execution.record.machineArn.split("/")[0] ?? "";
    return `${machineArn.replace(":stateMachine:", ":mapRun:")}/${label}:${this.newName()}`;
  }

  /** Starts an execution of a machine. It is stored when this returns. */
  start(machine: MachineRecord, input: string, name: string): Execution {
    return this.#begin(newExecution(this.parts.clock.now(), machine, input, name, this.newName()));
  }

  /** Starts a nested execution for a Task, or finds the one that this attempt started before. */
  startNested(execution: Execution, branch: Branch, call: Call & { kind: "start" }, attempt: number): ExecutionRecord {
    this.neighbours.beforeStart?.(call.machineArn);
    const place = { parent: execution.record.id, parentBranch: branch.id, parentAttempt: attempt };
    const found = nestedExecution(this, call, place);
    return "id" in found ? found : this.#begin({ ...found, ...place }).record;
  }

  /** Starts the child execution for an item of a Distributed Map, or finds it. */
  startItem(execution: Execution, branch: Branch, call: Call & { kind: "start" }, mapRunArn: string): ExecutionRecord {
    const { record } = execution;
    const machine = mapRunArn.replace(":mapRun:", ":stateMachine:").replace(/:[^:]+$/, "");
    const arn = `${machine.replace(":stateMachine:", ":execution:")}:${call.name}`;
    const known = this.executions.find(arn);
    if (known !== undefined) return known;
    return this.#begin({
      ...{ ...record, arn, name: call.name, machineArn: machine, container: branch.container, input: call.input },
      ...{ started: this.parts.clock.now(), mapRunArn, parent: record.id, parentBranch: branch.id },
      ...{ parentAttempt: branch.id, item: JSON.stringify({ Index: branch.index, Value: branch.item }) },
    }).record;
  }

  find(id: number): Execution | undefined {
    return this.#open.get(id);
  }

  /**
   * Lets a step of an execution happen: after those before it, stored as a whole, and only then with effects outside.
   *
   * @returns when the step is stored; at once if the execution is closed
   */
  step(execution: Execution, work: () => Promise<void> | void): Promise<void> {
    const done = execution.steps.then(async () => {
      if (this.#closed || this.#open.get(execution.record.id) !== execution) return;
      await work();
      await advance(this, execution);
      this.#save(execution);
    });
    execution.steps = done.catch((error: unknown) => {
      // What is in memory is no longer what is stored: nothing more of it may be stored. A restart tries again.
      this.#forget(execution);
      const text = error instanceof Error ? error.stack : String(error);
      this.parts.log(`A step of ${execution.record.arn} broke, and the execution goes no further: ${text}`);
    });
    return done;
  }

  /** Sets what a branch waits for. */
  settle(execution: Execution, branch: Branch, phase: Phase): void {
    branch.phase = phase;
    execution.changed.add(branch);
  }

  /** Sets what a branch does next, in this very step. */
  ready(execution: Execution, branch: Branch, phase: Phase): void {
    this.settle(execution, branch, phase);
    execution.runnable.push(branch);
  }

  /** Forgets a branch, and stops the execution that it waits for. */
  remove(execution: Execution, branch: Branch): void {
    execution.branches.delete(branch.id);
    execution.removed.add(branch.id);
    const child = branch.phase.at === "task" ? branch.phase.child : undefined;
    if (child !== undefined) execution.afterwards.push(() => void this.stop(child, {}));
  }

  /** Ends an execution with one of its branches: its last state was left, or failed. */
  end(execution: Execution, branch: Branch, status: Status, outcome: Failure & { output?: string }): void {
    const { error, cause, output } = outcome;
    const details =
      output === undefined ? { ...(error && { error }), ...(cause && { cause }) } : payload("output", output);
    const type = status === "SUCCEEDED" ? "ExecutionSucceeded" : "ExecutionFailed";
    record(execution, this.parts.clock.now(), type, branch.chain.tail, details);
    this.#finish(execution, status, outcome);
  }

  /** Stops an execution, if it is still open. */
  stop(id: number, { error, cause }: Failure): Promise<void> {
    const execution = this.#open.get(id);
    if (execution === undefined) return Promise.resolve();
    return this.step(execution, () => {
      const details = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
      record(execution, this.parts.clock.now(), "ExecutionAborted", 0, details);
      this.#finish(execution, "ABORTED", details);
    });
  }

  #begin(row: Omit<ExecutionRecord, "id">): Execution {
    const machine = this.compiled(row.definition, row.type === "EXPRESS");
    const startAt = machine.containers.get(row.container)?.startAt ?? "";
    const deadline = machine.timeoutSeconds === undefined ? null : row.started + machine.timeoutSeconds * 1000;
    const dated = { ...row, deadline: row.container === "" ? deadline : null };
    return this.parts.store.transaction(() => {
      const execution = this.#remember({ ...dated, id: this.executions.insert(dated) }, machine);
      const details = { ...payload("input", row.input), roleArn: row.roleArn };
      record(execution, row.started, "ExecutionStarted", 0, details);
      const root: Branch = {
        ...{ id: 0, index: 0, container: row.container, chain: { last: 0, tail: 0 }, variables: {} },
        phase: { at: "next", state: startAt, input: row.input },
      };
      execution.branches.set(0, root);
      execution.changed.add(root);
      this.#raise(execution);
      this.#save(execution);
      this.step(execution, () => resume(this, execution));
      return execution;
    });
  }

  #remember(row: ExecutionRecord, machine = this.compiled(row.definition, row.type === "EXPRESS")): Execution {
    const execution: Execution = {
      ...{ record: row, machine, branches: new Map(), nextBranch: 1, nextEvent: 1, runnable: [], events: [] },
      ...{ changed: new Set(), removed: new Set(), afterwards: [], steps: Promise.resolve(), whenEnded: [] },
      timers: new Map(),
    };
    this.#open.set(row.id, execution);
    if (row.deadline !== null) {
      const left = row.deadline - this.parts.clock.now();
      execution.timers.set(
        DEADLINE,
        this.parts.clock.after(Math.max(0, left), () => this.#expire(execution)),
      );
    }
    return execution;
  }

  /** The machine's TimeoutSeconds are over. */
  #expire(execution: Execution): void {
    this.step(execution, () => {
      record(execution, this.parts.clock.now(), "ExecutionTimedOut", 0, { error: "States.Timeout" });
      this.#finish(execution, "TIMED_OUT", {});
    });
  }

  #finish(execution: Execution, status: Status, { error, cause, output }: Failure & { output?: string }): void {
    const { record: row, branches } = execution;
    Object.assign(row, { status, output: output ?? null, error: error ?? null, cause: cause ?? null });
    row.stopped = this.parts.clock.now();
    const root = branches.get(0);
    if (root !== undefined) {
      cutChildren(this, execution, root);
      this.remove(execution, root);
    }
    execution.runnable.length = 0;
  }

  /** Stores what a step has changed; then does what it wanted to have done outside. */
  #save(execution: Execution): void {
    const ended = execution.record.status !== "RUNNING";
    this.parts.store.transaction(() => {
      this.executions.save(execution);
      if (ended) this.#raise(execution);
    });
    this.#arm(execution);
    const { afterwards } = execution;
    execution.events = [];
    execution.changed.clear();
    execution.removed.clear();
    execution.afterwards = [];
    for (const effect of afterwards) effect();
    if (ended) this.#ended(execution);
  }

  #raise({ record: row }: Execution): void {
    if (row.type === "STANDARD") this.neighbours.events.raise(statusChange(row));
  }

  #ended(execution: Execution): void {
    const { record: row, whenEnded } = execution;
    this.#forget(execution);
    for (const tell of whenEnded) tell(row);
  }

  #forget({ record: { id }, timers }: Execution): void {
    for (const cancel of timers.values()) cancel();
    this.#open.delete(id);
  }

  /** Sets the timers of the branches that have changed; after a load, of all. */
  #arm(execution: Execution): void {
    const { timers, removed, changed, branches } = execution;
    for (const id of removed) this.#disarm(timers, id);
    for (const branch of changed.size > 0 ? changed : branches.values()) {
      this.#disarm(timers, branch.id);
      const due = branches.has(branch.id) ? dueOf(branch.phase) : undefined;
      if (due === undefined || this.#closed) continue;
      const run = () => this.step(execution, () => tick(this, execution, branch));
      timers.set(branch.id, this.parts.clock.after(Math.max(0, due - this.parts.clock.now()), run));
    }
  }

  #disarm(timers: Execution["timers"], id: number): void {
    timers.get(id)?.();
    timers.delete(id);
  }
}

/** When a branch is to be looked at again, in milliseconds since 1970. */
function dueOf(phase: Phase): number | undefined {
  if (phase.at === "waiting" || phase.at === "retrying") return phase.until;
  if (phase.at !== "task") return undefined;
  const { timeoutAt = Number.POSITIVE_INFINITY, heartbeatAt = Number.POSITIVE_INFINITY } = phase;
  const due = Math.min(timeoutAt, heartbeatAt);
  return due === Number.POSITIVE_INFINITY ? undefined : due;
}
