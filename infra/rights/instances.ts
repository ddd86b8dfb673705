import { STEPS } from "../../functions/steps.ts";
import { DYNAMODB } from "../../protocol/index.ts";
import type { Arns } from "./arns.ts";
import { allow, type Statement } from "./statement.ts";
import { READ_THROUGH, throughService, WRITE_THROUGH } from "./steps.ts";

/** What an instance may do: register through the URL, write its samples, fetch its ticket, be reached by SSM. */
export function instanceRights(arns: Arns): Statement[] {
  return [
    ...registering(arns),
    ...proving(arns, OWN_PARTITION),
    { Sid: "FetchOwnTicket", ...allow(["dynamodb:GetItem"], [arns.ticketTable], OWN_PARTITION) },
    throughService("dynamodb", arns, arns.series.dynamodb !== undefined ? WRITE_THROUGH : READ_THROUGH),
    ...consuming(arns),
    BEING_REACHED,
  ];
}

/** The partition key is the instance's own ARN, which AWS knows and nobody can claim. */
const OWN_PARTITION = ownPartition(DYNAMODB.ownPartitionKey);

/** One partition of a table, and no other. `ForAllValues` also holds where there is no value at all, hence the second condition. */
export function ownPartition(key: string): NonNullable<Statement["Condition"]> {
  return {
    "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": key },
    Null: { "dynamodb:LeadingKeys": "false" },
  };
}

/** Through the URL only: whoever could invoke the function otherwise could make up who calls. */
function registering(arns: Arns): Statement[] {
  const [register] = STEPS;
  const called = [arns.function(register)];
  return [
    {
      Sid: "Register",
      ...allow(["lambda:InvokeFunctionUrl"], called, { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } }),
    },
    {
      Sid: "RegisterThroughUrl",
      ...allow(["lambda:InvokeFunction"], called, { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
    },
  ];
}

/** In each store that there is: an agent that has not registered since `timeSeries` was changed writes to the former one. */
export function proving(
  { series: { timestream, dynamodb } }: Pick<Arns, "series">,
  own: NonNullable<Statement["Condition"]>,
): Statement[] {
  const inTimestream = (table: string): Statement[] => [
    { Sid: "WriteSamples", ...allow(["timestream:WriteRecords"], [table]) },
    { Sid: "FindTimestream", ...allow(["timestream:DescribeEndpoints"], ["*"]) },
  ];
  return [
    ...(timestream === undefined ? [] : inTimestream(timestream)),
    ...(dynamodb === undefined ? [] : [{ Sid: "WriteOwnSamples", ...allow(["dynamodb:PutItem"], [dynamodb], own) }]),
  ];
}

/** What DynamoDB does with the key of the table for whoever proves there. */
export function provingThroughKey(arns: Pick<Arns, "series" | "tableKey" | "service">): Statement[] {
  return arns.series.dynamodb === undefined ? [] : [throughService("dynamodb", arns, WRITE_THROUGH)];
}

/** What an application on an instance reads, where the settings say that instances may. */
function consuming({ instanceSecrets }: Arns): Statement[] {
  if (instanceSecrets.length === 0) return [];
  return [{ Sid: "ReadCredentials", ...allow(["secretsmanager:GetSecretValue"], [...instanceSecrets]) }];
}

/**
 * What the SSM agent does for Run Command, by whichever way it takes: it says that it is there, and has commands through
 * `ssmmessages` or, where it cannot, `ec2messages`. AWS's ready-made policy would also let it read every parameter.
 */
export const BEING_REACHED: Statement = {
  Sid: "BeReachedBySsm",
  ...allow(
    [
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
    ["*"],
  ),
};
