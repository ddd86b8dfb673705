import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { useRecordOf } from "../protocol/index.ts";
import type { ProofWriter } from "./proof-writer.ts";
import { clientSettings, type WriterPlace, writerOf } from "./writer-place.ts";

/** Use proofs as records of the Timestream table with the samples. */
export function timestreamProofs(target: { database: string; table: string }, place: WriterPlace): ProofWriter {
  const client = new TimestreamWriteClient(clientSettings(place));
  return {
    async write(use) {
      const Records = [useRecordOf({ ...use, ...writerOf(await place.identity()) })];
      const command = new WriteRecordsCommand({ DatabaseName: target.database, TableName: target.table, Records });
      try {
        await client.send(command);
      } catch (error) {
        // The SDK asks AWS first where it is to write, and hides what AWS says to that.
        throw error instanceof Error && "reason" in error && error.reason instanceof Error ? error.reason : error;
      }
    },
    close: () => client.destroy(),
  };
}
