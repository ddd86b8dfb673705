import type { Row, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { readUse, USES_IN_TIMESTREAM, type Use } from "../../protocol/index.ts";
import { rowsOf, timeOf, valuesOf } from "./timestream-rows.ts";
import { demandSecretName, MOST_USES, tooManyUses, type Uses } from "./uses.ts";

const [HOST, SECRET, CONSUMER, VERSION] = USES_IN_TIMESTREAM.dimensions;

/** What has the form of a proof, in Timestream's language: what has not must not hide one that has. */
const IS_PROOF = "length(proof) = 64 AND regexp_like(proof, '[0-9a-f]{64}')";

/**
 * The use proofs in Amazon Timestream, as `USES_IN_TIMESTREAM` of the protocol lays them down. There whoever may write may do
 * so in the name of every instance: one that proves nothing can stand before one that does.
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
      const query =
        `SELECT ${HOST}, ${CONSUMER}, ${VERSION}, max(time), max_by(proof, time) ` +
        `FROM "${place.database}"."${place.table}" ` +
        `WHERE ${SECRET} = '${secret}' AND measure_name = '${USES_IN_TIMESTREAM.measureName}' ` +
        `AND time >= from_milliseconds(${Math.ceil(from)}) AND time <= from_milliseconds(${Math.floor(to)}) ` +
        `AND ${IS_PROOF} GROUP BY ${HOST}, ${CONSUMER}, ${VERSION} LIMIT ${most + 1}`;
      const rows = await rowsOf(client, query, ({ length }) => length > most);
      if (rows.length > most) throw tooManyUses(secret, most);
      return rows.flatMap((row) => useOf(secret, row) ?? []).sort((a, b) => b.timeMs - a.timeMs);
    },
  };
}

function useOf(secret: string, row: Row): Use | undefined {
  const [ec2InstanceId, consumer, versionId, time, proof] = valuesOf(row);
  return readUse({ ec2InstanceId, secret, consumer, versionId, timeMs: timeOf(time), proof });
}
