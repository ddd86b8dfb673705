import { authorities } from "../../clients/authorities.chosen.ts";
import { credentials } from "../../clients/credentials.dynamodb.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { uses } from "../../clients/uses.chosen.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { readCredentials } from "./step.ts";

export const handler = lambdaOf(contract, readCredentials, { secrets, credentials, uses, authorities });
