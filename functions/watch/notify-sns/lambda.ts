import { bus } from "../../clients/bus.eventbridge.ts";
import { credentials } from "../../clients/credentials.dynamodb.ts";
import { executions } from "../../clients/executions.sfn.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { notifySns } from "./step.ts";

export const handler = lambdaOf(contract, notifySns, { registry, credentials, executions, findings, mail, bus });
