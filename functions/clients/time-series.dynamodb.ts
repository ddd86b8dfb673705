import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { DYNAMODB, instanceArn, type SeriesItem } from "../../protocol/index.ts";
import { type SampleRead, sampleFrom, type TimeSeries } from "./time-series.ts";

/** The samples in a DynamoDB table, in which AWS lets an instance write under its own ARN only. */
export function dynamoSeries(
  client: DynamoDBClient,
  place: { table: string; partition: string; account: string },
): TimeSeries {
  const documents = DynamoDBDocumentClient.from(client);
  return {
    async read({ id, ec2InstanceId, from, limit }) {
      const region = await client.config.region();
      const samples: SampleRead[] = [];
      let start: QueryCommandInput["ExclusiveStartKey"];
      do {
        const page = await documents.send(
          new QueryCommand({
            TableName: place.table,
            KeyConditionExpression: `${DYNAMODB.partitionKey.name} = :arn AND ${DYNAMODB.sortKey.name} >= :from`,
            FilterExpression: "id = :id",
            ExpressionAttributeValues: {
              ":arn": instanceArn({ ...place, region }, ec2InstanceId),
              ":from": Math.floor(from),
              ":id": id,
            },
            ScanIndexForward: false,
            Limit: limit,
            ConsistentRead: true,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        for (const item of page.Items ?? []) {
          const { timeMs, generation, hash } = item as Partial<SeriesItem>;
          samples.push(sampleFrom({ timeMs: Number(timeMs), generation, hash }));
        }
        start = page.LastEvaluatedKey;
      } while (start !== undefined && samples.length < limit);
      return samples.slice(0, limit);
    },
  };
}
