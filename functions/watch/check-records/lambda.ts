import { bus } from "../../clients/bus.eventbridge.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { timeSeries } from "../../clients/time-series.chosen.ts";
import { vault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { checkRecords } from "./step.ts";

export const handler = lambdaOf(contract, checkRecords, { registry, timeSeries, vault, findings, mail, bus });
