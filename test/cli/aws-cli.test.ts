import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arnOf, functionArn } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { INSTANCE_TAG, NAMES } from "../../infra/wiring.ts";
import { flowArn, liveArn } from "../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";

/** Where Debian puts its awscli, whatever other `aws` there may be. */
const AWS = "/usr/bin/aws";
const isInstalled = existsSync(AWS);

let fleet: TestFleet;
let id: string;
let ec2InstanceId: string;
beforeAll(async () => {
  if (!isInstalled) return;
  fleet = await startTestFleet(1);
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  ({ id, ec2InstanceId } = record);
});
afterAll(() => fleet?.close());
beforeEach(({ skip }) => skip(!isInstalled, `Debian's awscli is not installed at ${AWS}`));

interface Ran {
  code: number;
  /** What it printed, read as JSON; of nothing, nothing. */
  json: unknown;
  error: string;
}

/** Runs the AWS CLI with nothing of this machine's own configuration. */
function aws(args: string[], keys: { accessKeyId: string; secretAccessKey: string } = fleet.aws.credentials) {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: fleet.folder,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_DEFAULT_REGION: fleet.aws.region,
    AWS_PAGER: "",
  };
  return new Promise<Ran>((resolve) => {
    const all = ["--endpoint-url", fleet.aws.endpoint, "--output", "json", ...args];
    execFile(AWS, all, { env }, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : 0;
      resolve({ code, json: out === "" ? undefined : JSON.parse(out), error: err.trim() });
    });
  });
}

/** The same, for commands that must succeed: what they print. */
async function answer(...args: string[]): Promise<unknown> {
  const { code, json, error } = await aws(args);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  return json;
}

const rotation = flowArn("rotation");

test("stepfunctions: what there is, a start, its history, and a stop", async () => {
  const [machines, machine] = await Promise.all([
    answer("stepfunctions", "list-state-machines"),
    answer("stepfunctions", "describe-state-machine", "--state-machine-arn", rotation),
  ]);
  const names = ["credential", "exposed-key", "fleet-rotation", "operate", "registration", "rotation", "watch"].map(
    (flow) => `keyturn-${flow}`,
  );
  expect(machines).toMatchObject({ stateMachines: names.map((name) => ({ name })) });
  expect(machine).toMatchObject({ name: "keyturn-rotation", type: "STANDARD", status: "ACTIVE" });

  const start = ["stepfunctions", "start-execution", "--state-machine-arn", liveArn("rotation")];
  await answer(...start, "--name", "by-cli", "--input", JSON.stringify({ id }));
  const executionArn = `${rotation.replace(":stateMachine:", ":execution:")}:by-cli`;
  expect(await fleet.ended(executionArn)).toMatchObject({ status: "SUCCEEDED" });
  const execution = ["--execution-arn", executionArn];
  const [list, described, history, stopped] = await Promise.all([
    answer("stepfunctions", "list-executions", "--state-machine-arn", rotation, "--status-filter", "SUCCEEDED"),
    answer("stepfunctions", "describe-execution", ...execution),
    answer("stepfunctions", "get-execution-history", ...execution, "--reverse-order", "--max-items", "1"),
    answer("stepfunctions", "stop-execution", ...execution),
  ]);
  expect(list).toMatchObject({ executions: [{ name: "by-cli", status: "SUCCEEDED" }] });
  expect(described).toMatchObject({ input: JSON.stringify({ id }), output: expect.stringContaining('"ROTATED"') });
  expect(history).toMatchObject({ events: [{ type: "ExecutionSucceeded" }], NextToken: expect.any(String) });
  expect(stopped).toEqual({ stopDate: expect.any(String) });
});

test("dynamodb: the tables, all records, one record", async () => {
  const table = ["--table-name", NAMES.instanceTable];
  const [tables, ids, record] = await Promise.all([
    answer("dynamodb", "list-tables"),
    answer("dynamodb", "scan", ...table, "--query", "Items[?ec2InstanceId].id.S"),
    answer("dynamodb", "get-item", ...table, "--key", JSON.stringify({ id: { S: id } })),
  ]);
  expect(tables).toMatchObject({ TableNames: expect.arrayContaining([NAMES.instanceTable]) });
  expect(ids).toEqual([id]);
  expect(record).toMatchObject({ Item: { ec2InstanceId: { S: ec2InstanceId }, status: { S: "ACTIVE" } } });
});

