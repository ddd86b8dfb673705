import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { DYNAMODB, instanceArn, type SeriesItem, seriesKey, timeOfSeriesKey } from "../../protocol/index.ts";
import {
  demandWriter,
  LOOKED_AT_FOR_EACH,
  type SampleRead,
  sampleFrom,
  type TimeSeries,
  type Writer,
} from "./time-series.ts";

/** How many instances are asked about at once: as many as the SDK has connections. */
const ASKED_AT_ONCE = 50;

/** What of an item makes it a sample. */
const OF_SAMPLE = ["idAndTime", "generation", "hash"] as const satisfies (keyof SeriesItem)[];

type Window = Parameters<TimeSeries["read"]>[0];

/** The samples in a DynamoDB table, in which AWS lets an instance write under its own ARN only. */
export function dynamoSeries(
  client: DynamoDBClient,
  place: { table: string; partition: string; account: string },
): TimeSeries {
  /** The items of a window by their keys alone: whatever lies under them, and whether or not it is expired. */
  async function itemsOf({ id, ec2InstanceId, from, to }: Omit<Window, "limit">): Promise<QueryCommandInput> {
    const region = await client.config.region();
    return {
      TableName: place.table,
      KeyConditionExpression: `${DYNAMODB.partitionKey.name} = :arn AND ${DYNAMODB.sortKey.name} BETWEEN :from AND :to`,
      ExpressionAttributeValues: {
        ":arn": { S: instanceArn({ ...place, region }, ec2InstanceId) },
        ":from": { S: seriesKey({ id, timeMs: Math.ceil(from) }) },
        ":to": { S: seriesKey({ id, timeMs: to }) },
      },
      ConsistentRead: true,
    };
  }

  /** One query, of which DynamoDB counts half a unit of reading: eventually consistent, and no more than 4 KB of items. */
  async function newestOf(who: Writer, window: { from: number; to: number }): Promise<number | undefined> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        ...(await itemsOf({ ...who, ...window })),
        ConsistentRead: false,
        ScanIndexForward: false,
        Limit: LOOKED_AT_FOR_EACH,
        ProjectionExpression: OF_SAMPLE.map((name) => `#${name}`).join(", "),
        ExpressionAttributeNames: Object.fromEntries(OF_SAMPLE.map((name) => [`#${name}`, name])),
      }),
    );
    return Items.flatMap((item) => sampleOf(item) ?? [])[0]?.timeMs;
  }

  return {
    async hasAny({ id, ec2InstanceId, from }) {
      const items = await itemsOf({ id, ec2InstanceId, from, to: Number.POSITIVE_INFINITY });
      const page = await client.send(new QueryCommand({ ...items, Limit: 1 }));
      return (page.Items ?? []).length > 0;
    },

    async read({ limit, ...window }) {
      const items = await itemsOf(window);
      const samples: SampleRead[] = [];
      let lookedAt = 0;
      let start: QueryCommandInput["ExclusiveStartKey"];
      do {
        const page = await client.send(
          new QueryCommand({
            ...items,
            ScanIndexForward: false,
            Limit: limit,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        for (const item of page.Items ?? []) {
          const sample = sampleOf(item);
          if (sample !== undefined) samples.push(sample);
        }
        lookedAt += limit;
        start = page.LastEvaluatedKey;
      } while (start !== undefined && samples.length < limit && lookedAt < limit * LOOKED_AT_FOR_EACH);
      return samples.slice(0, limit);
    },

    async newest(who, window) {
      for (const one of who) demandWriter(one);
      const newest = new Map<string, number>();
      for (let at = 0; at < who.length; at += ASKED_AT_ONCE) {
        const asked = who.slice(at, at + ASKED_AT_ONCE);
        const times = await Promise.all(asked.map((one) => newestOf(one, window)));
        for (const [place, { id }] of asked.entries()) {
          const time = times[place];
          if (time !== undefined) newest.set(id, time);
        }
      }
      return newest;
    },
  };
}

/** Of an item as it lies there: the document client throws for a number that JavaScript has not, whoever wrote it. */
function sampleOf(item: Record<string, AttributeValue>): SampleRead | undefined {
  const { idAndTime, generation, hash }: { [Name in keyof SeriesItem]?: AttributeValue } = item;
  return sampleFrom({ timeMs: timeOfSeriesKey(idAndTime?.S), generation: Number(generation?.N), hash: hash?.S });
}
