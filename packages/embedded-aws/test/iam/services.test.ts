import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateEventBusCommand, EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { QueryCommand as SelectCommand, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import {
  CreateDatabaseCommand,
  CreateTableCommand as CreateSeriesCommand,
  DescribeEndpointsCommand,
  TimestreamWriteClient,
  WriteRecordsCommand,
} from "@aws-sdk/client-timestream-write";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Condition } from "../../src/iam/condition.ts";
import { type AuthorizationRecord, arnOf, type EmbeddedAws, functionArn, startAws } from "../../src/index.ts";

// A role is tried as an instance has it: whatever signs with it is held to the same.
const CALLER = "i-00000000000000001";
const OWN = arnOf("ec2", `instance/${CALLER}`);
const table = (name: string) => arnOf("dynamodb", `table/${name}`);
const machine = (name: string) => arnOf("states", `stateMachine:${name}`);
const SERIES = arnOf("timestream", "database/proofs/table/samples");

let aws: EmbeddedAws;
let operator: Clients;
let caller: Clients;
let plainKey = "";
let macKey = "";
let tableKey = "";
let ciphertext: Uint8Array;
const checked: AuthorizationRecord[] = [];
const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));

type Clients = ReturnType<typeof clientsWith>;
function clientsWith(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  const config = { endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 };
  return {
    dynamodb: new DynamoDBClient(config),
    ec2: new EC2Client(config),
    events: new EventBridgeClient(config),
    kms: new KMSClient(config),
    sfn: new SFNClient({ ...config, disableHostPrefix: true }),
    sns: new SNSClient(config),
    ssm: new SSMClient(config),
    select: new TimestreamQueryClient(config),
    write: new TimestreamWriteClient(config),
    call: async (method: string, path: string) => {
      const url = new URL(path, aws.endpoint);
      const sha256 = class {
        readonly #hash;
        constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
          this.#hash =
            secret === undefined ? createHash("sha256") : createHmac("sha256", Buffer.from(secret as Buffer));
        }
        update(data: string | ArrayBuffer | ArrayBufferView) {
          this.#hash.update(Buffer.from(data as Buffer));
        }
        async digest() {
          return this.#hash.digest();
        }
      };
      const signer = new SignatureV4({ service: "lambda", region: aws.region, credentials, sha256 });
      const query = Object.fromEntries(url.searchParams);
      const request = { method, path: url.pathname, query, headers: { host: url.host }, body: "{}" };
      const { headers } = await signer.sign(new HttpRequest(request));
      const response = await fetch(url, { method, headers, body: "{}" });
      const answer = (await response.json()) as { message?: string };
      if (response.ok) return answer;
      throw Object.assign(new Error(answer.message), { name: response.headers.get("x-amzn-errortype") });
    },
  };
}

