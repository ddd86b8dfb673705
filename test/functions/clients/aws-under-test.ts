import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type EC2Client,
  StopInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceRunning,
  waitUntilInstanceStopped,
  waitUntilInstanceTerminated,
} from "@aws-sdk/client-ec2";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { NAMES } from "../../../infra/wiring.ts";
import { createTimestreamTable, keyNamed } from "../../../local/deploy-data.ts";
import { createSeriesTable } from "../../../local/deploy-tables.ts";
import { DYNAMODB, instanceArn, itemOf, recordOf, USES_IN_TIMESTREAM, useKey } from "../../../protocol/index.ts";
import type { HeardBus } from "./bus.suite.ts";
import type { AnsweredCommands } from "./commands.suite.ts";
import { eventually } from "./eventually.ts";
import type { WaitingExecutions } from "./executions.suite.ts";
import type { KnownHosts } from "./hosts.suite.ts";
import type { ReceivedMail } from "./mail.suite.ts";
import type { WrittenSeries } from "./time-series.suite.ts";
import type { WrittenUses } from "./uses.suite.ts";

/** What the SDK's clients are made with. */
export interface Place {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** Something that answers as AWS does, and what of it the clients' own calls do not show. */
export interface AwsUnderTest {
  place: Place;
  /** Launches hosts: their IDs. */
  launch(count: number): Promise<string[]>;
  /** Listens to a bus; the function gives all that it has heard. */
  hear(busName: string): Promise<HeardBus["received"]>;
  /** Subscribes to a topic; the function gives all that was sent to it. */
  subscribe(topicArn: string): Promise<ReceivedMail["received"]>;
  /** A Task state that gives its token away and waits. */
  waiting(): Promise<WaitingTask>;
  /** Where commands are sent to, and how hosts are made that answer them. */
  commands(): Promise<{ place: Place; agentAnswers: AnsweredCommands["agentAnswers"] }>;
}

export interface WaitingTask {
  state: object;
  /** Waits for the token of an execution that has come to the state. */
  tokenOf(executionArn: string): Promise<string>;
}

const ROLE = "arn:aws:iam::000000000000:role/test";

/** How long things may take to come about, in seconds. */
const PATIENCE = { minDelay: 1, maxWaitTime: 30 };

/** Of three hosts that were just launched, stops one and terminates one: which is which. */
export async function hostsOfEachState(client: EC2Client, InstanceIds: string[]): Promise<KnownHosts["ids"]> {
  const [running = "", stopped = "", terminated = ""] = InstanceIds;
  await waitUntilInstanceRunning({ client, ...PATIENCE }, { InstanceIds });
  await client.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
  await client.send(new TerminateInstancesCommand({ InstanceIds: [terminated] }));
  await waitUntilInstanceStopped({ client, ...PATIENCE }, { InstanceIds: [stopped] });
  await waitUntilInstanceTerminated({ client, ...PATIENCE }, { InstanceIds: [terminated] });
  return { running, stopped, terminated };
}

/** How an instance writes samples to Timestream; with the first, the table is made unless it is there. */
export function timestreamWriter(place: Place, table: { database: string; table: string }): WrittenSeries["write"] {
  const client = new TimestreamWriteClient(place);
  let made: Promise<void> | undefined;
  return async (id, ec2InstanceId, sample) => {
    made ??= createTimestreamTable(client);
    await made;
    const Records = [recordOf({ id, ec2InstanceId, ...sample })];
    await client.send(new WriteRecordsCommand({ DatabaseName: table.database, TableName: table.table, Records }));
  };
}

/** How an instance writes uses to Timestream; with the first, the table is made unless it is there. */
export function timestreamUseWriter(place: Place, table: { database: string; table: string }): WrittenUses["write"] {
  const client = new TimestreamWriteClient(place);
  let made: Promise<void> | undefined;
  return async (use) => {
    made ??= createTimestreamTable(client);
    await made;
    const record = {
      Dimensions: [...USES_IN_TIMESTREAM.writers, ...USES_IN_TIMESTREAM.dimensions]
        .filter((name) => use[name] !== undefined)
        .map((name) => ({ Name: name, Value: use[name] })),
      MeasureName: USES_IN_TIMESTREAM.measureName,
      MeasureValueType: "MULTI" as const,
      MeasureValues: [{ Name: "proof", Value: use.proof, Type: "VARCHAR" as const }],
      Time: String(use.timeMs),
    };
    const place = { DatabaseName: table.database, TableName: table.table };
    await client.send(new WriteRecordsCommand({ ...place, Records: [record] }));
  };
}

/** The samples' table in DynamoDB, made unless it is there, and how an instance writes to it. */
export async function seriesTable(place: Place) {
  const client = new DynamoDBClient(place);
  const TableName = NAMES.seriesTable;
  await createSeriesTable(client, await keyNamed(new KMSClient(place), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
  const owner = { partition: "aws", account: "000000000000" };
  const region = await client.config.region();
  const documents = DynamoDBDocumentClient.from(client);
  const write: WrittenSeries["write"] = async (id, ec2InstanceId, sample) => {
    const Item = itemOf({ id, ec2InstanceId, ...sample }, { ...owner, region });
    await documents.send(new PutCommand({ TableName, Item }));
  };
  const writeUse: WrittenUses["write"] = ({ ec2InstanceId, role, secret, consumer, versionId, timeMs, proof }) => {
    const key = {
      [DYNAMODB.partitionKey.name]: role ?? instanceArn({ ...owner, region }, ec2InstanceId),
      [DYNAMODB.sortKey.name]: useKey({ secret, consumer, versionId }),
    };
    return documents.send(new PutCommand({ TableName, Item: { ...key, secret, timeMs, proof } }));
  };
  return { client, table: { table: TableName, ...owner }, write, writeUse };
}

/** A client for Step Functions that leaves the endpoint's host as it is. */
export function sfnClient(place: Place): SFNClient {
  return new SFNClient({ ...place, disableHostPrefix: true });
}

/** A flow whose executions wait in a task: its ARN, and what is seen of them. */
export async function waitingFlow(
  client: SFNClient,
  { state, tokenOf }: WaitingTask,
): Promise<{ flowArn: string } & Pick<WaitingExecutions, "startTask" | "inputOf" | "end">> {
  const definition = { StartAt: "Wait", States: { Wait: { ...state, End: true } } };
  const flowArn = await createMachine(client, "waits", "STANDARD", definition);
  const arnOf = (name: string) => `${flowArn.replace(":stateMachine:", ":execution:")}:${name}`;
  const describe = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));
  const ended = (executionArn: string) =>
    eventually(
      () => describe(executionArn),
      ({ status }) => status !== "RUNNING",
    );
  return {
    flowArn,

    async startTask() {
      const { executionArn = "" } = await client.send(
        new StartExecutionCommand({ stateMachineArn: flowArn, name: randomUUID() }),
      );
      return {
        taskToken: await tokenOf(executionArn),
        async end() {
          const execution = await ended(executionArn);
          return execution.status === "SUCCEEDED"
            ? { output: JSON.parse(execution.output ?? "null") }
            : { error: execution.error ?? "", cause: execution.cause ?? "" };
        },
      };
    },

    inputOf: async (name) => JSON.parse((await describe(arnOf(name))).input ?? "null"),

    async end(name, failure) {
      const taskToken = await tokenOf(arnOf(name));
      const command = failure
        ? new SendTaskFailureCommand({ taskToken, ...failure })
        : new SendTaskSuccessCommand({ taskToken, output: "1" });
      await client.send(command as SendTaskSuccessCommand);
      await ended(arnOf(name));
    },
  };
}

/** A flow whose output is its input's `answer`, and that fails when there is none: its ARN. */
export async function answeringFlow(client: SFNClient): Promise<string> {
  return createMachine(client, "answers", "EXPRESS", {
    QueryLanguage: "JSONata",
    StartAt: "Answer",
    States: {
      Answer: {
        Type: "Choice",
        Choices: [{ Condition: "{% $exists($states.input.answer) %}", Next: "Answered" }],
        Default: "Failed",
      },
      Answered: { Type: "Pass", Output: "{% $states.input.answer %}", End: true },
      Failed: { Type: "Fail", Error: "NoAnswer" },
    },
  });
}

async function createMachine(
  client: SFNClient,
  name: string,
  type: "EXPRESS" | "STANDARD",
  definition: object,
): Promise<string> {
  const command = new CreateStateMachineCommand({ name, type, roleArn: ROLE, definition: JSON.stringify(definition) });
  const { stateMachineArn = "" } = await client.send(command);
  return stateMachineArn;
}
