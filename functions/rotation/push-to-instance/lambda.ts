import { commands } from "../../clients/commands.ssm.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { tickets } from "../../clients/tickets.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { pushToInstance } from "./step.ts";

export const handler = lambdaOf(contract, pushToInstance, { registry, tickets, commands });