test("ssm: a command, the list of them, and what came of it", async () => {
  const target = ["--document-name", NAMES.pushDocument, "--instance-ids", ec2InstanceId];
  const sent = await answer("ssm", "send-command", ...target, "--comment", "by-cli");
  const { Command } = sent as { Command: { CommandId: string } };
  const one = ["--command-id", Command.CommandId];
  expect(await answer("ssm", "list-commands", ...one)).toMatchObject({
    Commands: [{ CommandId: Command.CommandId, Comment: "by-cli", InstanceIds: [ec2InstanceId] }],
  });
  const ended = await until(async () => {
    const invocation = await answer("ssm", "get-command-invocation", ...one, "--instance-id", ec2InstanceId);
    return ["Success", "Failed"].includes((invocation as { Status: string }).Status) && invocation;
  }, "the end of the command");
  const { StandardOutputContent } = ended as { StandardOutputContent: string };
  // No newer ticket lies for it: it answers for the key that it holds, or that it has never turned.
  const { receipt, refused } = JSON.parse(StandardOutputContent);
  expect(receipt ?? refused).toMatchObject({ id });
});

test("ssm and ec2: the tag by which commands find the instances", async () => {
  const tag = { Key: INSTANCE_TAG.key, Value: INSTANCE_TAG.value };
  expect(await answer("ec2", "describe-instances", "--query", "Reservations[].Instances[].Tags[]")).toEqual([tag]);
  const target = ["--targets", `Key=tag:${tag.Key},Values=${tag.Value}`];
  const sent = await answer("ssm", "send-command", "--document-name", NAMES.pushDocument, ...target);
  const { CommandId } = (sent as { Command: { CommandId: string } }).Command;
  const ids = "CommandInvocations[].InstanceId";
  const invocations = await answer(...["ssm", "list-command-invocations", "--command-id", CommandId, "--query", ids]);
  expect(invocations).toEqual([ec2InstanceId]);
});

test("ssm: what there is to send, and to whom", async () => {
  const [documents, instances] = await Promise.all([
    answer("ssm", "list-documents"),
    answer("ssm", "describe-instance-information"),
  ]);
  expect(documents).toMatchObject({ DocumentIdentifiers: [{ Name: NAMES.pushDocument, DocumentType: "Command" }] });
  expect(instances).toMatchObject({ InstanceInformationList: [{ InstanceId: ec2InstanceId, PingStatus: "Online" }] });
});

test("timestream-query: SELECT 1, and what an instance wrote", async () => {
  const samples = `"${NAMES.timestreamDatabase}"."${NAMES.timestreamTable}"`;
  const query =
    `SELECT time, generation, hash FROM ${samples} WHERE ec2InstanceId = '${ec2InstanceId}' AND id = '${id}' ` +
    "AND measure_name = 'sample' AND time >= from_milliseconds(0) ORDER BY time DESC LIMIT 1";
  const [one, newest] = await Promise.all([
    answer("timestream-query", "query", "--query-string", "SELECT 1"),
    answer("timestream-query", "query", "--query-string", query),
  ]);
  expect(one).toMatchObject({ Rows: [{ Data: [{ ScalarValue: "1" }] }] });
  expect(newest).toMatchObject({
    Rows: [{ Data: [{}, {}, { ScalarValue: expect.stringMatching(/^[0-9a-f]{64}$/) }] }],
    ColumnInfo: [{ Name: "time" }, { Name: "generation" }, { Name: "hash" }],
  });
});

test("events: the rules, and an event that turns a key", async () => {
  const before = await fleet.record(id);
  const entry = {
    EventBusName: NAMES.eventBus,
    Source: "on-call",
    DetailType: "Rotation Requested",
    Detail: JSON.stringify({ id }),
  };
  const [rules, own, put] = await Promise.all([
    answer("events", "list-rules", "--query", "Rules[].Name"),
    answer("events", "list-rules", "--event-bus-name", NAMES.eventBus, "--query", "Rules[].Name"),
    answer("events", "put-events", "--entries", JSON.stringify([entry])),
  ]);
  expect(rules).toContain("keyturn-schedule");
  expect(own).toContain("keyturn-rotation-requested");
  expect(put).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
  const isTurned = async () => (await fleet.record(id)).current.generation > before.current.generation;
  await until(isTurned, "the rotation that the event asks for");
});

test("sns: the topic, who gets its mail, and a mail", async () => {
  const topic = ["--topic-arn", arnOf("sns", NAMES.alertTopic)];
  const [topics, subscriptions, published] = await Promise.all([
    answer("sns", "list-topics"),
    answer("sns", "list-subscriptions-by-topic", ...topic),
    answer("sns", "publish", ...topic, "--subject", "by-cli", "--message", "hello"),
  ]);
  expect(topics).toEqual({ Topics: [{ TopicArn: topic[1] }] });
  expect(subscriptions).toMatchObject({ Subscriptions: [{ Protocol: "email" }] });
  expect(published).toEqual({ MessageId: expect.any(String) });
  await until(() => fleet.aws.inbox.list().some(({ subject }) => subject === "by-cli"), "the mail");
  const another = ["--protocol", "email", "--notification-endpoint", "another@example.com"];
  expect(await answer("sns", "subscribe", ...topic, ...another)).toEqual({ SubscriptionArn: "pending confirmation" });
});

