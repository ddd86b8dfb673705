import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { deriveSuccessor } from "./step.ts";

export const handler = lambdaOf(contract, deriveSuccessor, { secrets });
