import { ACCOUNT, arnOf, REGION } from "../place.ts";
import { Refusal } from "./refusals.ts";
import type { Principal } from "./service.ts";

/** The DynamoDB table for samples, where instances may put items of their own partition. */
export interface SeriesTable {
  name: string;
  /** The attribute that holds the instance's ARN. */
  partitionKey: string;
}

export interface Call {
  /** Signing name and operation, e.g. `timestream` and `WriteRecords`. */
  service: string;
  operation: string;
  body: Buffer;
}

/**
 * What the fleet's role allows on AWS: prove oneself and call function URLs. Everyone else may do everything: the roles
 * of the functions are not modelled here.
 *
 * @throws Refusal denied
 */
export function checkPermission(principal: Principal, call: Call, series: SeriesTable | undefined): void {
  if (principal.kind !== "instance") return;
  const action = `${call.service}:${call.operation}`;
  switch (action) {
    case "lambda:InvokeFunctionUrl":
    case "timestream:WriteRecords":
    case "timestream:DescribeEndpoints":
      return;
    case "dynamodb:PutItem":
      if (series !== undefined && isOwnSample(principal, call.body, series)) return;
  }
  throw new Refusal(
    "denied",
    `User: ${principal.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
  );
}

/** AWS's condition `dynamodb:LeadingKeys` = `${ec2:SourceInstanceARN}`. */
function isOwnSample(principal: Principal, body: Buffer, series: SeriesTable): boolean {
  const instance = principal.arn.split("/").at(-1) ?? "";
  const own = `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instance}`;
  let put: { TableName?: unknown; Item?: Record<string, { S?: unknown } | undefined> };
  try {
    put = JSON.parse(body.toString());
  } catch {
    // What cannot be read cannot be a sample of one's own.
    return false;
  }
  const table = put.TableName === series.name || put.TableName === arnOf("dynamodb", `table/${series.name}`);
  return table && put.Item?.[series.partitionKey]?.S === own;
}