beforeAll(async () => {
  writeFileSync(join(folder, "echo.mjs"), "export const handler = async (event) => event ?? null;");
  aws = await startAws({
    folder,
    instanceRole: { name: "Caller", id: "AROACALLER", statements: [] },
    instanceTags: { team: "keys" },
    shell: {
      state: () => "running",
      runScript: async () => ({ exitCode: 0, stdout: "", stderr: "", timedOut: false }),
    },
    onAuthorized: (record) => checked.push(record),
  });
  operator = clientsWith(aws.credentials);
  caller = clientsWith(aws.credentialsOf(CALLER));
  aws.functions.define({ name: "echo", modulePath: join(folder, "echo.mjs") });
  aws.commands.deployDocument(
    "turn",
    JSON.stringify({
      schemaVersion: "2.2",
      mainSteps: [{ action: "aws:runShellScript", name: "turn", inputs: { runCommand: ["true"] } }],
    }),
  );
  const newKey = async (input: object) => (await operator.kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? "";
  plainKey = await newKey({});
  tableKey = await newKey({});
  macKey = await newKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
  await operator.kms.send(new CreateAliasCommand({ AliasName: "alias/plain", TargetKeyId: plainKey }));
  const EncryptionContext = { id: "a", use: "test" };
  const encrypted = await operator.kms.send(
    new EncryptCommand({ KeyId: plainKey, Plaintext: Buffer.from("x"), EncryptionContext }),
  );
  ciphertext = encrypted.CiphertextBlob ?? new Uint8Array();
  await makeTable("plain");
  await makeTable("sealed", tableKey);
  await operator.events.send(new CreateEventBusCommand({ Name: "own" }));
  await operator.sns.send(new CreateTopicCommand({ Name: "plain" }));
  await operator.sns.send(new CreateTopicCommand({ Name: "sealed", Attributes: { KmsMasterKeyId: tableKey } }));
  await operator.write.send(new CreateDatabaseCommand({ DatabaseName: "proofs" }));
  await operator.write.send(new CreateSeriesCommand({ DatabaseName: "proofs", TableName: "samples" }));
  const make = (name: string, type: "STANDARD" | "EXPRESS", state: object) => {
    const definition = { QueryLanguage: "JSONata", StartAt: "Only", States: { Only: { ...state, End: true } } };
    const roleArn = "arn:aws:iam::000000000000:role/flow";
    return operator.sfn.send(
      new CreateStateMachineCommand({ name, type, roleArn, definition: JSON.stringify(definition) }),
    );
  };
  await make("standard", "STANDARD", { Type: "Pass" });
  await make("express", "EXPRESS", { Type: "Pass" });
  await make("asking", "STANDARD", {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Arguments: { FunctionName: "echo", Payload: "{% $states.context.Task.Token %}" },
  });
  aws.roles.put({
    name: "flow",
    statements: [{ Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [functionArn("echo")] }],
  });
  aws.resume();
});

/** Makes a table with an index, under a key if one is given. */
function makeTable(TableName: string, KMSMasterKeyId?: string): Promise<unknown> {
  return operator.dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "due", AttributeType: "N" },
      ],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "byDue",
          KeySchema: [{ AttributeName: "due", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      BillingMode: "PAY_PER_REQUEST",
      ...(KMSMasterKeyId && { SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId } }),
    }),
  );
}

afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  checked.length = 0;
});

/** An action on a resource, as it must be given, with the condition that must hold. */
type Need = [action: string, resource: string | (() => string), condition?: Condition];

interface Case {
  what: string;
  send: () => Promise<unknown>;
  needs: Need[];
  /** The code of the denial of each, where it is not AccessDeniedException. */
  codes?: string[];
}

