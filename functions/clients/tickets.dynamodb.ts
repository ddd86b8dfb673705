import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { instanceArn, readTicket, TICKETS, TICKETS_KEPT_DAYS, type Ticket } from "../../protocol/index.ts";
import type { Maker } from "../shared/neighbours.ts";
import { ifTheConditionHolds } from "./conditions.ts";
import type { Tickets } from "./tickets.ts";

type Item = Record<string, AttributeValue>;

/**
 * The tickets in a DynamoDB table, in which AWS lets an instance read under its own ARN only. Items are read as they lie
 * there: anybody with the right to it may have written anything.
 */
export function dynamoTickets(
  client: DynamoDBClient,
  place: { table: string; partition: string; account: string },
): Tickets {
  const keyOf = async (ec2InstanceId: string, id: string): Promise<Item> => ({
    [TICKETS.partitionKey.name]: { S: instanceArn({ ...place, region: await client.config.region() }, ec2InstanceId) },
    [TICKETS.sortKey.name]: { S: id },
  });

  async function read(ec2InstanceId: string, id: string): Promise<Item | undefined> {
    const Key = await keyOf(ec2InstanceId, id);
    return (await client.send(new GetItemCommand({ TableName: place.table, Key, ConsistentRead: true }))).Item;
  }

  return {
    async lay(ec2InstanceId, ticket, { at, replaced }) {
      const { id, generation, nonce, proof } = ticket;
      const same = replaced === undefined ? undefined : sameAs(replaced.mark as Item);
      const put = await ifTheConditionHolds(
        client.send(
          new PutItemCommand({
            TableName: place.table,
            Item: {
              ...(await keyOf(ec2InstanceId, id)),
              ...{ generation: { N: String(generation) }, nonce: { S: nonce }, proof: { S: proof } },
              [TICKETS.expiry]: { N: String(Math.floor(at / 1000) + TICKETS_KEPT_DAYS * 86_400) },
            },
            ConditionExpression:
              "attribute_not_exists(id) OR (generation <= :generation AND attribute_type(nonce, :text))" +
              (same ? ` OR (${same.condition})` : ""),
            ExpressionAttributeValues: {
              ...{ ":generation": { N: String(generation) }, ":text": { S: "S" } },
              ...same?.values,
            },
          }),
        ),
      );
      if (put !== undefined) return undefined;
      const lying = await read(ec2InstanceId, id);
      // It expired between the write and the read.
      if (lying === undefined) return this.lay(ec2InstanceId, ticket, { at });
      return { generation: ticketFrom(lying)?.generation, mark: lying };
    },

    async find(ec2InstanceId, id) {
      const item = await read(ec2InstanceId, id);
      return item && ticketFrom(item);
    },
  };
}

function ticketFrom({ id, generation, nonce, proof }: Item): Ticket | undefined {
  return readTicket({ id: id?.S, generation: Number(generation?.N), nonce: nonce?.S, proof: proof?.S });
}

/** Holds while generation and nonce are those of an item, of whatever type they are, or not there as in it. */
function sameAs(item: Item) {
  const names = ["generation", "nonce"].map((name) => ({ name, value: item[name] }));
  const conditions = names.map(({ name, value }) =>
    value ? `${name} = :replaced_${name}` : `attribute_not_exists(${name})`,
  );
  const values = names.flatMap(({ name, value }) => (value ? [[`:replaced_${name}`, value] as const] : []));
  return { condition: conditions.join(" AND "), values: Object.fromEntries(values) };
}

export const tickets: Maker<"tickets"> = (settings) =>
  dynamoTickets(new DynamoDBClient(), {
    table: settings.TICKET_TABLE,
    partition: settings.FLEET_PARTITION,
    account: settings.FLEET_ACCOUNT,
  });
