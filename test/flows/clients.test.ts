import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { ACCOUNT, arnOf, type BusEvent, PARTITION, REGION, startAws } from "embedded-aws";
import { afterAll, beforeAll, describe } from "vitest";
import { TURN_DOCUMENT } from "../../agent/ssm-document.ts";
import { eventBridgeBus } from "../../functions/clients/bus.eventbridge.ts";
import { ssmCommands } from "../../functions/clients/commands.ssm.ts";
import { sfnExecutions } from "../../functions/clients/executions.sfn.ts";
import { ec2Hosts } from "../../functions/clients/hosts.ec2.ts";
import { snsMail } from "../../functions/clients/mail.sns.ts";
import { kmsNonces } from "../../functions/clients/nonces.kms.ts";
import { sfnRegistrations } from "../../functions/clients/registrations.sfn.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { dynamoSeries } from "../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import { kmsVault } from "../../functions/clients/vault.kms.ts";
import { NAMES } from "../../infra/wiring.ts";
import { DYNAMODB, itemOf, recordOf } from "../../protocol/index.ts";
import { busSuite } from "../functions/clients/bus.suite.ts";
import { commandsSuite } from "../functions/clients/commands.suite.ts";
import { executionsSuite } from "../functions/clients/executions.suite.ts";
import { hostsSuite } from "../functions/clients/hosts.suite.ts";
import { mailSuite } from "../functions/clients/mail.suite.ts";
import { noncesSuite } from "../functions/clients/nonces.suite.ts";
import { registrationsSuite } from "../functions/clients/registrations.suite.ts";
import { registrySuite } from "../functions/clients/registry.suite.ts";
import { timeSeriesSuite } from "../functions/clients/time-series.suite.ts";
import { vaultSuite } from "../functions/clients/vault.suite.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

// The suites that the fakes pass, over the clients that run on AWS.

let fleet: TestFleet;
const events: BusEvent[] = [];
beforeAll(async () => {
  fleet = await startTestFleet(0, { onEvent: (event, bus) => bus === "keyturn" && events.push(event) });
});
afterAll(() => fleet.close());

const config = () => ({
  endpoint: fleet.aws.endpoint,
  region: fleet.aws.region,
  credentials: fleet.aws.credentials,
});

describe("the registry in DynamoDB", () =>
  registrySuite(() => dynamoRegistry(new DynamoDBClient(config()), NAMES.instanceTable)));

describe("the vault in KMS", () => vaultSuite(() => kmsVault(new KMSClient(config()), NAMES.keyMaterialKey)));

describe("the nonces from KMS", () => noncesSuite(() => kmsNonces(new KMSClient(config()), NAMES.nonceKey)));

describe("the bus in EventBridge", () =>
  busSuite(() => ({
    bus: eventBridgeBus(new EventBridgeClient(config()), NAMES.eventBus),
    received: async () => events.map(({ "detail-type": detailType, detail }) => ({ detailType, detail })),
  })));

describe("mail through SNS", () =>
  mailSuite(() => ({
    mail: snsMail(new SNSClient(config()), arnOf("sns", NAMES.alertTopic)),
    received: async () => fleet.aws.inbox.list(),
  })));

describe("hosts in EC2", () =>
  hostsSuite(async () => {
    const { instances } = fleet.aws;
    const [running = "", stopped = "", terminated = ""] = instances.launch(3).map(({ id }) => id);
    await instances.settled();
    instances.send([stopped], "stopping");
    instances.send([terminated], "shutting-down");
    await instances.settled();
    const without = "i-0fedcba9876543210";
    return { hosts: ec2Hosts(new EC2Client(config())), ids: { running, stopped, terminated }, without };
  }));

describe("the time series in Timestream", () =>
  timeSeriesSuite(() => {
    const place = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
    const writer = new TimestreamWriteClient(config());
    return {
      timeSeries: timestreamSeries(new TimestreamQueryClient(config()), place),
      async write(id, ec2InstanceId, sample) {
        const record = recordOf({ id, ec2InstanceId, ...sample });
        const { database: DatabaseName, table: TableName } = place;
        await writer.send(new WriteRecordsCommand({ DatabaseName, TableName, Records: [record] }));
      },
    };
  }));

describe("the time series in DynamoDB", () =>
  timeSeriesSuite(async () => {
    const client = new DynamoDBClient(config());
    await client.send(
      new CreateTableCommand({
        TableName: NAMES.seriesTable,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: DYNAMODB.partitionKey.name, KeyType: "HASH" },
          { AttributeName: DYNAMODB.sortKey.name, KeyType: "RANGE" },
        ],
        AttributeDefinitions: [DYNAMODB.partitionKey, DYNAMODB.sortKey].map(({ name, type }) => ({
          AttributeName: name,
          AttributeType: type,
        })),
      }),
    );
    await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName: NAMES.seriesTable });
    const documents = DynamoDBDocumentClient.from(client);
    return {
      timeSeries: dynamoSeries(client, { table: NAMES.seriesTable, partition: PARTITION, account: ACCOUNT }),
      async write(id, ec2InstanceId, sample) {
        const Item = itemOf(
          { id, ec2InstanceId, ...sample },
          { partition: PARTITION, region: REGION, account: ACCOUNT },
        );
        await documents.send(new PutCommand({ TableName: NAMES.seriesTable, Item }));
      },
    };
  }));

