import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { instanceArn, TICKETS, TICKETS_KEPT_DAYS, type Ticket } from "../../protocol/index.ts";
import type { Maker } from "../shared/neighbours.ts";
import { ifTheConditionHolds } from "./conditions.ts";
import type { Tickets } from "./tickets.ts";

/** The tickets in a DynamoDB table, in which AWS lets an instance read under its own ARN only. */
export function dynamoTickets(
  client: DynamoDBClient,
  place: { table: string; partition: string; account: string },
): Tickets {
  const documents = DynamoDBDocumentClient.from(client);
  const keyOf = async (ec2InstanceId: string, id: string) => ({
    [TICKETS.partitionKey.name]: instanceArn({ ...place, region: await client.config.region() }, ec2InstanceId),
    [TICKETS.sortKey.name]: id,
  });
  return {
    async lay(ec2InstanceId, ticket, { at, replaced }) {
      const isReplaced = replaced ? " OR (generation = :replaced AND nonce = :replacedNonce)" : "";
      const put = await ifTheConditionHolds(
        documents.send(
          new PutCommand({
            TableName: place.table,
            Item: {
              ...ticket,
              ...(await keyOf(ec2InstanceId, ticket.id)),
              [TICKETS.expiry]: Math.floor(at / 1000) + TICKETS_KEPT_DAYS * 86_400,
            },
            ConditionExpression: `attribute_not_exists(generation) OR generation <= :generation${isReplaced}`,
            ExpressionAttributeValues: {
              ":generation": ticket.generation,
              ...(replaced && { ":replaced": replaced.generation, ":replacedNonce": replaced.nonce }),
            },
          }),
        ),
      );
      if (put !== undefined) return undefined;
      const lying = await this.find(ec2InstanceId, ticket.id);
      // It expired between the write and the read.
      if (lying === undefined) return this.lay(ec2InstanceId, ticket, { at });
      return { generation: lying.generation, nonce: lying.nonce };
    },

    async find(ec2InstanceId, id) {
      const Key = await keyOf(ec2InstanceId, id);
      const { Item } = await documents.send(new GetCommand({ TableName: place.table, Key, ConsistentRead: true }));
      if (Item === undefined) return undefined;
      const { generation, nonce, proof } = Item as Ticket;
      return { id, generation, nonce, proof };
    },
  };
}

export const tickets: Maker<"tickets"> = (settings) =>
  dynamoTickets(new DynamoDBClient(), {
    table: settings.TICKET_TABLE,
    partition: settings.FLEET_PARTITION,
    account: settings.FLEET_ACCOUNT,
  });
