import { trail } from "../../clients/trail.cloudtrail.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { lookUpUse } from "./step.ts";

export const handler = lambdaOf(contract, lookUpUse, { trail });
