import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { readUseItem, USES_INDEX, type Use, type UseItem } from "../../protocol/index.ts";
import { demandSecretName, MOST_USES, tooManyUses, type Uses } from "./uses.ts";

/**
 * How many pages are read, each of a megabyte at the most. As many uses as are read at all are seven of them; but whoever
 * floods may also write items that are large.
 */
const MOST_PAGES = 20;

/**
 * The use proofs in the samples' DynamoDB table, in which AWS lets an instance or a role write under its own ARN only.
 *
 * @param most how many items of a secret are read
 */
export function dynamoUses(client: DynamoDBClient, { table }: { table: string }, most = MOST_USES): Uses {
  return {
    canHide: false,

    async of(secret, { from, to }) {
      demandSecretName(secret);
      const items: Record<string, AttributeValue>[] = [];
      let pages = 0;
      let next: QueryCommandInput["ExclusiveStartKey"];
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: USES_INDEX.name,
            KeyConditionExpression: "#secret = :secret AND #time BETWEEN :from AND :to",
            ExpressionAttributeNames: { "#secret": USES_INDEX.partitionKey.name, "#time": USES_INDEX.sortKey.name },
            ExpressionAttributeValues: {
              ":secret": { S: secret },
              ":from": { N: String(Math.ceil(from)) },
              ":to": { N: String(Math.floor(to)) },
            },
            ScanIndexForward: false,
            ...(next && { ExclusiveStartKey: next }),
          }),
        );
        items.push(...(page.Items ?? []));
        pages += 1;
        next = page.LastEvaluatedKey;
        if (items.length > most || (next !== undefined && pages >= MOST_PAGES)) throw tooManyUses(secret, most);
      } while (next !== undefined);
      // The index goes by an attribute, which anybody may have written beside the key of another secret's use.
      return items.flatMap((item) => useOf(item) ?? []).filter((use) => use.secret === secret);
    },
  };
}

/** Of an item as it lies there: the document client throws for a number that JavaScript has not, whoever wrote it. */
function useOf(item: Record<string, AttributeValue>): Use | undefined {
  const { instanceArn, idAndTime, timeMs, proof }: { [Name in keyof UseItem]?: AttributeValue } = item;
  return readUseItem({
    instanceArn: instanceArn?.S,
    idAndTime: idAndTime?.S,
    timeMs: Number(timeMs?.N),
    proof: proof?.S,
  });
}
