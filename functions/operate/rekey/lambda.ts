import { audit } from "../../clients/audit.dynamodb.ts";
import { nonces } from "../../clients/nonces.kms.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { tickets } from "../../clients/tickets.dynamodb.ts";
import { timeSeries } from "../../clients/time-series.chosen.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { rekey } from "./step.ts";

export const handler = lambdaOf(contract, rekey, { registry, tickets, timeSeries, nonces, audit });