describe("tasks in Step Functions", () =>
  executionsSuite(() => {
    const client = new SFNClient({ ...config(), disableHostPrefix: true });
    let started = 0;
    return {
      executions: sfnExecutions(client),
      async startTask() {
        started += 1;
        // The token is seen in the history: it is what the function was called with.
        const machine = await client.send(
          new CreateStateMachineCommand({
            name: `waits-${started}`,
            roleArn: "arn:aws:iam::000000000000:role/test",
            definition: JSON.stringify({
              QueryLanguage: "JSONata",
              StartAt: "Wait",
              States: {
                Wait: {
                  Type: "Task",
                  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
                  Arguments: {
                    FunctionName: arnOf("lambda", "function:idle"),
                    Payload: { token: "{% $states.context.Task.Token %}" },
                  },
                  End: true,
                },
              },
            }),
          }),
        );
        fleet.aws.functions.define({
          name: "idle",
          modulePath: fileURLToPath(new URL("./functions/idle.ts", import.meta.url)),
          environment: {},
          timeoutSeconds: 3,
        });
        const { stateMachineArn } = machine;
        const { executionArn = "" } = await client.send(new StartExecutionCommand({ stateMachineArn }));
        const taskToken = await until(async () => {
          const history = await fleet.history(executionArn);
          const scheduled =
            history.find(({ type }) => type === "TaskSubmitted") &&
            history.find(({ type }) => type === "TaskScheduled");
          return scheduled && JSON.parse(scheduled.taskScheduledEventDetails?.parameters ?? "{}").Payload.token;
        }, "the task token");
        return {
          taskToken,
          async end() {
            const execution = await fleet.ended(executionArn);
            return execution.status === "SUCCEEDED"
              ? { output: JSON.parse(execution.output ?? "null") }
              : { error: execution.error ?? "", cause: execution.cause ?? "" };
          },
        };
      },
    };
  }));

describe("registrations in Step Functions", () =>
  registrationsSuite(async () => {
    const client = new SFNClient({ ...config(), disableHostPrefix: true });
    const { stateMachineArn = "" } = await client.send(
      new CreateStateMachineCommand({
        name: "answers",
        type: "EXPRESS",
        roleArn: "arn:aws:iam::000000000000:role/test",
        definition: JSON.stringify({
          QueryLanguage: "JSONata",
          StartAt: "Answer",
          States: {
            Answer: {
              Type: "Choice",
              Choices: [{ Condition: "{% $exists($states.input.answer) %}", Next: "Answered" }],
              Default: "Failed",
            },
            Answered: { Type: "Succeed", Output: "{% $states.input.answer %}" },
            Failed: { Type: "Fail", Error: "NoAnswer" },
          },
        }),
      }),
    );
    return sfnRegistrations(client, stateMachineArn);
  }));

/** What the SSM agent needs for Run Command. */
const REACHED_BY_SSM = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:OpenControlChannel",
];

describe("commands in SSM", () =>
  commandsSuite(async () => {
    const agents = new Map<string, (ticket: never) => { output: string; log: string; success: boolean }>();
    const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
    const aws = await startAws({
      folder,
      instanceRole: { name: "Reached", statements: [{ Effect: "Allow", Action: REACHED_BY_SSM, Resource: ["*"] }] },
      shell: {
        state: (ec2InstanceId) => (agents.has(ec2InstanceId) ? "running" : undefined),
        async runScript(ec2InstanceId, { environment }) {
          const { SSM_id: id, SSM_generation, SSM_nonce: nonce, SSM_proof: proof } = environment;
          const ticket = { id, generation: Number(SSM_generation), nonce, proof };
          const { output, log, success } = agents.get(ec2InstanceId)?.(ticket as never) ?? {};
          await pause(1);
          return { exitCode: success ? 0 : 3, stdout: output ?? "", stderr: log ?? "", timedOut: false };
        },
      },
    });
    aws.commands.deployDocument(NAMES.pushDocument, JSON.stringify(TURN_DOCUMENT));
    aws.resume();
    afterAll(async () => {
      await aws.close();
      rmSync(folder, { recursive: true });
    });
    const { endpoint, region, credentials } = aws;
    return {
      commands: ssmCommands(new SSMClient({ endpoint, region, credentials }), NAMES.pushDocument),
      agentAnswers: (ec2InstanceId, answer) => void agents.set(ec2InstanceId, answer),
    };
  }));
