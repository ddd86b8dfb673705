import { audit } from "../../clients/audit.dynamodb.ts";
import { bus } from "../../clients/bus.eventbridge.ts";
import { credentials } from "../../clients/credentials.dynamodb.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { promoteSuccessor } from "./step.ts";

export const handler = lambdaOf(contract, promoteSuccessor, { secrets, credentials, audit, bus });
