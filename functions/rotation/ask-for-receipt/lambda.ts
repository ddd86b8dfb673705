import { commands } from "../../clients/commands.ssm.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { askForReceipt } from "./step.ts";

export const handler = lambdaOf(contract, askForReceipt, { registry, commands });
