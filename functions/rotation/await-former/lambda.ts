import { bus } from "../../clients/bus.eventbridge.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { hosts } from "../../clients/hosts.ec2.ts";
import { mail } from "../../clients/mail.sns.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { timeSeries } from "../../clients/time-series.chosen.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { awaitFormer } from "./step.ts";

export const handler = lambdaOf(contract, awaitFormer, { registry, timeSeries, hosts, findings, mail, bus });
