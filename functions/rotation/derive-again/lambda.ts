import { audit } from "../../clients/audit.dynamodb.ts";
import { bus } from "../../clients/bus.eventbridge.ts";
import { findings } from "../../clients/findings.dynamodb.ts";
import { mail } from "../../clients/mail.sns.ts";
import { nonces } from "../../clients/nonces.kms.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { vault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { deriveAgain } from "./step.ts";

export const handler = lambdaOf(contract, deriveAgain, { registry, vault, nonces, audit, findings, mail, bus });
