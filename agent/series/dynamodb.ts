import { type AttributeValue, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { itemOf, type SeriesItem } from "../../protocol/index.ts";
import { CLIENT_LIMITS, type SeriesPlace } from "./place.ts";
import type { SeriesWriter } from "./writer.ts";

/**
 * Samples as items of a DynamoDB table. The partition key is the instance's ARN: AWS can hold each instance to its own
 * (`dynamodb:LeadingKeys` against `${ec2:SourceInstanceARN}`).
 */
export function dynamodbWriter(target: { table: string }, place: SeriesPlace): SeriesWriter {
  const client = new DynamoDBClient({ ...CLIENT_LIMITS, region: place.region, credentials: place.credentials });
  return {
    async write(sample, signal) {
      const [partition, region, account] = await Promise.all([place.partition(), place.region(), place.accountId()]);
      const Item = attributesOf(itemOf(sample, { partition, region, account }));
      const command = new PutItemCommand({ TableName: target.table, Item });
      await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    },
    close: () => client.destroy(),
  };
}

/** As DynamoDB writes texts and numbers: all that a sample has. */
function attributesOf(item: SeriesItem): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value === "number" ? { N: String(value) } : { S: value },
    ]),
  );
}
