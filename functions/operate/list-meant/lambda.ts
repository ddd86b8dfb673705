import { findings } from "../../clients/findings.dynamodb.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { listMeant } from "./step.ts";

export const handler = lambdaOf(contract, listMeant, { registry, findings });
