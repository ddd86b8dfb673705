import { bus } from "../../clients/bus.eventbridge.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { vault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { deriveRekey } from "./step.ts";

export const handler = lambdaOf(contract, deriveRekey, { registry, vault, bus });
