import { audit } from "../../clients/audit.dynamodb.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { quarantine } from "./step.ts";

export const handler = lambdaOf(contract, quarantine, { registry, audit });
