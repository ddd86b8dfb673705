import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CLIENT_LIMITS, type SeriesPlace } from "./place.ts";
import type { SeriesWriter } from "./writer.ts";

/** How long a sample is kept; verification looks back some minutes only. */
const KEPT_SECONDS = 7 * 86_400;

/**
 * Samples as items of a DynamoDB table. The partition key is the instance's ARN: AWS can hold each instance to its own
 * (`dynamodb:LeadingKeys` against `${ec2:SourceInstanceARN}`).
 */
export function dynamodbWriter(target: { table: string }, place: SeriesPlace): SeriesWriter {
  const client = new DynamoDBClient({ ...CLIENT_LIMITS, region: place.region, credentials: place.credentials });
  return {
    async write(sample, signal) {
      const [region, accountId] = await Promise.all([place.region(), place.accountId()]);
      const command = new PutItemCommand({
        TableName: target.table,
        Item: {
          instanceArn: { S: instanceArn(region, accountId, sample.ec2InstanceId) },
          timeMs: { N: String(sample.timeMs) },
          id: { S: sample.id },
          generation: { N: String(sample.generation) },
          hash: { S: sample.hash },
          expiresAt: { N: String(Math.floor(sample.timeMs / 1000) + KEPT_SECONDS) },
        },
      });
      await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    },
    close: () => client.destroy(),
  };
}

function instanceArn(region: string, accountId: string, ec2InstanceId: string): string {
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return `arn:${partition}:ec2:${region}:${accountId}:instance/${ec2InstanceId}`;
}