const text = (value: string) => ({ S: value });
const ITEM = { id: text(OWN), due: { N: "7" } };
const via = (service: string): Condition => ({
  StringEquals: { "kms:ViaService": `${service}.us-east-1.amazonaws.com` },
});
const leading = (...keys: string[]): Condition => ({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": keys } });
const own = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${ec2:SourceInstanceARN}" } };
const named: Condition = {
  "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["id", "use"] },
  Null: { "kms:EncryptionContext:id": "false", "kms:EncryptionContext:use": "false" },
};
const EncryptionContext = { id: "a", use: "test" };
const entry = (EventBusName?: string) => ({
  Source: "me",
  DetailType: "x",
  Detail: "{}",
  ...(EventBusName && { EventBusName }),
});
const Records = () => [
  {
    Dimensions: [{ Name: "d", Value: "v" }],
    MeasureName: "m",
    MeasureValue: "1",
    MeasureValueType: "BIGINT" as const,
    Time: String(Date.now()),
  },
];
const takeToken = async () => {
  const { executionArn } = await operator.sfn.send(new StartExecutionCommand({ stateMachineArn: machine("asking") }));
  for (;;) {
    const { events } = await operator.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    const submitted = events?.find(({ type }) => type === "TaskSubmitted")?.taskSubmittedEventDetails?.output;
    if (submitted !== undefined) return JSON.parse(submitted).Payload as string;
  }
};

const CASES: Case[] = [
  {
    what: "GetItem",
    send: () => caller.dynamodb.send(new GetItemCommand({ TableName: "plain", Key: { id: text(OWN) } })),
    needs: [["dynamodb:GetItem", table("plain"), own]],
  },
  {
    what: "PutItem of a table under a key",
    send: () => caller.dynamodb.send(new PutItemCommand({ TableName: "sealed", Item: ITEM })),
    needs: [
      ["dynamodb:PutItem", table("sealed"), own],
      ["kms:Decrypt", () => tableKey, via("dynamodb")],
    ],
  },
  {
    what: "UpdateItem of a table under a key",
    send: () => {
      const update = { UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": text("b") } };
      return caller.dynamodb.send(new UpdateItemCommand({ TableName: "sealed", Key: { id: text(OWN) }, ...update }));
    },
    needs: [
      ["dynamodb:UpdateItem", table("sealed"), own],
      ["kms:Decrypt", () => tableKey, via("dynamodb")],
    ],
  },
  {
    what: "Query of a table",
    send: () => {
      const expression = { KeyConditionExpression: "#i = :i", ExpressionAttributeNames: { "#i": "id" } };
      const ExpressionAttributeValues = { ":i": text(OWN) };
      return caller.dynamodb.send(new QueryCommand({ TableName: "plain", ...expression, ExpressionAttributeValues }));
    },
    needs: [["dynamodb:Query", table("plain"), own]],
  },
  {
    what: "Query of an index",
    send: () => {
      const values = { ExpressionAttributeValues: { ":d": { N: "7" } } };
      const index = { TableName: "sealed", IndexName: "byDue", KeyConditionExpression: "due = :d", ...values };
      return caller.dynamodb.send(new QueryCommand(index));
    },
    needs: [
      ["dynamodb:Query", `${table("sealed")}/index/byDue`, leading("7")],
      ["kms:Decrypt", () => tableKey, via("dynamodb")],
    ],
  },
  {
    what: "DescribeTable, which needs no key",
    send: () => caller.dynamodb.send(new DescribeTableCommand({ TableName: "sealed" })),
    needs: [["dynamodb:DescribeTable", table("sealed")]],
  },
  {
    what: "Encrypt by alias",
    send: () =>
      caller.kms.send(new EncryptCommand({ KeyId: "alias/plain", Plaintext: Buffer.from("x"), EncryptionContext })),
    needs: [["kms:Encrypt", () => plainKey, named]],
  },
  {
    what: "Decrypt that names no key",
    send: () => caller.kms.send(new DecryptCommand({ CiphertextBlob: ciphertext, EncryptionContext })),
    needs: [["kms:Decrypt", () => plainKey, { StringEquals: { "kms:EncryptionContext:id": "a" } }]],
  },
  {
    what: "GenerateMac by ID",
    send: () => {
      const KeyId = macKey.split("/")[1];
      return caller.kms.send(
        new GenerateMacCommand({ KeyId, Message: Buffer.from("x"), MacAlgorithm: "HMAC_SHA_256" }),
      );
    },
    needs: [["kms:GenerateMac", () => macKey, { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } }]],
  },
  {
    what: "DescribeKey",
    send: () => caller.kms.send(new DescribeKeyCommand({ KeyId: plainKey })),
    needs: [["kms:DescribeKey", () => plainKey]],
  },
  {
    what: "Publish",
    send: () => caller.sns.send(new PublishCommand({ TopicArn: arnOf("sns", "plain"), Message: "x" })),
    needs: [["sns:Publish", arnOf("sns", "plain")]],
    codes: ["AuthorizationErrorException"],
  },
  {
    what: "Publish to a topic under a key",
    send: () => caller.sns.send(new PublishCommand({ TopicArn: arnOf("sns", "sealed"), Message: "x" })),
    needs: [
      ["sns:Publish", arnOf("sns", "sealed")],
      ["kms:GenerateDataKey", () => tableKey, via("sns")],
      ["kms:Decrypt", () => tableKey, via("sns")],
    ],
    codes: ["AuthorizationErrorException", "KMSAccessDeniedException", "KMSAccessDeniedException"],
  },
  {
    what: "PutEvents to two buses",
    send: () => caller.events.send(new PutEventsCommand({ Entries: [entry("own"), entry()] })),
    needs: [
      ["events:PutEvents", arnOf("events", "event-bus/own")],
      ["events:PutEvents", arnOf("events", "event-bus/default")],
    ],
  },
  {
    what: "SendCommand",
    send: () => caller.ssm.send(new SendCommandCommand({ DocumentName: "turn", InstanceIds: [CALLER] })),
    needs: [
      ["ssm:SendCommand", arnOf("ssm", "document/turn")],
      ["ssm:SendCommand", OWN, { StringEquals: { "ssm:resourceTag/team": "keys" } }],
      ["ssm:UpdateInstanceInformation", "*"],
    ],
    codes: ["AccessDeniedException", "AccessDeniedException", "InvalidInstanceId"],
  },
  {
    what: "GetCommandInvocation",
    send: () =>
      caller.ssm
        .send(
          new GetCommandInvocationCommand({ CommandId: "00000000-0000-0000-0000-000000000000", InstanceId: CALLER }),
        )
        .catch((error: Error) => {
          if (error.name !== "InvocationDoesNotExist") throw error;
        }),
    needs: [["ssm:GetCommandInvocation", "*"]],
  },
  {
    what: "DescribeInstances",
    send: () => caller.ec2.send(new DescribeInstancesCommand({})),
    needs: [["ec2:DescribeInstances", "*"]],
    codes: ["UnauthorizedOperation"],
  },
  {
    what: "StartExecution",
    send: () =>
      caller.sfn.send(new StartExecutionCommand({ stateMachineArn: machine("standard"), name: `${Math.random()}` })),
    needs: [["states:StartExecution", machine("standard")]],
  },
  {
    what: "StartSyncExecution",
    send: () => caller.sfn.send(new StartSyncExecutionCommand({ stateMachineArn: machine("express") })),
    needs: [["states:StartSyncExecution", machine("express")]],
  },
  {
    what: "DescribeExecution",
    send: async () => {
      const { executionArn } = await operator.sfn
        .send(new StartExecutionCommand({ stateMachineArn: machine("standard"), name: "described" }))
        .catch(() => ({ executionArn: arnOf("states", "execution:standard:described") }));
      return caller.sfn.send(new DescribeExecutionCommand({ executionArn }));
    },
    needs: [["states:DescribeExecution", arnOf("states", "execution:standard:described")]],
  },
  {
    what: "SendTaskSuccess",
    send: async () => {
      return caller.sfn.send(new SendTaskSuccessCommand({ taskToken: await takeToken(), output: "1" }));
    },
    needs: [["states:SendTaskSuccess", machine("asking")]],
  },
  {
    what: "SendTaskFailure",
    send: async () => {
      return caller.sfn.send(new SendTaskFailureCommand({ taskToken: await takeToken() }));
    },
    needs: [["states:SendTaskFailure", machine("asking")]],
  },
  {
    what: "a query of a time series",
    send: () => caller.select.send(new SelectCommand({ QueryString: 'SELECT count(*) FROM "proofs"."samples"' })),
    needs: [["timestream:Select", SERIES]],
  },
  {
    what: "WriteRecords",
    send: () =>
      caller.write.send(new WriteRecordsCommand({ DatabaseName: "proofs", TableName: "samples", Records: Records() })),
    needs: [["timestream:WriteRecords", SERIES]],
  },
  {
    what: "DescribeEndpoints",
    send: () => caller.write.send(new DescribeEndpointsCommand({})),
    needs: [["timestream:DescribeEndpoints", "*"]],
  },
  {
    what: "a function's URL",
    send: () => caller.call("POST", "/_function-url/echo/"),
    needs: [
      ["lambda:InvokeFunctionUrl", functionArn("echo"), { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } }],
      ["lambda:InvokeFunction", functionArn("echo"), { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }],
    ],
  },
  {
    what: "Invoke with a qualifier",
    send: () => caller.call("POST", "/2015-03-31/functions/echo/invocations?Qualifier=live"),
    needs: [["lambda:InvokeFunction", functionArn("echo:live"), { Bool: { "lambda:InvokedViaFunctionUrl": "false" } }]],
  },
];

test("a key whose policy names a role and not the account is that role's, whatever others may", async () => {
  const principal = { AWS: ["arn:aws:iam::000000000000:role/Caller"] };
  const statement = { Effect: "Allow", Principal: principal, Action: "kms:DescribeKey", Resource: "*" };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statement });
  const KeyId = (await operator.kms.send(new CreateKeyCommand({ Policy }))).KeyMetadata?.Arn ?? "";
  aws.roles.put({ name: "Caller", statements: [{ Effect: "Allow", Action: ["kms:Encrypt"], Resource: ["*"] }] });
  await caller.kms.send(new DescribeKeyCommand({ KeyId }));
  await expect(caller.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("because no resource-based policy allows the kms:Encrypt action"),
  });
});

