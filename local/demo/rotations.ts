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
import { credentialRotationRequested, rotationRequested } from "../../events/index.ts";
import { LIVE, NAMES, schedules, stateMachineNameOf } from "../../infra/wiring.ts";
import type { DemoAccount } from "./account.ts";
import { until } from "./until.ts";

export const ROTATION = stateMachineNameOf("rotation");
export const CREDENTIAL = stateMachineNameOf("credential");
export const FLEET_ROTATION = stateMachineNameOf("fleet-rotation");
export const EXPOSED_KEY = stateMachineNameOf("exposed-key");
const WATCH = stateMachineNameOf("watch");
const OPERATE = stateMachineNameOf("operate");
const FLOWS = [FLEET_ROTATION, ROTATION, WATCH, CREDENTIAL, OPERATE, EXPOSED_KEY];

/** How an execution ended. */
export interface Ending {
  name: string;
  status: string;
  /** What the flow says came of it, or the error it failed with. */
  outcome: string;
  /** Of one that failed: what people read there. */
  cause: string;
}

/** Starts and follows rotations, rekeys and looks of the watch, as the fleet's operator does: through AWS's APIs only. */
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
  start(id: string): Promise<string> {
    return this.#start(ROTATION, { id });
  }

  /** Has the watch look at everybody once, and waits until it has. */
  async look(): Promise<Ending> {
    return this.ended(await this.#start(WATCH, {}));
  }

  /** Has an instance agree a fresh key, and waits for the execution's end. */
  async rekey(id: string, reason: string): Promise<Ending> {
    return this.ended(await this.#start(OPERATE, { act: "rekey", id, reason, requestedBy: "the story" }));
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
    const { name = "", status = "", output = "{}", error, cause = "" } = execution;
    return { name, status, outcome: error ?? JSON.parse(output).outcome, cause };
  }

  /** Waits until the first execution for a credential, in whose name something stands, has ended. */
  async firstEnded(part: string): Promise<Ending> {
    const execution = await until(
      async () => (await this.list(CREDENTIAL)).findLast(({ name = "" }) => name.includes(part)),
      `an execution for ${part}`,
      this.#signal,
    );
    return this.ended(execution.executionArn ?? "");
  }

  /** Asks for one instance's key to be turned, by an event. */
  request(id: string): Promise<void> {
    return this.#put(rotationRequested.detailType, { id });
  }

  /** Asks for a credential to be turned, by an event. */
  requestCredential(detail: { secret: string; heal?: boolean; requestedBy?: string; reason?: string }): Promise<void> {
    return this.#put(credentialRotationRequested.detailType, detail);
  }

  /** All executions of the flows that the story starts. */
  async listAll(): Promise<(ExecutionListItem & { stateMachine: string })[]> {
    const lists = FLOWS.map(async (stateMachine) => {
      return (await this.list(stateMachine)).map((execution) => ({ ...execution, stateMachine }));
    });
    return (await Promise.all(lists)).flat();
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

  /** Switches the schedules off, and waits for what they have started. */
  async pauseSchedules(): Promise<void> {
    for (const { name: Name } of schedules(NAMES)) {
      await this.#events.send(new PutRuleCommand({ Name, ScheduleExpression: "rate(1 day)", State: "DISABLED" }));
    }
    const isQuiet = async () => (await this.listAll()).every(({ status }) => status !== "RUNNING");
    await until(isQuiet, "the end of what the schedules started", this.#signal);
  }

  async #put(DetailType: string, detail: object): Promise<void> {
    const entry = { EventBusName: NAMES.eventBus, Source: "on-call", DetailType, Detail: JSON.stringify(detail) };
    await this.#events.send(new PutEventsCommand({ Entries: [entry] }));
  }

  /** @returns the execution's ARN */
  async #start(flow: string, input: object): Promise<string> {
    const stateMachineArn = `${await this.#arnOf(flow)}:${LIVE}`;
    const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
    return (await this.#sfn.send(start)).executionArn ?? "";
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
