import { audit } from "../../clients/audit.dynamodb.ts";
import { bus } from "../../clients/bus.eventbridge.ts";
import { credentials } from "../../clients/credentials.dynamodb.ts";
import { executions } from "../../clients/executions.sfn.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { secrets } from "../../clients/secrets.secretsmanager.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { lookAtCredentials } from "./step.ts";

export const handler = lambdaOf(contract, lookAtCredentials, {
  secrets,
  credentials,
  audit,
  executions,
  findings,
  mail,
  bus,
});