test("a policy that cannot be enforced is not taken", async () => {
  const statement = {
    Effect: "Allow",
    Principal: "*",
    Action: "*",
    Resource: "*",
    Condition: { IpAddress: { a: "b" } },
  };
  const Policy = JSON.stringify({ Statement: [statement] });
  const why = { message: expect.stringContaining("it knows no condition operator IpAddress") };
  await expect(operator.kms.send(new CreateKeyCommand({ Policy }))).rejects.toMatchObject({
    ...{ name: "MalformedPolicyDocumentException", ...why },
  });
  const topic = new CreateTopicCommand({ Name: "odd", Attributes: { Policy } });
  await expect(operator.sns.send(topic)).rejects.toMatchObject({ name: "InvalidParameterException", ...why });
  expect(() => aws.events.putPolicy("own", [statement as never])).toThrow("the policy of the bus own");
  expect(() => aws.events.putPolicy("none", [])).toThrow("Event bus none does not exist.");
});

test("a table is under its key until it is deleted", async () => {
  aws.roles.put({ name: "Caller", statements: [{ Effect: "Allow", Action: ["dynamodb:*"], Resource: ["*"] }] });
  const get = () => caller.dynamodb.send(new GetItemCommand({ TableName: "passing", Key: { id: text("a") } }));
  const none = "alias/none";
  await expect(makeTable("passing", none)).rejects.toThrow(`${none} is not found`);
  await makeTable("passing", tableKey);
  await expect(get()).rejects.toThrow("kms:Decrypt");
  await operator.dynamodb.send(new DeleteTableCommand({ TableName: "passing" }));
  await makeTable("passing");
  await get();
});

