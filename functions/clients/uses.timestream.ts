import type { Row, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { readUse, USES_IN_TIMESTREAM, type Use } from "../../protocol/index.ts";
import { rowsOf, timeOf, valuesOf } from "./timestream-rows.ts";
import { demandSecretName, MOST_USES, tooManyUses, type Uses } from "./uses.ts";

const { writers: WRITERS, dimensions } = USES_IN_TIMESTREAM;
const [SECRET, CONSUMER, VERSION] = dimensions;

/** What has the form of a proof, in Timestream's language: what has not must not hide one that has. */
const IS_PROOF = "length(proof) = 64 AND regexp_like(proof, '[0-9a-f]{64}')";

/**
 * The use proofs in Amazon Timestream, as `USES_IN_TIMESTREAM` of the protocol lays them down. There whoever may write may do
 * so in the name of every instance and role: one that proves nothing can stand before one that does.
 *
 * Those by instances and those by roles are asked for apart: as long as nobody has written by a role, Timestream knows no such
 * column, and refuses a query that names it.
 *
 * @param most how many last uses of a secret are read
 */
export function timestreamUses(
  client: TimestreamQueryClient,
  place: { database: string; table: string },
  most = MOST_USES,
): Uses {
  return {
    canHide: true,

    async of(secret, { from, to }) {
      // The language has no parameters: what goes into the text is checked.
      demandSecretName(secret);
      const queryBy = (writer: string) =>
        `SELECT ${writer}, ${CONSUMER}, ${VERSION}, max(time), max_by(proof, time) ` +
        `FROM "${place.database}"."${place.table}" ` +
        `WHERE ${SECRET} = '${secret}' AND measure_name = '${USES_IN_TIMESTREAM.measureName}' ` +
        `AND time >= from_milliseconds(${Math.ceil(from)}) AND time <= from_milliseconds(${Math.floor(to)}) ` +
        // What is not there is no text, and no other than the empty one either.
        `AND ${writer} <> '' AND ${IS_PROOF} GROUP BY ${writer}, ${CONSUMER}, ${VERSION} LIMIT ${most + 1}`;
      const rows: { writer: Writer; row: Row }[] = [];
      for (const writer of WRITERS) {
        const found = await rowsOf(client, queryBy(writer), ({ length }) => length > most);
        rows.push(...found.map((row) => ({ writer, row })));
        if (rows.length > most) throw tooManyUses(secret, most);
      }
      return rows.flatMap((one) => useOf(secret, one) ?? []).sort((a, b) => b.timeMs - a.timeMs);
    },
  };
}

type Writer = (typeof WRITERS)[number];

function useOf(secret: string, { writer, row }: { writer: Writer; row: Row }): Use | undefined {
  const [name, consumer, versionId, time, proof] = valuesOf(row);
  return readUse({ [writer]: name, secret, consumer, versionId, timeMs: timeOf(time), proof });
}
