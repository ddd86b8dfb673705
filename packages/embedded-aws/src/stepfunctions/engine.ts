import type { Question } from "../http/service.ts";
import type { Rights } from "../iam/rights.ts";
import type { EventSink, FunctionInvoker, Parts } from "../parts.ts";
import { cutChildren } from "./branches.ts";
import type { Machine } from "./definition/machine.ts";
import { readDefinition } from "./definition/read.ts";
import { dueOf } from "./due.ts";
import type { Branch, Call, Execution, ExecutionRecord, Phase, Status } from "./execution.ts";
import { ExecutionsStore } from "./executions-store.ts";
import type { Failure } from "./failure.ts";
import { uuid } from "./functions.ts";
import { payload, record } from "./history.ts";
import type { MachinesStore, StartableMachine } from "./machines-store.ts";
import { advance, makeCall, resume, tick } from "./progress.ts";
import { invalidDefinition } from "./refusals.ts";
import { demandStart, denialOf } from "./rights.ts";
import { itemExecution, nestedExecution, newExecution, startedBy } from "./starting.ts";
import type { StateEngine } from "./state-engine.ts";
import { statusChange } from "./status-change.ts";

/** What Step Functions calls and tells. */
export interface EngineNeighbours {
  functions: FunctionInvoker;
  events: EventSink;
  /** Who may do what; without it everybody may do everything. */
  rights?: Rights;
  /** Called before a Task starts an execution: what it throws, an AwsError, is how the start fails. */
  beforeStart?: (stateMachineArn: string) => void;
}

/** The place of the execution's own timer among those of its branches. */
const DEADLINE = -1;

/** Runs executions: keeps the open ones, lets the steps of each happen one after another, stores each step whole. */
export class Engine implements StateEngine {
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
  start(machine: StartableMachine, input: string, name: string): Execution {
    return this.#begin(newExecution(this.parts.clock.now(), machine, input, name, this.newName()));
  }

  denial({ record }: Execution, question: Question): string | undefined {
    return denialOf(this.neighbours.rights, record, question);
  }

  startNested(execution: Execution, branch: Branch, call: Call & { kind: "start" }, attempt: number): ExecutionRecord {
    demandStart(this.neighbours.rights, execution.record, call.machineArn);
    this.neighbours.beforeStart?.(call.machineArn);
    const place = { parent: execution.record.id, parentBranch: branch.id, parentAttempt: attempt };
    const { machines, executions, parts } = this;
    const found = nestedExecution({ machines, executions, now: parts.clock.now(), uuid: this.newName() }, call, place);
    return "id" in found ? found : this.#begin({ ...found, ...place }).record;
  }

  startItem(execution: Execution, branch: Branch, call: Call & { kind: "start" }, mapRunArn: string): ExecutionRecord {
    demandStart(this.neighbours.rights, execution.record, execution.record.machineArn);
    const item = itemExecution(this.parts.clock.now(), execution.record, branch, call, mapRunArn);
    return this.executions.find(item.arn) ?? this.#begin(item).record;
  }

  find(id: number): Execution | undefined {
    return this.#open.get(id);
  }

  awaitEnd(id: number, tell: (ended: ExecutionRecord) => void): ExecutionRecord | undefined {
    const open = this.#open.get(id);
    open?.whenEnded.push(tell);
    const known = open === undefined ? this.executions.get(id) : undefined;
    return known?.status === "RUNNING" ? undefined : known;
  }

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

  settle(execution: Execution, branch: Branch, phase: Phase): void {
    branch.phase = phase;
    execution.changed.add(branch);
    if (phase.at === "task" && phase.call !== undefined) {
      execution.afterwards.push(() => makeCall(this, execution, branch));
    }
  }

  ready(execution: Execution, branch: Branch, phase: Phase): void {
    this.settle(execution, branch, phase);
    const ended = phase.at === "ended" || phase.at === "failed";
    (ended ? execution.ended : execution.runnable).push(branch);
  }

  remove(execution: Execution, branch: Branch): void {
    execution.branches.delete(branch.id);
    execution.removed.add(branch.id);
    const child = branch.phase.at === "task" ? branch.phase.child : undefined;
    if (child !== undefined) execution.afterwards.push(() => this.stopChild(execution, child));
  }

  end(execution: Execution, branch: Branch, status: Status, outcome: Failure & { output?: string }): void {
    const { error, cause, output } = outcome;
    const details =
      output === undefined ? { ...(error && { error }), ...(cause && { cause }) } : payload("output", output);
    const type = status === "SUCCEEDED" ? "ExecutionSucceeded" : "ExecutionFailed";
    record(execution, this.parts.clock.now(), type, branch.chain.tail, details);
    this.#finish(execution, status, outcome);
  }

  stopChild(execution: Execution, id: number): void {
    const child = this.#open.get(id);
    if (child === undefined) return;
    const why = this.denial(execution, { action: "states:StopExecution", resource: child.record.arn });
    if (why === undefined) void this.stop(id, {});
    else this.parts.log(`${execution.record.arn} could not stop what it had started: ${why}`);
  }

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
      const details = { ...payload("input", row.input), roleArn: row.roleArn, ...startedBy(row) };
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
      ...{ record: row, machine, branches: new Map(), nextBranch: 1, nextEvent: 1, runnable: [], ended: [] },
      ...{ events: [], changed: new Set(), removed: new Set(), afterwards: [], whenEnded: [] },
      ...{ steps: Promise.resolve(), timers: new Map() },
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
    execution.ended.length = 0;
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
