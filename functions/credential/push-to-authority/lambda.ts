import { authorities } from "../../clients/authorities.chosen.ts";
import { credentials } from "../../clients/credentials.dynamodb.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { pushToAuthority } from "./step.ts";

export const handler = lambdaOf(contract, pushToAuthority, { secrets, credentials, authorities });
