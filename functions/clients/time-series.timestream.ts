import {
  QueryCommand,
  type Row,
  type TimestreamQueryClient,
  ValidationException,
} from "@aws-sdk/client-timestream-query";
import { isEc2InstanceId, isInstanceId, TIMESTREAM } from "../../protocol/index.ts";
import { type SampleRead, sampleFrom, type TimeSeries } from "./time-series.ts";

const COLUMNS = ["time", ...Object.keys(TIMESTREAM.measures)].join(", ");
const [HOST, INSTANCE] = TIMESTREAM.dimensions;

/** The samples in Amazon Timestream, as `TIMESTREAM` of the protocol lays them down. */
export function timestreamSeries(
  client: TimestreamQueryClient,
  place: { database: string; table: string },
): TimeSeries {
  return {
    async read({ id, ec2InstanceId, from, limit }) {
      // The query language has no parameters: what goes into its text is checked here, whoever calls.
      if (!isInstanceId(id)) throw new TypeError("id must be 6 lower-case hexadecimal characters");
      if (!isEc2InstanceId(ec2InstanceId)) throw new TypeError("ec2InstanceId must be an EC2 instance ID (i-…)");
      const query =
        `SELECT ${COLUMNS} FROM "${place.database}"."${place.table}" ` +
        `WHERE ${HOST} = '${ec2InstanceId}' AND ${INSTANCE} = '${id}' AND measure_name = '${TIMESTREAM.measureName}' ` +
        `AND time >= from_milliseconds(${Math.floor(from)}) ORDER BY time DESC LIMIT ${Math.floor(limit)}`;

      const samples: SampleRead[] = [];
      let next: string | undefined;
      try {
        do {
          // An answer may be an empty page while the query still runs.
          const page = await client.send(
            new QueryCommand({ QueryString: query, ...(next !== undefined && { NextToken: next }) }),
          );
          samples.push(...(page.Rows ?? []).map(sampleOf));
          next = page.NextToken;
        } while (next !== undefined);
      } catch (error) {
        // Timestream knows a column from the first record that has it: before any sample was written, there is none.
        const isEmptyTable = error instanceof ValidationException && /Column .* does not exist/.test(error.message);
        if (!isEmptyTable) throw error;
      }
      return samples;
    },
  };
}

function sampleOf(row: Row): SampleRead {
  const [time, generation, hash] = (row.Data ?? []).map((datum) => datum.ScalarValue);
  // Timestream writes UTC without saying so, and nanoseconds: `2026-11-20 03:00:00.123000000`.
  return sampleFrom({ timeMs: Date.parse(`${time?.slice(0, 23).replace(" ", "T")}Z`), generation, hash });
}
