import { registrations } from "../../clients/registrations.sfn.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { register } from "./step.ts";

export const handler = lambdaOf(contract, register, { registrations });
