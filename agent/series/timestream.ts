import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { recordOf } from "../../protocol/index.ts";
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
        Records: [recordOf(sample)],
      });
      try {
        await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      } catch (error) {
        // The SDK asks AWS first where it is to write, and hides what AWS says to that.
        throw error instanceof Error && "reason" in error && error.reason instanceof Error ? error.reason : error;
      }
    },
    close: () => client.destroy(),
  };
}
