import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  ListStateMachinesCommand,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { rotationRequested } from "../../events/index.ts";
import { LIVE, NAMES } from "../../infra/wiring.ts";
import type { DemoAccount } from "./account.ts";
import { until } from "./until.ts";

export const ROTATION = "keyturn-rotation";
export const FLEET_ROTATION = "keyturn-fleet-rotation";

/** How an execution of the rotation flow ended. */
export interface Ending {
  name: string;
  status: string;
  /** What the flow says came of it, or the error it failed with. */
  outcome: string;
}

/** Starts and watches rotations, as the fleet's operator does: through AWS's APIs only. */
export class Rotations {
  readonly #sfn: SFNClient;
  readonly #events: EventBridgeClient;
  readonly #signal: AbortSignal;

  /** @param signal ends every wait */
  constructor({ region, credentials }: Pick<DemoAccount, "region" | "credentials">, signal: AbortSignal) {
    this.#sfn = new SFNClient({ region, credentials });
    this.#events = new EventBridgeClient({ region, credentials });
    this.#signal = signal;
  }

  /** Turns one instance's key by hand, and waits for the execution's end. */
  async turn(id: string): Promise<Ending> {
    return this.ended(await this.start(id));
  }

  /** @returns the execution's ARN */
  async start(id: string): Promise<string> {
    const stateMachineArn = `${await this.#arnOf(ROTATION)}:${LIVE}`;
    const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ id }) });
    return (await this.#sfn.send(start)).executionArn ?? "";
  }

  describe(executionArn: string): Promise<DescribeExecutionOutput> {
    return this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
  }

  async ended(executionArn: string): Promise<Ending> {
    const execution = await until(
      async () => {
        const described = await this.describe(executionArn);
        return described.status !== "RUNNING" && described;
      },
      `the end of ${executionArn}`,
      this.#signal,
    );
    const { name = "", status = "", output = "{}", error } = execution;
    return { name, status, outcome: error ?? JSON.parse(output).outcome };
  }

  /** Asks for one instance's key to be turned, by an event. */
  async request(id: string): Promise<void> {
    const entry = { EventBusName: NAMES.eventBus, Source: "on-call", DetailType: rotationRequested.detailType };
    await this.#events.send(new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify({ id }) }] }));
  }

  /** All executions of a flow, newest first. */
  async list(flow: string): Promise<ExecutionListItem[]> {
    const stateMachineArn = await this.#arnOf(flow);
    const executions: ExecutionListItem[] = [];
    for await (const page of paginateListExecutions({ client: this.#sfn }, { stateMachineArn })) {
      executions.push(...(page.executions ?? []));
    }
    return executions;
  }

  /** Switches the schedule off, and waits for what it has started. */
  async pauseSchedule(): Promise<void> {
    const schedule = { Name: NAMES.schedule, ScheduleExpression: "rate(1 day)" };
    await this.#events.send(new PutRuleCommand({ ...schedule, State: "DISABLED" }));
    const isQuiet = async () => {
      const executions = [...(await this.list(FLEET_ROTATION)), ...(await this.list(ROTATION))];
      return executions.every(({ status }) => status !== "RUNNING");
    };
    await until(isQuiet, "the end of what the schedule started", this.#signal);
  }

  async #arnOf(flow: string): Promise<string> {
    const { stateMachines = [] } = await this.#sfn.send(new ListStateMachinesCommand({}));
    const arn = stateMachines.find(({ name }) => name === flow)?.stateMachineArn;
    if (arn === undefined) throw new Error(`there is no state machine ${flow}`);
    return arn;
  }

  close(): void {
    this.#sfn.destroy();
    this.#events.destroy();
  }
}
