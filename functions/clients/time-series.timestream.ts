import type { Row, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { TIMESTREAM } from "../../protocol/index.ts";
import {
  demandWriter,
  LOOKED_AT_FOR_EACH,
  type SampleRead,
  sampleFrom,
  type TimeSeries,
  type Writer,
} from "./time-series.ts";
import { rowsOf, timeOf, valuesOf } from "./timestream-rows.ts";

const COLUMNS = ["time", ...Object.keys(TIMESTREAM.measures)].join(", ");
const [HOST, INSTANCE] = TIMESTREAM.dimensions;

/** What `sampleFrom` demands, in Timestream's language. Of the length of a hash, the pattern can fit all of it only. */
const IS_SAMPLE =
  `generation >= 1 AND generation <= ${Number.MAX_SAFE_INTEGER} ` +
  "AND length(hash) = 64 AND regexp_like(hash, '[0-9a-f]{64}')";

/** Of how many instances one query asks: Timestream bills a least amount for each. Its text is 7 KB then, of 256 KB. */
const ASKED_AT_ONCE = 200;

/** The samples in Amazon Timestream, as `TIMESTREAM` of the protocol lays them down. */
export function timestreamSeries(
  client: TimestreamQueryClient,
  place: { database: string; table: string },
): TimeSeries {
  const table = `"${place.database}"."${place.table}"`;

  /** A query of what a host wrote under an ID. The language has no parameters: what goes into the text is checked here. */
  function queryOf(columns: string, who: Writer, rest: string): string {
    demandWriter(who);
    const { id, ec2InstanceId } = who;
    return `SELECT ${columns} FROM ${table} WHERE ${HOST} = '${ec2InstanceId}' AND ${INSTANCE} = '${id}' AND ${rest}`;
  }

  const samplesIn = (rows: Row[]) => rows.flatMap((row) => sampleOf(row) ?? []);
  const since = (from: number) => `time >= from_milliseconds(${Math.ceil(from)})`;
  const samplesOf = ({ from, to }: { from: number; to: number }) =>
    `measure_name = '${TIMESTREAM.measureName}' AND ${since(from)} AND time <= from_milliseconds(${Math.floor(to)})`;

  /** Rows of host, ID and the time of the newest sample: of any host of these, under any ID of these, all checked. */
  function newestOf(who: readonly Writer[], window: { from: number; to: number }): Promise<Row[]> {
    const listed = (values: string[]) => [...new Set(values)].map((value) => `'${value}'`).join(", ");
    const query =
      `SELECT ${HOST}, ${INSTANCE}, max(time) FROM ${table} ` +
      `WHERE ${HOST} IN (${listed(who.map(({ ec2InstanceId }) => ec2InstanceId))}) ` +
      `AND ${INSTANCE} IN (${listed(who.map(({ id }) => id))}) AND ${samplesOf(window)} AND ${IS_SAMPLE} ` +
      `GROUP BY ${HOST}, ${INSTANCE}`;
    return rowsOf(client, query, () => false);
  }

  return {
    async hasAny({ from, ...who }) {
      const query = queryOf("time", who, `${since(from)} LIMIT 1`);
      const rows = await rowsOf(client, query, ({ length }) => length > 0);
      return rows.length > 0;
    },

    async read({ from, to, limit, ...who }) {
      const query = queryOf(
        COLUMNS,
        who,
        `${samplesOf({ from, to })} ORDER BY time DESC LIMIT ${limit * LOOKED_AT_FOR_EACH}`,
      );
      return samplesIn(await rowsOf(client, query, (rows) => samplesIn(rows).length >= limit)).slice(0, limit);
    },

    async newest(who, window) {
      for (const one of who) demandWriter(one);
      const newest = new Map<string, number>();
      for (let at = 0; at < who.length; at += ASKED_AT_ONCE) {
        const asked = who.slice(at, at + ASKED_AT_ONCE);
        const hosts = new Map(asked.map(({ id, ec2InstanceId }) => [id, ec2InstanceId]));
        for (const row of await newestOf(asked, window)) {
          const [host, id = "", time] = valuesOf(row);
          if (hosts.get(id) === host) newest.set(id, timeOf(time));
        }
      }
      return newest;
    },
  };
}

function sampleOf(row: Row): SampleRead | undefined {
  const [time, generation, hash] = valuesOf(row);
  return sampleFrom({ timeMs: timeOf(time), generation: Number(generation), hash });
}
