import { audit } from "../../clients/audit.dynamodb.ts";
import { bus } from "../../clients/bus.eventbridge.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { notifySns } from "./step.ts";

export const handler = lambdaOf(contract, notifySns, { audit, findings, mail, bus });
