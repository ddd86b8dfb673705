import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { confirmSuccessor } from "./step.ts";

export const handler = lambdaOf(contract, confirmSuccessor, {});
