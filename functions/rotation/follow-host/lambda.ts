import { hosts } from "../../clients/hosts.ec2.ts";
import { registry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { followHost } from "./step.ts";

export const handler = lambdaOf(contract, followHost, { registry, hosts });
