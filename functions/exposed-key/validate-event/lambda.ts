import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { validateEvent } from "./step.ts";

export const handler = lambdaOf(contract, validateEvent, {});
