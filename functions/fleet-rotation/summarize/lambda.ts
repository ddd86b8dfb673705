import { bus } from "../../clients/bus.eventbridge.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { summarize } from "./step.ts";

export const handler = lambdaOf(contract, summarize, { findings, mail, bus });
