import { bus } from "../../clients/bus.eventbridge.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { followExecution } from "./step.ts";

export const handler = lambdaOf(contract, followExecution, { registry, findings, mail, bus });
