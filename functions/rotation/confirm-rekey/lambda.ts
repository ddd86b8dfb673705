import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { confirmRekey } from "./step.ts";

export const handler = lambdaOf(contract, confirmRekey, { registry });
