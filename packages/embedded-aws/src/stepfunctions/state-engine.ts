import type { Question } from "../http/service.ts";
import type { FunctionInvoker, Parts } from "../parts.ts";
import type { Branch, Call, Execution, ExecutionRecord, Phase, Status } from "./execution.ts";
import type { Failure } from "./failure.ts";

/**
 * What the code of states may ask of the engine that runs them: all that it knows of it. What happens next it never calls
 * but says, as the phase of a branch, so that neither states nor the ends of states need to know each other.
 */
export interface StateEngine {
  /** States tell the time and draw; they set no timer and store nothing. */
  readonly parts: { readonly clock: Pick<Parts["clock"], "now"> } & Pick<Parts, "random" | "log">;
  readonly neighbours: { readonly functions: FunctionInvoker };

  /** Sets what a branch waits for. A call that the phase holds is made once this step is stored. */
  settle(execution: Execution, branch: Branch, phase: Phase): void;

  /** Sets what a branch does next, in this very step; ends come before all else. */
  ready(execution: Execution, branch: Branch, phase: Phase): void;

  /** Forgets a branch, and stops the execution that it waits for. */
  remove(execution: Execution, branch: Branch): void;

  /** Ends an execution with one of its branches: its last state was left, or failed. */
  end(execution: Execution, branch: Branch, status: Status, outcome: Failure & { output?: string }): void;

  /**
   * Lets a step of an execution happen: after those before it, stored as a whole, and only then with effects outside.
   *
   * @returns when the step is stored; at once if the execution is closed
   */
  step(execution: Execution, work: () => Promise<void> | void): Promise<void>;

  /** Stops an execution that one of an execution's branches waits for, if it is still open and the role may. */
  stopChild(execution: Execution, id: number): void;

  /** Why the role of an execution may not do something, in AWS's words; `undefined` when it may. */
  denial(execution: Execution, question: Question): string | undefined;

  newName(): string;

  /** An ARN for the Map Run of a state with that label. */
  newMapRunArn(execution: Execution, label: string): string;

  /**
   * Starts a nested execution for a Task, or finds the one that this attempt started before.
   *
   * @throws AwsError as StartExecution does
   */
  startNested(execution: Execution, branch: Branch, call: Call & { kind: "start" }, attempt: number): ExecutionRecord;

  /** Starts the child execution for an item of a Distributed Map, or finds it. */
  startItem(execution: Execution, branch: Branch, call: Call & { kind: "start" }, mapRunArn: string): ExecutionRecord;

  /**
   * Looks whether an execution has ended.
   *
   * @param tell called once it has ended, if it is open now
   * @returns its record, if it has ended already
   */
  awaitEnd(id: number, tell: (ended: ExecutionRecord) => void): ExecutionRecord | undefined;
}
