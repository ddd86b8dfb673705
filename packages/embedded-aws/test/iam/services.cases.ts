import {
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, GenerateMacCommand } from "@aws-sdk/client-kms";
import {
  CreateStateMachineAliasCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  UpdateStateMachineAliasCommand,
} from "@aws-sdk/client-sfn";
import { GetCommandInvocationCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import { QueryCommand as SelectCommand } from "@aws-sdk/client-timestream-query";
import { DescribeEndpointsCommand, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import type { Condition } from "../../src/iam/condition.ts";
import { arnOf, functionArn } from "../../src/index.ts";

import {
  CALLER,
  caller,
  ciphertext,
  machine,
  macKey,
  OWN,
  operator,
  plainKey,
  SERIES,
  table,
  tableKey,
} from "./services.world.ts";

/** An action on a resource, as it must be given, with the condition that must hold. */
type Need = [action: string, resource: string | (() => string), condition?: Condition];

export interface Case {
  what: string;
  send: () => Promise<unknown>;
  needs: Need[];
  /** The code of the denial of each, where it is not AccessDeniedException. */
  codes?: string[];
}

const LIVE = `${machine("standard")}:live`;
const FIRST = [{ stateMachineVersionArn: `${machine("standard")}:1`, weight: 100 }];
const text = (value: string) => ({ S: value });
const ITEM = { id: text(OWN), due: { N: "7" } };
export const via = (service: string): Condition => ({
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

export const CASES: Case[] = [
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
    what: "GetSchedule",
    send: () => caller.call("GET", "/schedules/nightly", "scheduler"),
    needs: [["scheduler:GetSchedule", arnOf("scheduler", "schedule/default/nightly")]],
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
    what: "StartExecution by alias",
    send: () => caller.sfn.send(new StartExecutionCommand({ stateMachineArn: LIVE })),
    needs: [["states:StartExecution", machine("standard")]],
  },
  {
    what: "CreateStateMachineAlias",
    send: () => caller.sfn.send(new CreateStateMachineAliasCommand({ name: "live", routingConfiguration: FIRST })),
    needs: [["states:CreateStateMachineAlias", machine("standard")]],
  },
  {
    what: "UpdateStateMachineAlias",
    send: () => caller.sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn: LIVE, description: "" })),
    needs: [["states:UpdateStateMachineAlias", machine("standard")]],
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
];
