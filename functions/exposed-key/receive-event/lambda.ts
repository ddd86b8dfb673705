import { executions } from "../../clients/executions.sfn.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { receiveEvent } from "./step.ts";

export const handler = lambdaOf(contract, receiveEvent, { executions });
