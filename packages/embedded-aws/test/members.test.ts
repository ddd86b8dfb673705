import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as secretsmanager from "@aws-sdk/client-secrets-manager";
import * as states from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import * as query from "@aws-sdk/client-timestream-query";
import * as write from "@aws-sdk/client-timestream-write";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedAws, startAws } from "../src/index.ts";
import { type Kind, type Shape, samples } from "./model.ts";

const CLIENTS = {
  states: [states, "SFNClient"],
  dynamodb: [dynamodb, "DynamoDBClient"],
  timestream: [write, "TimestreamWriteClient"],
  "timestream query": [query, "TimestreamQueryClient"],
  kms: [kms, "KMSClient"],
  ssm: [ssm, "SSMClient"],
  events: [events, "EventBridgeClient"],
  sns: [sns, "SNSClient"],
  ec2: [ec2, "EC2Client"],
  secretsmanager: [secretsmanager, "SecretsManagerClient"],
  iam: [iam, "IAMClient"],
  sts: [sts, "STSClient"],
  cloudtrail: [cloudtrail, "CloudTrailClient"],
} as const;

const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
let aws: EmbeddedAws;
beforeAll(async () => {
  aws = await startAws({ folder });
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

type Refusal = Error & { $metadata?: { httpStatusCode?: number } };
/** How the services say that they do not know a parameter: EC2 names it as it is called on the wire. */
const UNKNOWN =
  /does not know (the member \w+|DynamoDB's parameter '\w+')\.|Unrecognized key|The parameter \w+ is not recognized/;

interface Command {
  schema: Kind;
}
interface Client {
  send(command: Command): Promise<unknown>;
}

/** The members of an operation's input that are taken: not refused as unknown, whatever else may be wrong with them. */
async function taken(service: keyof typeof CLIENTS, operation: string): Promise<string[]> {
  const [sdk, name] = CLIENTS[service];
  const made = sdk as unknown as Record<string, new (input: unknown) => Client & Command>;
  const { endpoint, region, credentials } = aws;
  const client = new (made[name] as never as new (config: object) => Client)({
    ...{ endpoint, region, credentials, disableHostPrefix: true, maxAttempts: 1 },
  });
  const asked = made[`${operation}Command`] as new (input: unknown) => Command;
  const members = samples(new asked({}).schema[4] as Shape);
  const found: string[] = [];
  for (const [path, input] of members) {
    const error = await client.send(new asked(input)).then(
      () => undefined,
      (refusal: Refusal) => refusal,
    );
    // What the SDK itself refuses never gets here.
    const isSent = error === undefined || error.$metadata?.httpStatusCode !== undefined;
    if (isSent && !UNKNOWN.test(error?.message ?? "")) found.push(path);
  }
  return found;
}

/** What each operation acts upon: a member that is taken and stands neither here nor in the README is ignored. */
const ACTED_UPON: [service: keyof typeof CLIENTS, operation: string, members: string][] = [
  ["states", "CreateStateMachine", "definition name publish roleArn type"],
  ["states", "UpdateStateMachine", "definition publish roleArn stateMachineArn"],
  ["states", "DescribeStateMachine", "stateMachineArn"],
  ["states", "DescribeStateMachineForExecution", "executionArn"],
  ["states", "ListStateMachines", "maxResults nextToken"],
  ["states", "PublishStateMachineVersion", "description revisionId stateMachineArn"],
  ["states", "ListStateMachineVersions", "maxResults nextToken stateMachineArn"],
  [
    "states",
    "CreateStateMachineAlias",
    "description name routingConfiguration.stateMachineVersionArn routingConfiguration.weight",
  ],
  [
    "states",
    "UpdateStateMachineAlias",
    "description routingConfiguration.stateMachineVersionArn routingConfiguration.weight stateMachineAliasArn",
  ],
  ["states", "StartExecution", "input name stateMachineArn"],
  ["states", "StartSyncExecution", "input name stateMachineArn"],
  ["states", "StopExecution", "cause error executionArn"],
  ["states", "DescribeExecution", "executionArn"],
  ["states", "ListExecutions", "mapRunArn maxResults nextToken stateMachineArn statusFilter"],
  ["states", "GetExecutionHistory", "executionArn includeExecutionData maxResults nextToken reverseOrder"],
  ["states", "SendTaskSuccess", "output taskToken"],
  ["states", "SendTaskFailure", "cause error taskToken"],
  [
    "dynamodb",
    "CreateTable",
    "AttributeDefinitions.AttributeName AttributeDefinitions.AttributeType GlobalSecondaryIndexes.IndexName GlobalSecondaryIndexes.KeySchema.AttributeName GlobalSecondaryIndexes.KeySchema.KeyType GlobalSecondaryIndexes.Projection.NonKeyAttributes GlobalSecondaryIndexes.Projection.ProjectionType KeySchema.AttributeName KeySchema.KeyType LocalSecondaryIndexes.IndexName LocalSecondaryIndexes.KeySchema.AttributeName LocalSecondaryIndexes.KeySchema.KeyType LocalSecondaryIndexes.Projection.NonKeyAttributes LocalSecondaryIndexes.Projection.ProjectionType TableName",
  ],
  ["dynamodb", "UpdateTable", "TableName"],
  ["dynamodb", "DeleteTable", "TableName"],
  ["dynamodb", "DescribeTable", "TableName"],
  ["dynamodb", "ListTables", "ExclusiveStartTableName Limit"],
  [
    "dynamodb",
    "GetItem",
    "AttributesToGet ConsistentRead ExpressionAttributeNames Key ProjectionExpression ReturnConsumedCapacity TableName",
  ],
  [
    "dynamodb",
    "PutItem",
    "ConditionExpression ConditionalOperator Expected.AttributeValueList Expected.ComparisonOperator Expected.Exists Expected.Value ExpressionAttributeNames ExpressionAttributeValues Item ReturnConsumedCapacity ReturnValues TableName",
  ],
  [
    "dynamodb",
    "UpdateItem",
    "AttributeUpdates.Action AttributeUpdates.Value ConditionExpression ConditionalOperator Expected.AttributeValueList Expected.ComparisonOperator Expected.Exists Expected.Value ExpressionAttributeNames ExpressionAttributeValues Key ReturnConsumedCapacity ReturnValues TableName UpdateExpression",
  ],
  [
    "dynamodb",
    "Query",
    "AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression IndexName KeyConditionExpression KeyConditions.AttributeValueList KeyConditions.ComparisonOperator Limit ProjectionExpression QueryFilter.AttributeValueList QueryFilter.ComparisonOperator ReturnConsumedCapacity ScanIndexForward Select TableName",
  ],
  [
    "dynamodb",
    "Scan",
    "AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression IndexName Limit ProjectionExpression ReturnConsumedCapacity ScanFilter.AttributeValueList ScanFilter.ComparisonOperator Segment Select TableName TotalSegments",
  ],
  ["timestream", "CreateDatabase", "DatabaseName"],
  ["timestream", "CreateTable", "DatabaseName TableName"],
  [
    "timestream",
    "WriteRecords",
    "CommonAttributes.Dimensions.DimensionValueType CommonAttributes.Dimensions.Name CommonAttributes.Dimensions.Value CommonAttributes.MeasureName CommonAttributes.MeasureValue CommonAttributes.MeasureValueType CommonAttributes.MeasureValues.Name CommonAttributes.MeasureValues.Type CommonAttributes.MeasureValues.Value CommonAttributes.Time CommonAttributes.TimeUnit CommonAttributes.Version DatabaseName Records.Dimensions.DimensionValueType Records.Dimensions.Name Records.Dimensions.Value Records.MeasureName Records.MeasureValue Records.MeasureValueType Records.MeasureValues.Name Records.MeasureValues.Type Records.MeasureValues.Value Records.Time Records.TimeUnit Records.Version TableName",
  ],
  ["timestream query", "Query", "MaxRows NextToken QueryString"],
  ["kms", "CreateKey", "Description KeySpec KeyUsage Policy"],
  ["kms", "CreateAlias", "AliasName TargetKeyId"],
  ["kms", "ListKeys", ""],
  ["kms", "DescribeKey", "KeyId"],
  ["kms", "Encrypt", "EncryptionAlgorithm EncryptionContext KeyId Plaintext"],
  ["kms", "Decrypt", "CiphertextBlob EncryptionAlgorithm EncryptionContext KeyId"],
  ["kms", "GenerateMac", "KeyId MacAlgorithm Message"],
  [
    "ssm",
    "SendCommand",
    "Comment DocumentName DocumentVersion InstanceIds MaxConcurrency MaxErrors Parameters Targets.Key Targets.Values TimeoutSeconds",
  ],
  ["ssm", "ListCommands", "CommandId InstanceId MaxResults NextToken"],
  ["ssm", "ListCommandInvocations", "CommandId Details Filters.key Filters.value InstanceId MaxResults NextToken"],
  ["ssm", "GetCommandInvocation", "CommandId InstanceId PluginName"],
  ["ssm", "DescribeInstanceInformation", "Filters.Key Filters.Values"],
  ["ssm", "ListDocuments", "Filters.Key Filters.Values"],
  ["events", "CreateEventBus", "Name"],
  ["events", "PutRule", "Description EventBusName EventPattern Name ScheduleExpression State"],
  ["events", "ListRules", "EventBusName NamePrefix"],
  [
    "events",
    "PutTargets",
    "EventBusName Rule Targets.Arn Targets.DeadLetterConfig.Arn Targets.Id Targets.Input Targets.InputPath Targets.InputTransformer.InputPathsMap Targets.InputTransformer.InputTemplate Targets.RetryPolicy.MaximumEventAgeInSeconds Targets.RetryPolicy.MaximumRetryAttempts Targets.RoleArn",
  ],
  [
    "events",
    "PutEvents",
    "Entries.Detail Entries.DetailType Entries.EventBusName Entries.Resources Entries.Source Entries.Time",
  ],
  ["sns", "CreateTopic", "Name"],
  ["sns", "ListTopics", "NextToken"],
  ["sns", "Subscribe", "Endpoint Protocol ReturnSubscriptionArn TopicArn"],
  ["sns", "ConfirmSubscription", "Token TopicArn"],
  ["sns", "ListSubscriptionsByTopic", "NextToken TopicArn"],
  ["sns", "Publish", "Message Subject TopicArn"],
  ["ec2", "RunInstances", "MaxCount"],
  ["ec2", "DescribeInstances", "Filters.Name Filters.Values InstanceIds MaxResults NextToken"],
  ["ec2", "StartInstances", "InstanceIds"],
  ["ec2", "StopInstances", "InstanceIds"],
  ["ec2", "TerminateInstances", "InstanceIds"],
  ["secretsmanager", "CreateSecret", "ClientRequestToken Description KmsKeyId Name SecretBinary SecretString"],
  ["secretsmanager", "DescribeSecret", "SecretId"],
  ["secretsmanager", "ListSecrets", "Filters.Key Filters.Values IncludePlannedDeletion MaxResults NextToken"],
  ["secretsmanager", "ListSecretVersionIds", "IncludeDeprecated MaxResults NextToken SecretId"],
  ["secretsmanager", "GetResourcePolicy", "SecretId"],
  ["secretsmanager", "PutResourcePolicy", "BlockPublicPolicy ResourcePolicy SecretId"],
  ["secretsmanager", "GetSecretValue", "SecretId VersionId VersionStage"],
  ["secretsmanager", "PutSecretValue", "ClientRequestToken SecretBinary SecretId SecretString VersionStages"],
  ["secretsmanager", "UpdateSecretVersionStage", "MoveToVersionId RemoveFromVersionId SecretId VersionStage"],
  [
    "secretsmanager",
    "RotateSecret",
    "ClientRequestToken RotateImmediately RotationLambdaARN RotationRules.AutomaticallyAfterDays RotationRules.Duration RotationRules.ScheduleExpression SecretId",
  ],
  ["secretsmanager", "CancelRotateSecret", "SecretId"],
  [
    "secretsmanager",
    "GetRandomPassword",
    "ExcludeCharacters ExcludeLowercase ExcludeNumbers ExcludePunctuation ExcludeUppercase IncludeSpace PasswordLength RequireEachIncludedType",
  ],
  ["secretsmanager", "DeleteSecret", "ForceDeleteWithoutRecovery RecoveryWindowInDays SecretId"],
  ["iam", "CreateUser", "UserName"],
  ["iam", "GetUser", "UserName"],
  ["iam", "DeleteUser", "UserName"],
  ["iam", "CreateAccessKey", "UserName"],
  ["iam", "ListAccessKeys", "Marker MaxItems UserName"],
  ["iam", "UpdateAccessKey", "AccessKeyId Status UserName"],
  ["iam", "DeleteAccessKey", "AccessKeyId UserName"],
  ["iam", "GetAccessKeyLastUsed", "AccessKeyId"],
  ["iam", "PutUserPolicy", "PolicyDocument PolicyName UserName"],
  ["iam", "GetUserPolicy", "PolicyName UserName"],
  ["iam", "ListUserPolicies", "Marker MaxItems UserName"],
  ["iam", "DeleteUserPolicy", "PolicyName UserName"],
  ["iam", "AttachUserPolicy", "PolicyArn UserName"],
  ["iam", "ListAttachedUserPolicies", "Marker MaxItems UserName"],
  ["iam", "DetachUserPolicy", "PolicyArn UserName"],
  ["sts", "GetSessionToken", "DurationSeconds"],
  ["sts", "GetAccessKeyInfo", "AccessKeyId"],
  [
    "cloudtrail",
    "LookupEvents",
    "EndTime LookupAttributes.AttributeKey LookupAttributes.AttributeValue MaxResults NextToken StartTime",
  ],
  ["secretsmanager", "UpdateSecret", "ClientRequestToken Description KmsKeyId SecretBinary SecretId SecretString"],
];

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const CHANGES_NOTHING = [...README.matchAll(/^\| ((?:`[a-z0-9]+\.[A-Z][\w.]+` ?)+)\|/gm)].flatMap(([, names = ""]) =>
  [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
);

test("each operation of the README is looked at", () => {
  const rows = [...README.matchAll(/^\| `([a-z0-9]+)` \| ((?:`\w+` ?)+)\|$/gm)];
  const named = rows.flatMap(([, service = "", names = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, operation]) => `${service}.${operation}`),
  );
  const looked = ACTED_UPON.map(([service, operation]) => `${service.split(" ")[0]}.${operation}`);
  // Their clients are not here, and DescribeEndpoints takes nothing.
  const others = named.filter((name) => !looked.includes(name));
  expect(others).toEqual([
    "lambda.Invoke",
    "lambda.InvokeFunctionUrl",
    "timestream.DescribeEndpoints",
    "scheduler.GetSchedule",
    "logs.FilterLogEvents",
    "sts.GetCallerIdentity",
  ]);
});

test.each(ACTED_UPON)(
  "%s %s ignores no parameter of the SDK's model without a word",
  async (service, operation, members) => {
    const prefix = `${service.split(" ")[0]}.${operation}.`;
    const may = CHANGES_NOTHING.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    const isOf = (name: string) => (path: string) => path === name || path.startsWith(`${name}.`);
    const found = await taken(service, operation);
    expect(may.filter((name) => !found.some(isOf(name)))).toEqual([]);
    expect(found.filter((path) => !may.some((name) => isOf(name)(path))).sort()).toEqual(
      members === "" ? [] : members.split(" "),
    );
  },
);
