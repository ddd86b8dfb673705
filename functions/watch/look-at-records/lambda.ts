import { audit } from "../../clients/audit.dynamodb.ts";
import { bus } from "../../clients/bus.eventbridge.ts";
import { executions } from "../../clients/executions.sfn.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { hosts } from "../../clients/hosts.ec2.ts";
import { mail } from "../../clients/mail.sns.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { timeSeries } from "../../clients/time-series.chosen.ts";
import { vault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { lookAtRecords } from "./step.ts";

const makers = { registry, timeSeries, vault, hosts, executions, audit, findings, mail, bus };
export const handler = lambdaOf(contract, lookAtRecords, makers);
