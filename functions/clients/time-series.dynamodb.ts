import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { type Sample, sampleFrom, type TimeSeries } from "./time-series.ts";

/**
 * The samples in a DynamoDB table: partition key `instanceArn`, which AWS lets an instance write for itself only, and
 * sort key `timeMs`.
 */
export function dynamoSeries(client: DynamoDBClient, place: { table: string; account: string }): TimeSeries {
  const documents = DynamoDBDocumentClient.from(client);
  return {
    async read({ id, ec2InstanceId, from, limit }) {
      const region = await client.config.region();
      const samples: Sample[] = [];
      let start: QueryCommandInput["ExclusiveStartKey"];
      do {
        const page = await documents.send(
          new QueryCommand({
            TableName: place.table,
            KeyConditionExpression: "instanceArn = :arn AND timeMs >= :from",
            FilterExpression: "id = :id",
            ExpressionAttributeValues: {
              ":arn": `arn:aws:ec2:${region}:${place.account}:instance/${ec2InstanceId}`,
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
          samples.push(sampleFrom({ timeMs: Number(item.timeMs), generation: item.generation, hash: item.hash }));
        }
        start = page.LastEvaluatedKey;
      } while (start !== undefined && samples.length < limit);
      return samples.slice(0, limit);
    },
  };
}
