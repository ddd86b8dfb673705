import { arnOf, functionArn, type InstanceRole } from "embedded-aws";
import { functionNameOf, STEPS } from "../functions/steps.ts";
import { NAMES } from "../infra/wiring.ts";
import { DYNAMODB } from "../protocol/index.ts";

const [register] = STEPS;
const samples = arnOf("timestream", `database/${NAMES.timestreamDatabase}/table/${NAMES.timestreamTable}`);

/**
 * The role of the fleet's instances, and what it may do here: what infra/instance-rights.ts gives it on AWS, without what
 * the SSM agent and the installation need. Both time series are among it; on AWS it is the one that is set.
 */
export const FLEET_ROLE: InstanceRole = {
  name: NAMES.fleetRole,
  id: "AROAKEYTURNINSTANCE01",
  statements: [
    { Effect: "Allow", Action: ["lambda:InvokeFunctionUrl"], Resource: [functionArn(functionNameOf(register))] },
    { Effect: "Allow", Action: ["timestream:WriteRecords"], Resource: [samples] },
    { Effect: "Allow", Action: ["timestream:DescribeEndpoints"], Resource: ["*"] },
    {
      Effect: "Allow",
      Action: ["dynamodb:PutItem"],
      Resource: [arnOf("dynamodb", `table/${NAMES.seriesTable}`)],
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": DYNAMODB.ownPartitionKey } },
    },
  ],
};
