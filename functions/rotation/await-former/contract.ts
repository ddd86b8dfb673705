import * as z from "zod/mini";
import { instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";

export const contract = {
  name: "await-former",
  flow: "rotation",
  does: "Decides about a newcomer: it is turned once its EC2 instance's former record has been silent, or retired if that goes on.",
  input: z.object({ id: instanceId, execution: z.string() }),
  output: validatedInstance,
  errors: ["Waiting", "Quarantined", "Retired", "UnknownId"],
  neighbours: ["registry", "timeSeries", "hosts", "findings", "mail", "bus"],
  given: ["now", "intervalMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    timeSeries: ["timestream:Select", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
    unscoped: ["ec2:DescribeInstances", "timestream:DescribeEndpoints"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
