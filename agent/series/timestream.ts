import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { CLIENT_LIMITS, type SeriesPlace } from "./place.ts";
import type { SeriesWriter } from "./writer.ts";

/** Samples as multi-measure records of an Amazon Timestream table. */
export function timestreamWriter(target: { database: string; table: string }, place: SeriesPlace): SeriesWriter {
  const client = new TimestreamWriteClient({
    ...CLIENT_LIMITS,
    region: place.region,
    credentials: place.credentials,
  });
  return {
    async write(sample, signal) {
      const command = new WriteRecordsCommand({
        DatabaseName: target.database,
        TableName: target.table,
        Records: [
          {
            Dimensions: [
              { Name: "ec2InstanceId", Value: sample.ec2InstanceId },
              { Name: "id", Value: sample.id },
            ],
            MeasureName: "sample",
            MeasureValueType: "MULTI",
            MeasureValues: [
              { Name: "generation", Value: String(sample.generation), Type: "BIGINT" },
              { Name: "hash", Value: sample.hash, Type: "VARCHAR" },
            ],
            Time: String(sample.timeMs),
            TimeUnit: "MILLISECONDS",
            // Should two samples bear the same millisecond, the one with the newer key stays.
            Version: sample.generation,
          },
        ],
      });
      await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    },
    close: () => client.destroy(),
  };
}