test.each(CASES)("$what needs each of its rights, and no other", async ({ send, needs, codes }) => {
  const statements = needs.map(([action, resource, condition]) => ({
    Effect: "Allow" as const,
    Action: [action],
    Resource: [typeof resource === "string" ? resource : resource()],
    ...(condition && { Condition: condition }),
  }));
  const mayOnly = (rights: typeof statements) => aws.roles.put({ name: "Caller", statements: rights });
  mayOnly(statements);
  await send();
  const mine = checked.filter(({ principal }) => principal.arn.includes("assumed-role/Caller/"));
  const asked = new Set(mine.map(({ action, resource }) => `${action} on ${resource}`));
  const agent = /^(ssmmessages|ec2messages):/;
  expect([...asked].filter((one) => !agent.test(one)).sort()).toEqual(
    statements.map(({ Action: [action], Resource: [resource] }) => `${action} on ${resource}`).sort(),
  );
  for (const [index, missing] of statements.entries()) {
    mayOnly(statements.filter((statement) => statement !== missing));
    const error = await send().then(
      () => expect.fail(`done without ${missing.Action[0]} on ${missing.Resource[0]}`),
      (thrown: Error) => thrown,
    );
    expect(error.name).toBe(codes?.[index] ?? "AccessDeniedException");
    if (error.name === "InvalidInstanceId") continue;
    const prefix = error.name === "UnauthorizedOperation" ? "You are not authorized to perform this operation. " : "";
    expect(error.message).toBe(
      `${prefix}User: arn:aws:sts::000000000000:assumed-role/Caller/${CALLER} is not authorized to perform: ` +
        `${missing.Action[0]} on resource: ${missing.Resource[0]} because no identity-based policy allows the ${missing.Action[0]} action`,
    );
  }
});
