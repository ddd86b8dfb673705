import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { dropPending } from "./step.ts";

export const handler = lambdaOf(contract, dropPending, { secrets });