test("kms: the key of the nonces", async () => {
  const described = await answer("kms", "describe-key", "--key-id", "alias/keyturn-nonces");
  expect(described).toMatchObject({ KeyMetadata: { KeySpec: "HMAC_256", Enabled: true } });
});

test("secretsmanager: a secret, its values, and who may read it", async () => {
  const secret = ["--secret-id", "by-cli"];
  await answer("secretsmanager", "create-secret", "--name", "by-cli", "--secret-string", "first");
  await answer("secretsmanager", "put-secret-value", ...secret, "--secret-string", "second");
  await answer("secretsmanager", "update-secret", ...secret, "--description", "of the team");
  const Principal = { AWS: "arn:aws:iam::000000000000:role/reader" };
  const statement = { Effect: "Allow", Principal, Action: "secretsmanager:GetSecretValue", Resource: "*" };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await answer("secretsmanager", "put-resource-policy", ...secret, "--resource-policy", policy);
  const [read, described, list, allowed, drawn] = await Promise.all([
    answer("secretsmanager", "get-secret-value", ...secret),
    answer("secretsmanager", "describe-secret", ...secret),
    answer("secretsmanager", "list-secrets", "--query", "SecretList[].Name"),
    answer("secretsmanager", "get-resource-policy", ...secret),
    answer("secretsmanager", "get-random-password", "--password-length", "41"),
  ]);
  expect(read).toMatchObject({ SecretString: "second" });
  expect(described).toMatchObject({ Description: "of the team" });
  expect(list).toContain("by-cli");
  expect(allowed).toMatchObject({ ResourcePolicy: policy });
  expect(drawn).toEqual({ RandomPassword: expect.stringMatching(/^.{41}$/) });
  await answer("secretsmanager", "delete-secret", ...secret, "--force-delete-without-recovery");
  expect((await aws(["secretsmanager", "describe-secret", ...secret])).error).toContain("(ResourceNotFoundException)");
});

test("secretsmanager: the rotation of a secret on demand, and its versions", async () => {
  const secret = ["--secret-id", "turned"];
  const made = await answer("secretsmanager", "create-secret", "--name", "turned", "--secret-string", "first");
  const { ARN, VersionId: first } = made as { ARN: string; VersionId: string };
  const permissions = [{ principal: "secretsmanager.amazonaws.com", sourceArn: ARN }];
  const modulePath = join(import.meta.dirname, "../flows/functions/idle.ts");
  fleet.aws.functions.define({ name: "idle", modulePath, permissions });
  const by = ["--rotation-lambda-arn", functionArn("idle"), "--rotation-rules", "AutomaticallyAfterDays=30"];
  const asked = await answer("secretsmanager", "rotate-secret", ...secret, ...by);
  const { VersionId: pending } = asked as { VersionId: string };
  expect(pending).not.toBe(first);
  expect(await answer("secretsmanager", "describe-secret", ...secret)).toMatchObject({
    ...{ RotationEnabled: true, RotationRules: { AutomaticallyAfterDays: 30 }, NextRotationDate: expect.anything() },
    VersionIdsToStages: { [first]: ["AWSCURRENT"], [pending]: ["AWSPENDING"] },
  });
  const again = await aws(["secretsmanager", "rotate-secret", ...secret]);
  expect(again.error).toContain("(InvalidRequestException)");
  await answer("secretsmanager", "cancel-rotate-secret", ...secret);
  const label = ["--version-stage", "AWSPENDING", "--remove-from-version-id", pending];
  await answer("secretsmanager", "update-secret-version-stage", ...secret, ...label);
  const stages = ["--query", "Versions[].VersionStages[]"];
  const left = await answer("secretsmanager", "list-secret-version-ids", ...secret, ...stages);
  expect(left).toEqual(["AWSCURRENT"]);
});

