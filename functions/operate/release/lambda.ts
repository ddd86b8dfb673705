import { audit } from "../../clients/audit.dynamodb.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { release } from "./step.ts";

export const handler = lambdaOf(contract, release, { registry, audit });
