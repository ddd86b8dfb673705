import { type AttributeValue, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { instanceArn, TICKETS } from "../../protocol/index.ts";
import { CLIENT_LIMITS, type SeriesPlace } from "../series/place.ts";
import type { StoredTicket, Tickets } from "./tickets.ts";

/**
 * Tickets as items of a DynamoDB table. AWS lets an instance read under its own ARN only: under any other, which a copied
 * disk would ask for, it is denied.
 */
export function dynamodbTickets(table: string, place: SeriesPlace): Tickets {
  const client = new DynamoDBClient({ ...CLIENT_LIMITS, region: place.region, credentials: place.credentials });
  return {
    async find({ id, ec2InstanceId }, signal) {
      const [partition, region, account] = await Promise.all([place.partition(), place.region(), place.accountId()]);
      const Key = {
        [TICKETS.partitionKey.name]: { S: instanceArn({ partition, region, account }, ec2InstanceId) },
        [TICKETS.sortKey.name]: { S: id },
      };
      const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
      const { Item } = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      return Item && storedTicket(Item);
    },
    close: () => client.destroy(),
  };
}

function storedTicket({ id, generation, nonce, proof }: Record<string, AttributeValue>): StoredTicket {
  return { id: id?.S, generation: Number(generation?.N), nonce: nonce?.S, proof: proof?.S };
}
