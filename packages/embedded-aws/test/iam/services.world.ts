import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { CreateAliasCommand, CreateKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  PublishStateMachineVersionCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import {
  CreateDatabaseCommand,
  CreateTableCommand as CreateSeriesCommand,
  TimestreamWriteClient,
} from "@aws-sdk/client-timestream-write";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { ACCOUNT, type AuthorizationRecord, arnOf, type EmbeddedAws, functionArn, startAws } from "../../src/index.ts";

// A role is tried as an instance has it: whatever signs with it is held to the same.
export const CALLER = "i-00000000000000001";
export const OWN = arnOf("ec2", `instance/${CALLER}`);
export const table = (name: string) => arnOf("dynamodb", `table/${name}`);
export const machine = (name: string) => arnOf("states", `stateMachine:${name}`);
export const SERIES = arnOf("timestream", "database/proofs/table/samples");

export let aws: EmbeddedAws;
export let operator: Clients;
export let caller: Clients;
export let plainKey = "";
export let macKey = "";
export let tableKey = "";
export let ciphertext: Uint8Array;
export let plainSecret = "";
export let sealedSecret = "";
export const checked: AuthorizationRecord[] = [];
export const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));

type Clients = ReturnType<typeof clientsWith>;
function clientsWith(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  const config = { endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 };
  return {
    dynamodb: new DynamoDBClient(config),
    ec2: new EC2Client(config),
    events: new EventBridgeClient(config),
    kms: new KMSClient(config),
    secrets: new SecretsManagerClient(config),
    sfn: new SFNClient({ ...config, disableHostPrefix: true }),
    sns: new SNSClient(config),
    ssm: new SSMClient(config),
    select: new TimestreamQueryClient(config),
    write: new TimestreamWriteClient(config),
    call: async (method: string, path: string, service = "lambda") => {
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
      const signer = new SignatureV4({ service, region: aws.region, credentials, sha256 });
      const query = Object.fromEntries(url.searchParams);
      const body = method === "GET" ? "" : "{}";
      const request = { method, path: url.pathname, query, headers: { host: url.host }, body };
      const { headers } = await signer.sign(new HttpRequest(request));
      const response = await fetch(url, { method, headers, ...(body !== "" && { body }) });
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
  const secretsManager = { principal: "secretsmanager.amazonaws.com", sourceAccount: ACCOUNT };
  aws.functions.define({ name: "echo", modulePath: join(folder, "echo.mjs"), permissions: [secretsManager] });
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
  const newSecret = async (Name: string, KmsKeyId?: string) => {
    const asked = { Name, SecretString: "s", ...(KmsKeyId && { KmsKeyId }) };
    return (await operator.secrets.send(new CreateSecretCommand(asked))).ARN ?? "";
  };
  plainSecret = await newSecret("plain");
  sealedSecret = await newSecret("sealed", tableKey);
  await makeTable("plain");
  await makeTable("sealed", tableKey);
  await operator.events.send(new CreateEventBusCommand({ Name: "own" }));
  await operator.events.send(new PutRuleCommand({ Name: "nightly", ScheduleExpression: "rate(1 day)" }));
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
  const stateMachineArn = machine("standard");
  await operator.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  const routingConfiguration = [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }];
  await operator.sfn.send(new CreateStateMachineAliasCommand({ name: "live", routingConfiguration }));
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
export function makeTable(TableName: string, KMSMasterKeyId?: string): Promise<unknown> {
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
