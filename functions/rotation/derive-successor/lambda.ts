import { nonces } from "../../clients/nonces.kms.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { vault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { deriveSuccessor } from "./step.ts";

export const handler = lambdaOf(contract, deriveSuccessor, { registry, vault, nonces });
