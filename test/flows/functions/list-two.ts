import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoRegistry } from "../../../functions/clients/registry.dynamodb.ts";
import type { contract } from "../../../functions/fleet-rotation/list-due/contract.ts";
import { listDue } from "../../../functions/fleet-rotation/list-due/step.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";

/** Stands in for list-due: its pages have two instances. */
export async function handler(input: InputOf<typeof contract>): Promise<unknown> {
  const registry = dynamoRegistry(new DynamoDBClient(), process.env.INSTANCE_TABLE ?? "");
  const neighbours = {
    registry: {
      ...registry,
      listDue: (page: Parameters<typeof registry.listDue>[0]) => registry.listDue({ ...page, limit: 2 }),
    },
    now: Date.now,
    rotateEveryMs: Number(process.env.ROTATE_EVERY_SECONDS) * 1000,
    journal: { info() {}, count() {}, duration() {} },
  };
  return listDue(input, neighbours);
}
