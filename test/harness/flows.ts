import { AwsError, type ExecutionRecord } from "embedded-aws";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import type { Interpreter } from "./interpreter.ts";

export type Execution = ExecutionRecord & { flow: FlowName };

/** What happened in an execution, as Step Functions writes it down. */
export interface HistoryEvent {
  type: string;
  stateEnteredEventDetails?: { name: string };
  taskFailedEventDetails?: { error: string };
  [details: string]: unknown;
}

/** The flows' executions in one world. */
export class DrivenFlows {
  readonly #interpreter: Interpreter;

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
  }

  /** Starts an execution, and returns its ARN. @throws AwsError as StartExecution does */
  start(flow: FlowName, input: unknown, name?: string): string {
    const asked = { stateMachineArn: flowArn(flow), input: JSON.stringify(input), ...(name && { name }) };
    return (this.#interpreter.ask("StartExecution", asked) as { executionArn: string }).executionArn;
  }

  /** Runs an Express execution to its end. */
  async startSync(flow: FlowName, input: unknown): Promise<{ status: string; output?: string; error?: string }> {
    const asked = { stateMachineArn: flowArn(flow), input: JSON.stringify(input) };
    return (await this.#interpreter.ask("StartSyncExecution", asked)) as { status: string };
  }

  /** Ends a task by its token; false if it waits no longer. */
  async endTask(taskToken: string, end: { output: unknown } | { error: string; cause: string }): Promise<boolean> {
    try {
      if ("output" in end)
        await this.#interpreter.ask("SendTaskSuccess", { taskToken, output: JSON.stringify(end.output) });
      else await this.#interpreter.ask("SendTaskFailure", { taskToken, ...end });
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }

  /** Somebody stops an execution. */
  async stop(execution: Execution): Promise<void> {
    await this.#interpreter.ask("StopExecution", { executionArn: execution.arn });
  }

  /** Somebody stops one of the executions that run the items of a flow's Distributed Map. */
  async stopItem(flow: FlowName): Promise<void> {
    const [item] = this.executions(flow).flatMap((execution) => this.#items(execution));
    if (item !== undefined) await this.#interpreter.ask("StopExecution", { executionArn: item.arn });
  }

  /** The executions of a flow, oldest first. */
  executions(flow: FlowName): Execution[] {
    return this.#interpreter.stepFunctions
      .list(flowArn(flow), 10_000)
      .map((record) => ({ ...record, flow }))
      .reverse();
  }

  /** The one of a flow that was started last. */
  last(flow: FlowName): Execution | undefined {
    const [record] = this.#interpreter.stepFunctions.list(flowArn(flow), 1);
    return record && { ...record, flow };
  }

  /** The one of a flow that has a name; undefined where there is none. */
  find(flow: FlowName, name: string): Execution | undefined {
    const record = this.#interpreter.store.db
      .prepare("SELECT * FROM sfn_executions WHERE machineArn = ? AND name = ? ORDER BY id DESC LIMIT 1")
      .get(flowArn(flow), name) as ExecutionRecord | undefined;
    return record && { ...record, flow };
  }

  /** Those of all flows. */
  all(): Execution[] {
    return FLOWS.flatMap(({ name }) => this.executions(name));
  }

  get areRunning(): boolean {
    return this.#interpreter.areRunning;
  }

  /** What happened in an execution, and in those that run the items of its Distributed Maps. */
  history(execution: Execution): HistoryEvent[] {
    const own = this.#interpreter.stepFunctions.history(execution.arn) as unknown as HistoryEvent[];
    return [
      ...own,
      ...this.#items(execution).flatMap(({ arn }) => this.#interpreter.stepFunctions.history(arn) as never),
    ];
  }

  /** The states that an execution entered, in order, its Distributed Maps' last. */
  entered(execution: Execution): string[] {
    return this.history(execution).flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  }

  /** The executions of a Distributed Map are those of a state machine under the map's label. */
  #items({ id, flow }: Execution): ExecutionRecord[] {
    const rows = this.#interpreter.store.db
      .prepare("SELECT * FROM sfn_executions WHERE parent = ? AND machineArn <> ? AND mapRunArn IS NOT NULL")
      .all(id, flowArn(flow));
    return rows as unknown as ExecutionRecord[];
  }
}
