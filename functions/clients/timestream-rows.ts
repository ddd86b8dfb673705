import {
  QueryCommand,
  type Row,
  type TimestreamQueryClient,
  ValidationException,
} from "@aws-sdk/client-timestream-query";

/**
 * The rows that a query gives, page by page until they are enough, or all there are; none where a column is not there.
 *
 * @throws what Timestream refuses the query with
 */
export async function rowsOf(
  client: TimestreamQueryClient,
  query: string,
  isEnough: (rows: Row[]) => boolean,
): Promise<Row[]> {
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
    // Timestream knows a column from the first record that has it: before any was written, there is none.
    const isEmptyTable = error instanceof ValidationException && /Column .* does not exist/.test(error.message);
    if (!isEmptyTable) throw reasonOf(error);
  }
  return rows;
}

/** The SDK asks AWS first where it is to ask, and hides what AWS says to that. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && "reason" in error && error.reason instanceof Error ? error.reason : error;
}

/** The values of a row's columns, as texts. */
export function valuesOf({ Data = [] }: Row): (string | undefined)[] {
  return Data.map(({ ScalarValue }) => ScalarValue);
}

/**
 * A time as Timestream writes it, UTC without saying so, and nanoseconds: `2026-11-20 03:00:00.123000000`.
 *
 * @returns milliseconds since 1970
 */
export function timeOf(time: string | undefined): number {
  return Date.parse(`${time?.slice(0, 23).replace(" ", "T")}Z`);
}
