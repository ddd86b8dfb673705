import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { validateId } from "./step.ts";

export const handler = lambdaOf(contract, validateId, { registry });
