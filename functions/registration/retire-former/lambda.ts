import { mail } from "../../clients/mail.sns.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { retireFormer } from "./step.ts";

export const handler = lambdaOf(contract, retireFormer, { registry, mail });
