import {
  AwsError,
  arnOf,
  type EventSink,
  type ExecutionRecord,
  type FunctionInvoker,
  StepFunctions,
  Store,
} from "embedded-aws";
import { FLOWS, type FlowName, stateMachineNameOf } from "../../infra/wiring.ts";
import { flowArn } from "../../local/deploy-data.ts";
import type { HandClock } from "./clock.ts";
import { type Definitions, filled, type Numbers } from "./definitions.ts";

export type Execution = ExecutionRecord & { flow: FlowName };

/** What happened in an execution, as Step Functions writes it down. */
export interface HistoryEvent {
  type: string;
  stateEnteredEventDetails?: { name: string };
  taskFailedEventDetails?: { error: string };
  [details: string]: unknown;
}

/** The flows, run by the interpreter of the embedded AWS in this process, without HTTP. */
export class Flows {
  readonly #stepFunctions: StepFunctions;
  readonly #store = new Store();

  constructor(
    definitions: Definitions,
    parts: { clock: HandClock; random: (bytes: number) => Buffer; numbers: Numbers; log: (sentence: string) => void },
    neighbours: { functions: FunctionInvoker; events: EventSink; beforeStart: (stateMachineArn: string) => void },
  ) {
    this.#stepFunctions = new StepFunctions({ store: this.#store, ...parts }, neighbours);
    this.#stepFunctions.start();
    for (const { name, type } of FLOWS) {
      const definition = filled(name, definitions[name], parts.numbers);
      const roleArn = arnOf("iam", "role/flows");
      this.#ask("CreateStateMachine", { name: stateMachineNameOf(name), type, definition, roleArn });
    }
  }

  /** Starts an execution, and returns its ARN. @throws AwsError as StartExecution does */
  start(flow: FlowName, input: unknown, name?: string): string {
    const asked = { stateMachineArn: flowArn(flow), input: JSON.stringify(input), ...(name && { name }) };
    return (this.#ask("StartExecution", asked) as { executionArn: string }).executionArn;
  }

  /** Runs an Express execution to its end. */
  async startSync(flow: FlowName, input: unknown): Promise<{ status: string; output?: string; error?: string }> {
    const asked = { stateMachineArn: flowArn(flow), input: JSON.stringify(input) };
    return (await this.#ask("StartSyncExecution", asked)) as { status: string };
  }

  /** Ends a task by its token; false if it waits no longer. */
  async endTask(taskToken: string, end: { output: unknown } | { error: string; cause: string }): Promise<boolean> {
    try {
      if ("output" in end) await this.#ask("SendTaskSuccess", { taskToken, output: JSON.stringify(end.output) });
      else await this.#ask("SendTaskFailure", { taskToken, ...end });
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }

  /** Somebody stops an execution. */
  async stop(execution: Execution): Promise<void> {
    await this.#ask("StopExecution", { executionArn: execution.arn });
  }

  /** The executions of a flow, oldest first. */
  executions(flow: FlowName): Execution[] {
    return this.#stepFunctions
      .list(flowArn(flow), 10_000)
      .map((record) => ({ ...record, flow }))
      .reverse();
  }

  /** Those of all flows. */
  all(): Execution[] {
    return FLOWS.flatMap(({ name }) => this.executions(name));
  }

  get areRunning(): boolean {
    return FLOWS.some(({ name }) =>
      this.#stepFunctions.list(flowArn(name), 10_000).some(({ status }) => status === "RUNNING"),
    );
  }

  /** What happened in an execution, and in those that run the parts of its Distributed Maps. */
  history(execution: Execution): HistoryEvent[] {
    const own = this.#stepFunctions.history(execution.arn) as unknown as HistoryEvent[];
    return [...own, ...this.#parts(execution).flatMap(({ arn }) => this.#stepFunctions.history(arn) as never)];
  }

  /** The states that an execution entered, in order, its Distributed Maps' last. */
  entered(execution: Execution): string[] {
    return this.history(execution).flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  }

  close(): void {
    this.#store.close();
  }

  /** The executions of a Distributed Map are those of a machine under the map's label. */
  #parts({ id, flow }: Execution): ExecutionRecord[] {
    const rows = this.#store.db
      .prepare("SELECT * FROM sfn_executions WHERE parent = ? AND machineArn <> ? AND mapRunArn IS NOT NULL")
      .all(id, flowArn(flow));
    return rows as unknown as ExecutionRecord[];
  }

  #ask(operation: string, input: object): unknown {
    return this.#stepFunctions.service.operations[operation]?.(input as never, CONTEXT);
  }
}

const CONTEXT = {
  principal: { kind: "operator", arn: arnOf("iam", "user/operator"), userId: "AIDAOPERATOR" },
  requestId: "harness",
} as const;
