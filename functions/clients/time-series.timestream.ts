import {
  QueryCommand,
  type Row,
  type TimestreamQueryClient,
  ValidationException,
} from "@aws-sdk/client-timestream-query";
import { isEc2InstanceId, isInstanceId, TIMESTREAM } from "../../protocol/index.ts";
import { LOOKED_AT_FOR_EACH, type SampleRead, sampleFrom, type TimeSeries } from "./time-series.ts";

const COLUMNS = ["time", ...Object.keys(TIMESTREAM.measures)].join(", ");
const [HOST, INSTANCE] = TIMESTREAM.dimensions;

/** The samples in Amazon Timestream, as `TIMESTREAM` of the protocol lays them down. */
export function timestreamSeries(
  client: TimestreamQueryClient,
  place: { database: string; table: string },
): TimeSeries {
  /** A query of what a host wrote under an ID. The language has no parameters: what goes into the text is checked here. */
  function queryOf(
    columns: string,
    { id, ec2InstanceId }: { id: string; ec2InstanceId: string },
    rest: string,
  ): string {
    if (!isInstanceId(id)) throw new TypeError("id must be 6 lower-case hexadecimal characters");
    if (!isEc2InstanceId(ec2InstanceId)) throw new TypeError("ec2InstanceId must be an EC2 instance ID (i-…)");
    return (
      `SELECT ${columns} FROM "${place.database}"."${place.table}" ` +
      `WHERE ${HOST} = '${ec2InstanceId}' AND ${INSTANCE} = '${id}' AND ${rest}`
    );
  }

  /** The rows that a query gives, at least so many if there are. */
  async function rowsOf(query: string, isEnough: (rows: Row[]) => boolean): Promise<Row[]> {
    const rows: Row[] = [];
    let next: string | undefined;
    try {
      do {
        // An answer may be an empty page while the query still runs.
        const page = await client.send(
          new QueryCommand({ QueryString: query, ...(next !== undefined && { NextToken: next }) }),
        );
        rows.push(...(page.Rows ?? []));
        next = page.NextToken;
      } while (next !== undefined && !isEnough(rows));
    } catch (error) {
      // Timestream knows a column from the first record that has it: before any sample was written, there is none.
      const isEmptyTable = error instanceof ValidationException && /Column .* does not exist/.test(error.message);
      if (!isEmptyTable) throw reasonOf(error);
    }
    return rows;
  }

  const samplesIn = (rows: Row[]) => rows.flatMap((row) => sampleOf(row) ?? []);
  const since = (from: number) => `time >= from_milliseconds(${Math.ceil(from)})`;

  return {
    async hasAny({ from, ...who }) {
      const rows = await rowsOf(queryOf("time", who, `${since(from)} LIMIT 1`), ({ length }) => length > 0);
      return rows.length > 0;
    },

    async read({ from, to, limit, ...who }) {
      const query = queryOf(
        COLUMNS,
        who,
        `measure_name = '${TIMESTREAM.measureName}' ` +
          `AND ${since(from)} AND time <= from_milliseconds(${Math.floor(to)}) ` +
          `ORDER BY time DESC LIMIT ${limit * LOOKED_AT_FOR_EACH}`,
      );
      return samplesIn(await rowsOf(query, (rows) => samplesIn(rows).length >= limit)).slice(0, limit);
    },
  };
}

/** The SDK asks AWS first where it is to ask, and hides what AWS says to that. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && "reason" in error && error.reason instanceof Error ? error.reason : error;
}

function sampleOf(row: Row): SampleRead | undefined {
  const [time, generation, hash] = (row.Data ?? []).map((datum) => datum.ScalarValue);
  // Timestream writes UTC without saying so, and nanoseconds: `2026-11-20 03:00:00.123000000`.
  const timeMs = Date.parse(`${time?.slice(0, 23).replace(" ", "T")}Z`);
  return sampleFrom({ timeMs, generation: Number(generation), hash });
}
