import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { IConstruct } from "constructs";
import { DYNAMODB } from "../protocol/index.ts";
import type { Data } from "./data.ts";
import { throughService, WRITE_THROUGH } from "./rights.ts";
import type { Settings } from "./settings.ts";

interface About {
  register: lambda.Function;
  data: Data;
  agent: Asset;
  timeSeries: Settings["timeSeries"];
}

/** What an instance may do: register through the URL, write its samples, be reached by SSM, fetch the agent. */
export function instanceRights(scope: IConstruct, about: About): iam.PolicyStatement[] {
  return [
    ...registering(about.register),
    ...proving(scope, about),
    beingReached(),
    fetchingTheAgent(scope, about.agent),
  ];
}

/** Through the URL only: whoever could invoke the function otherwise could make up who calls. */
function registering(register: lambda.Function): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      sid: "Register",
      actions: ["lambda:InvokeFunctionUrl"],
      resources: [register.functionArn],
      conditions: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
    }),
    new iam.PolicyStatement({
      sid: "RegisterThroughUrl",
      actions: ["lambda:InvokeFunction"],
      resources: [register.functionArn],
      conditions: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
    }),
  ];
}

function proving(scope: IConstruct, { data, timeSeries }: About): iam.PolicyStatement[] {
  if (timeSeries === "timestream") {
    return [
      new iam.PolicyStatement({
        sid: "WriteSamples",
        actions: ["timestream:WriteRecords"],
        resources: [data.seriesArn],
      }),
      new iam.PolicyStatement({
        sid: "FindTimestream",
        actions: ["timestream:DescribeEndpoints"],
        resources: ["*"],
      }),
    ];
  }
  return [
    new iam.PolicyStatement({
      sid: "WriteOwnSamples",
      actions: ["dynamodb:PutItem"],
      resources: [data.seriesArn],
      // The partition key is the instance's own ARN, which AWS knows and nobody can claim.
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": DYNAMODB.ownPartitionKey } },
    }),
    throughService(scope, "dynamodb", data, WRITE_THROUGH),
  ];
}

/** What the SSM agent needs for Run Command; AWS's ready-made policy would also let it read every parameter. */
function beingReached(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: "BeReachedBySsm",
    actions: [
      "ssm:UpdateInstanceInformation",
      "ssm:ListAssociations",
      "ssm:ListInstanceAssociations",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
      "ec2messages:AcknowledgeMessage",
      "ec2messages:DeleteMessage",
      "ec2messages:FailMessage",
      "ec2messages:GetEndpoint",
      "ec2messages:GetMessages",
      "ec2messages:SendReply",
    ],
    resources: ["*"],
  });
}

function fetchingTheAgent(scope: IConstruct, agent: Asset): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: "FetchAgent",
    actions: ["s3:GetObject"],
    resources: [`arn:${Stack.of(scope).partition}:s3:::${agent.s3BucketName}/${agent.s3ObjectKey}`],
  });
}
