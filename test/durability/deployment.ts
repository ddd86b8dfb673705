import { join } from "node:path";
import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  type ScalarAttributeType,
} from "@aws-sdk/client-dynamodb";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  ResourceAlreadyExistsException,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  ConflictException,
  CreateDatabaseCommand,
  CreateTableCommand as CreateSeriesCommand,
  TimestreamWriteClient,
} from "@aws-sdk/client-timestream-write";
import { arnOf, type EmbeddedAws, functionArn } from "embedded-aws";

/** What is deployed for the load, by names. Everything here can be deployed again over what is there. */
export const NAMES = {
  machine: "story",
  bus: "orders",
  topic: "news",
  /** A document whose commands end the Tasks that wait for them, and one whose commands are only mailed about. */
  awaitedDocument: "Awaited",
  plainDocument: "Plain",
  records: "records",
  tokens: "tokens",
  database: "durability",
  series: "samples",
  instance: "i-00000000000000001",
} as const;

export const MACHINE_ARN = arnOf("states", `stateMachine:${NAMES.machine}`);
export const TOPIC_ARN = arnOf("sns", NAMES.topic);
const ROLE = "arn:aws:iam::000000000000:role/durability";

/** How long each execution waits by a timer, in seconds: longer than many a life of the process. */
export const WAIT_SECONDS = 1;

const STORY = {
  QueryLanguage: "JSONata",
  StartAt: "Rest",
  States: {
    Rest: { Type: "Wait", Seconds: WAIT_SECONDS, Next: "Ask" },
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Arguments: {
        FunctionName: functionArn("ask"),
        Payload: { name: "{% $states.context.Execution.Name %}", token: "{% $states.context.Task.Token %}" },
      },
      Next: "Done",
    },
    Done: { Type: "Succeed" },
  },
};

const DOCUMENT = JSON.stringify({
  schemaVersion: "2.2",
  mainSteps: [{ action: "aws:runShellScript", name: "work", inputs: { runCommand: [":"] } }],
});

/** Deploys a state machine, functions, rules, a topic, tables and documents, by the AWS SDK as anybody would. */
export async function deploy(aws: EmbeddedAws): Promise<void> {
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  for (const name of ["ask", "answer"]) {
    const modulePath = join(import.meta.dirname, `functions/${name}.ts`);
    aws.functions.define({ name, modulePath, environment: {}, timeoutSeconds: 10 });
  }
  aws.commands.deployDocument(NAMES.awaitedDocument, DOCUMENT);
  aws.commands.deployDocument(NAMES.plainDocument, DOCUMENT);
  const definition = JSON.stringify(STORY);
  await new SFNClient(config).send(new CreateStateMachineCommand({ name: NAMES.machine, definition, roleArn: ROLE }));
  await new SNSClient(config).send(new CreateTopicCommand({ Name: NAMES.topic }));
  aws.topics.subscribeConfirmed(TOPIC_ARN, "reader@keyturn.example");
  await createTables(config);
  await createRules(new EventBridgeClient(config));
}

interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

async function createTables(config: ClientConfig): Promise<void> {
  const dynamodb = new DynamoDBClient(config);
  for (const TableName of [NAMES.records, NAMES.tokens]) {
    const id = { AttributeName: "id", AttributeType: "S" as ScalarAttributeType };
    const command = new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [id],
    });
    await unlessThere(dynamodb.send(command), ResourceInUseException);
  }
  const timestream = new TimestreamWriteClient(config);
  const place = { DatabaseName: NAMES.database, TableName: NAMES.series };
  await unlessThere(timestream.send(new CreateDatabaseCommand(place)), ConflictException);
  await unlessThere(timestream.send(new CreateSeriesCommand(place)), ConflictException);
}

async function createRules(events: EventBridgeClient): Promise<void> {
  await unlessThere(events.send(new CreateEventBusCommand({ Name: NAMES.bus })), ResourceAlreadyExistsException);
  const rule = async (name: string, bus: string, pattern: object, target: Omit<Target, "Id">) => {
    const place = { EventBusName: bus };
    await events.send(new PutRuleCommand({ ...place, Name: name, EventPattern: JSON.stringify(pattern) }));
    await events.send(new PutTargetsCommand({ ...place, Rule: name, Targets: [{ Id: "one", ...target } as Target] }));
  };
  const mail = (path: string, text: string) => ({
    Arn: TOPIC_ARN,
    InputTransformer: { InputPathsMap: { what: path }, InputTemplate: `"${text} <what>"` },
  });
  const ended = (document: string) => ({
    source: ["aws.ssm"],
    "detail-type": ["EC2 Command Invocation Status-change Notification"],
    detail: { "document-name": [document], status: ["Success"] },
  });
  const succeeded = { source: ["aws.states"], detail: { status: ["SUCCEEDED"] } };
  await rule("succeeded", "default", succeeded, mail("$.detail.name", "execution"));
  await rule("plain-ended", "default", ended(NAMES.plainDocument), mail("$.detail.command-id", "command"));
  await rule("awaited-ended", "default", ended(NAMES.awaitedDocument), { Arn: functionArn("answer") });
  await rule(
    "ordered",
    NAMES.bus,
    { "detail-type": ["Order"] },
    {
      Arn: MACHINE_ARN,
      RoleArn: ROLE,
      InputPath: "$.detail",
    },
  );
}

async function unlessThere(creation: Promise<unknown>, isThere: new (...args: never[]) => Error): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof isThere)) throw error;
  }
}
