import { credentials } from "../../clients/credentials.dynamodb.ts";
import { executions } from "../../clients/executions.sfn.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { validateSecret } from "./step.ts";

export const handler = lambdaOf(contract, validateSecret, { secrets, credentials, executions });
