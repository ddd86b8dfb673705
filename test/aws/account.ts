import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchClient, paginateListMetrics } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeEventBusCommand, EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import {
  GetCommandInvocationCommand,
  InvocationDoesNotExist,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { rotationRequested } from "../../events/index.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { dynamoTickets } from "../../functions/clients/tickets.dynamodb.ts";
import type { Tickets } from "../../functions/clients/tickets.ts";
import { dynamoSeries } from "../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import type { TimeSeries } from "../../functions/clients/time-series.ts";
import type { Finding, FindingKey } from "../../functions/findings/finding.ts";
import { type InstanceRecord, isRetired, type StoredRecord } from "../../functions/record/record.ts";
import { fleetTagOf, machineNameOf } from "../../functions/shared/names.ts";
import { awsAccount } from "../../infra/deploy/account.aws.ts";
import { readSettings } from "../../infra/settings-file.ts";
import { type FlowName, LIVE, namesOf } from "../../infra/wiring.ts";
import type { Ticket } from "../../protocol/index.ts";

/** The names of what cdk.json has deployed. */
export const NAMES = namesOf(readSettings().stackName);

const ROTATION = machineNameOf("rotation", NAMES.prefix);
const NOT_DEPLOYED = "Keyturn does not run in this account and Region. Deploy first: npm run deploy";
/** What marks the instances of this suite, to find one that was left over. */
const TEST_TAG = { Key: "keyturn-test", Value: "yes" };
const LOOK_AGAIN_MS = 5_000;

/** Keyturn on a real account, as its operator sees and moves it. */
export class RealAccount {
  readonly #ec2 = new EC2Client({});
  readonly #sfn = new SFNClient({});
  readonly #ssm = new SSMClient({});
  readonly #events = new EventBridgeClient({});
  readonly #cloudWatch = new CloudWatchClient({});
  readonly #dynamodb = new DynamoDBClient({});
  readonly #registry = dynamoRegistry(this.#dynamodb, NAMES.instanceTable);
  readonly #rotationArn: string;
  readonly #series: TimeSeries;
  readonly #tickets: Tickets;

  private constructor(rotationArn: string, timeSeries: "timestream" | "dynamodb") {
    this.#rotationArn = rotationArn;
    const [, partition = "", , , account = ""] = rotationArn.split(":");
    this.#tickets = dynamoTickets(this.#dynamodb, { table: NAMES.ticketTable, partition, account });
    const place = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
    this.#series =
      timeSeries === "timestream"
        ? timestreamSeries(new TimestreamQueryClient({}), place)
        : dynamoSeries(this.#dynamodb, { table: NAMES.seriesTable, partition, account });
  }

  /** @throws Error when Keyturn is not deployed in this account and Region */
  static async open(): Promise<RealAccount> {
    const region = await new SFNClient({}).config.region();
    const stack = await awsAccount({ region }).stack(readSettings().stackName);
    const timeSeries = stack?.timeSeries;
    if (timeSeries === undefined) throw new Error(NOT_DEPLOYED);
    for await (const { stateMachines } of paginateListStateMachines({ client: new SFNClient({}) }, {})) {
      const found = stateMachines?.find(({ name }) => name === ROTATION);
      if (found?.stateMachineArn !== undefined) return new RealAccount(found.stateMachineArn, timeSeries);
    }
    throw new Error(NOT_DEPLOYED);
  }

  /** @returns the EC2 instance IDs */
  async launch(count: number): Promise<string[]> {
    const subnet = process.env.KEYTURN_TEST_SUBNET;
    // The template's tag is given again: without it, pushes are not allowed to reach the instance.
    const { key: Key, value: Value } = fleetTagOf(NAMES.prefix);
    const tags = [{ Key, Value }, TEST_TAG];
    const { Instances = [] } = await this.#ec2.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName: NAMES.launchTemplate, Version: "$Latest" },
        MinCount: count,
        MaxCount: count,
        TagSpecifications: [{ ResourceType: "instance", Tags: tags }],
        ...(subnet !== undefined && { SubnetId: subnet }),
      }),
    );
    return Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  }

  async stop(ec2InstanceId: string): Promise<void> {
    await this.#ec2.send(new StopInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  }

  async start(ec2InstanceId: string): Promise<void> {
    await this.#ec2.send(new StartInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  }

  async terminate(ec2InstanceIds: string[]): Promise<void> {
    await this.#ec2.send(new TerminateInstancesCommand({ InstanceIds: ec2InstanceIds }));
  }

  /** The live record of an instance, once it has registered. */
  async registered(ec2InstanceId: string): Promise<InstanceRecord> {
    return until(
      async () => (await this.#registry.findByEc2Instance(ec2InstanceId))[0],
      `${ec2InstanceId} to register`,
    );
  }

  find(id: string): Promise<StoredRecord | undefined> {
    return this.#registry.find(id);
  }

  /** What people were told, as it is remembered; undefined if they never were. */
  finding(key: FindingKey): Promise<Finding | undefined> {
    return dynamoFindings(this.#dynamodb, NAMES.findingTable).find(key);
  }

  /** @throws Error when there is no live record of this ID */
  async record(id: string): Promise<InstanceRecord> {
    const record = await this.find(id);
    if (record === undefined || isRetired(record)) throw new Error(`there is no live record of ${id}`);
    return record;
  }

  /** Waits for a sample that the instance took after a moment (milliseconds since 1970). */
  async sampleAfter({ id, ec2InstanceId }: InstanceRecord, moment: number): Promise<void> {
    const window = { id, ec2InstanceId, from: moment + 1, to: Date.now() + 3_600_000, limit: 1 };
    await until(async () => (await this.#series.read(window))[0], `a sample of ${id}`);
  }

  /** Turns a key by hand, and waits for the execution's end. */
  async rotate(id: string): Promise<DescribeExecutionOutput> {
    const executionArn = await this.startRotation(id);
    return until(async () => {
      const execution = await this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    }, `the end of ${executionArn}`);
  }

  /** Starts to turn a key by hand. @returns the execution's ARN */
  async startRotation(id: string): Promise<string> {
    const stateMachineArn = `${this.#rotationArn}:${LIVE}`;
    const input = JSON.stringify({ id });
    const { executionArn = "" } = await this.#sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    return executionArn;
  }

  /** Cuts an execution off. */
  async abort(executionArn: string): Promise<void> {
    await this.#sfn.send(new StopExecutionCommand({ executionArn }));
  }

  /** The names of the states that an execution has entered, in their order. */
  async statesOf(executionArn: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { events = [] } of paginateGetExecutionHistory({ client: this.#sfn }, { executionArn })) {
      names.push(...events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []));
    }
    return names;
  }

  /** Waits until a flow, which nobody here starts, was started after a moment (milliseconds since 1970). */
  async startedSince(flow: FlowName, moment: number): Promise<void> {
    const stateMachineArn = this.#rotationArn.replace(ROTATION, machineNameOf(flow, NAMES.prefix));
    await until(async () => {
      const { executions = [] } = await this.#sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
      return executions.some(({ startDate }) => startDate !== undefined && startDate.getTime() >= moment);
    }, `a start of ${flow}`);
  }

  /** The names of the statements in the policy of Keyturn's bus. */
  async busStatements(): Promise<string[]> {
    const { Policy = "{}" } = await this.#events.send(new DescribeEventBusCommand({ Name: NAMES.eventBus }));
    const { Statement = [] } = JSON.parse(Policy) as { Statement?: { Sid: string }[] };
    return Statement.map(({ Sid }) => Sid);
  }

  /** The dimensions under which CloudWatch has a metric, each as e.g. `outcome=ROTATED service=keyturn`. */
  async dimensionsOf(Namespace: string, MetricName: string): Promise<string[]> {
    const found: string[] = [];
    const asked = { Namespace, MetricName };
    for await (const { Metrics = [] } of paginateListMetrics({ client: this.#cloudWatch }, asked)) {
      const words = Metrics.map(({ Dimensions = [] }) => Dimensions.map(({ Name, Value }) => `${Name}=${Value}`));
      found.push(...words.map((one) => one.sort().join(" ")));
    }
    return found;
  }

  /** Asks for a rotation by an event. @throws Error when EventBridge does not take it */
  async request(id: string): Promise<void> {
    const entry = { EventBusName: NAMES.eventBus, Source: "keyturn.test", DetailType: rotationRequested.detailType };
    const answer = await this.#events.send(
      new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify({ id }) }] }),
    );
    const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (refused) throw new Error(`the event was refused: ${refused.ErrorMessage}; are you listed in eventSenders?`);
  }

  /** The first execution for an instance that began after a moment and has ended. */
  async endedSince(id: string, moment: number): Promise<DescribeExecutionOutput> {
    return until(async () => {
      const { executions = [] } = await this.#sfn.send(
        new ListExecutionsCommand({ stateMachineArn: this.#rotationArn, maxResults: 100 }),
      );
      const since = executions.filter(({ startDate }) => startDate !== undefined && startDate.getTime() >= moment);
      for (const { executionArn } of since) {
        const execution = await this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (execution.status !== "RUNNING" && JSON.parse(execution.input ?? "{}").id === id) return execution;
      }
      return undefined;
    }, `an execution for ${id}`);
  }

  /** Lays a ticket down for an instance, whoever made it. */
  async layTicket(ec2InstanceId: string, ticket: Ticket): Promise<void> {
    await this.#tickets.lay(ec2InstanceId, ticket, { at: Date.now() });
  }

  /** Runs a command on an instance through SSM, and waits for its end. @returns its status and standard output */
  async send(ec2InstanceId: string, document: string, parameters: Record<string, string> = {}): Promise<string> {
    const Parameters = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
    // AWS's own documents are run as AWS has them, Keyturn's as they were deployed last.
    const DocumentVersion = document.startsWith("AWS-") ? "$DEFAULT" : "$LATEST";
    const { Command } = await this.#ssm.send(
      new SendCommandCommand({ DocumentName: document, DocumentVersion, InstanceIds: [ec2InstanceId], Parameters }),
    );
    const asked = { CommandId: Command?.CommandId, InstanceId: ec2InstanceId };
    return until(async () => {
      try {
        const { Status = "", StandardOutputContent = "" } = await this.#ssm.send(
          new GetCommandInvocationCommand(asked),
        );
        const isOver = !["Pending", "InProgress", "Delayed", "Cancelling"].includes(Status);
        return isOver ? `${Status}: ${StandardOutputContent.trim()}` : undefined;
      } catch (error) {
        // SSM takes a moment before it knows its own command.
        if (error instanceof InvocationDoesNotExist) return undefined;
        throw error;
      }
    }, `the end of ${document} on ${ec2InstanceId}`);
  }
}

/** Waits until something is there, or fails after ten minutes with what was waited for. */
export async function until<T>(look: () => Promise<T | undefined | false>, what: string): Promise<T> {
  const end = Date.now() + 10 * 60_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await pause(LOOK_AGAIN_MS);
  }
}