test("iam, sts and cloudtrail: a user, his key, and what was done with it", async () => {
  const user = ["--user-name", "by-cli"];
  const key = await answer("iam", "create-user", ...user).then(() => answer("iam", "create-access-key", ...user));
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = (
    key as { AccessKey: { AccessKeyId: string; SecretAccessKey: string } }
  ).AccessKey;
  const own = { accessKeyId, secretAccessKey };
  const Statement = { Effect: "Allow", Action: "iam:*", Resource: "*" };
  const document = { Version: "2012-10-17", Statement: [Statement] };
  const policy = [...user, "--policy-name", "may"];
  await answer("iam", "put-user-policy", ...policy, "--policy-document", JSON.stringify(document));
  const [asked, put, policies] = await Promise.all([
    aws(["iam", "get-user"], own),
    answer("iam", "get-user-policy", ...policy),
    answer("iam", "list-user-policies", ...user),
  ]);
  expect(asked.json).toMatchObject({ User: { UserName: "by-cli" } });
  expect(put).toMatchObject({ PolicyDocument: document });
  expect(policies).toMatchObject({ PolicyNames: ["may"] });
  await answer("iam", "update-access-key", ...user, "--access-key-id", accessKeyId, "--status", "Inactive");
  const [refused, found] = await Promise.all([
    aws(["sts", "get-session-token"], own),
    answer(
      ...["cloudtrail", "lookup-events", "--start-time", new Date(Date.now() - 3_600_000).toISOString()],
      ...["--lookup-attributes", `AttributeKey=AccessKeyId,AttributeValue=${accessKeyId}`],
      ...["--query", "Events[].EventName"],
    ),
    answer("iam", "get-user", ...user),
  ]);
  expect(refused.error).toContain("(InvalidClientTokenId)");
  expect(found).toEqual(["GetUser"]);
});

test("stepfunctions: AWS Health's event, pasted as an input, has the key in it shut", async () => {
  const user = ["--user-name", "pasted"];
  const made = await answer("iam", "create-user", ...user).then(() => answer("iam", "create-access-key", ...user));
  const { AccessKeyId } = (made as { AccessKey: { AccessKeyId: string } }).AccessKey;
  const file = join(fleet.folder, "health-event.json");
  const sample = readFileSync(new URL("../../events/samples/health-risk.json", import.meta.url), "utf8");
  writeFileSync(file, sample.replaceAll("AKIAIOSFODNN7EXAMPLE", AccessKeyId));
  const start = ["stepfunctions", "start-execution", "--state-machine-arn", liveArn("exposed-key")];
  await answer(...start, "--input", `file://${file}`);
  await until(
    async () => (await fleet.finding({ subject: AccessKeyId, cause: "AccessKeyExposed" }))?.toldAt,
    "the mail",
  );
  expect(await answer("iam", "list-access-keys", ...user)).toMatchObject({
    AccessKeyMetadata: [{ AccessKeyId, Status: "Inactive" }],
  });
});

test("wrong credentials are refused as AWS does", async () => {
  const { accessKeyId } = fleet.aws.credentials;
  const forger = { accessKeyId, secretAccessKey: "guessed" };
  const stranger = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "guessed" };
  const refusals = await Promise.all([
    aws(["stepfunctions", "list-state-machines"], forger),
    aws(["sns", "list-topics"], forger),
    aws(["kms", "list-aliases"], stranger),
    aws(["sns", "list-topics"], stranger),
  ]);
  const refused = (name: string, operation: string) => ({
    code: 254,
    json: undefined,
    error: expect.stringContaining(`An error occurred (${name}) when calling the ${operation} operation: `),
  });
  expect(refusals).toEqual([
    refused("InvalidSignatureException", "ListStateMachines"),
    refused("SignatureDoesNotMatch", "ListTopics"),
    refused("UnrecognizedClientException", "ListAliases"),
    refused("InvalidClientTokenId", "ListTopics"),
  ]);
});

test("what makes no sense, or is not known here, is refused as AWS does", async () => {
  const nowhere = `${rotation.replace(":stateMachine:", ":execution:")}:nowhere`;
  const refusals = await Promise.all([
    aws(["stepfunctions", "describe-execution", "--execution-arn", nowhere]),
    aws(["stepfunctions", "start-execution", "--state-machine-arn", rotation, "--input", "{"]),
    aws(["dynamodb", "get-item", "--table-name", "nowhere", "--key", '{"id":{"S":"x"}}']),
    aws(["timestream-query", "query", "--query-string", "SELECT FROM"]),
    aws(["stepfunctions", "list-activities"]),
    aws(["iam", "list-users"]),
  ]);
  expect(refusals.map(({ code, error }) => `${code} ${/\((\w+)\)/.exec(error)?.[1]}`)).toEqual([
    "254 ExecutionDoesNotExist",
    "254 InvalidExecutionInput",
    "254 ResourceNotFoundException",
    "254 ValidationException",
    "254 UnknownOperationException",
    "254 InvalidAction",
  ]);
});
