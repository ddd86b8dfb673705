import { audit } from "../../clients/audit.dynamodb.ts";
import { authorities } from "../../clients/authorities.chosen.ts";
import { credentials } from "../../clients/credentials.dynamodb.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { retirePredecessor } from "./step.ts";

export const handler = lambdaOf(contract, retirePredecessor, { secrets, credentials, audit, authorities });
