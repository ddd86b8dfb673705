import { executions } from "../../clients/executions.sfn.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { rotate } from "./step.ts";

export const handler = lambdaOf(contract, rotate, { secrets, executions });
