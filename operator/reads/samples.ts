import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { dynamoSeries } from "../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import type { TimeSeries } from "../../functions/clients/time-series.ts";
import type { Context } from "../context.ts";
import { type Caller, clientIn } from "../place/clients.ts";

/**
 * The samples of a deployment, in whichever store it has them: that is asked for first which most deployments have, and the
 * other where there is nothing, since some Regions have no Timestream that could say so.
 */
export function storesOfSamples(
  context: Pick<Context, "place" | "out">,
  { partition, account }: Pick<Caller, "partition" | "account">,
): Pick<TimeSeries, "read" | "newest"> {
  const { timestreamDatabase: database, timestreamTable, seriesTable } = context.place.names;
  const first = dynamoSeries(clientIn(DynamoDBClient, context), { partition, account, table: seriesTable });
  const second = timestreamSeries(clientIn(TimestreamQueryClient, context), { database, table: timestreamTable });
  return {
    read: (window) =>
      fromEither(
        first.read(window),
        ({ length }) => length === 0,
        () => second.read(window),
      ),
    newest: (who, window) =>
      fromEither(
        first.newest(who, window),
        ({ size }) => size === 0,
        () => second.newest(who, window),
      ),
  };
}

async function fromEither<Answer>(
  first: Promise<Answer>,
  isEmpty: (answer: Answer) => boolean,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const found = await settled(first);
  if ("answer" in found && !isEmpty(found.answer)) return found.answer;
  try {
    return await ask();
  } catch (error) {
    if ("answer" in found) return found.answer;
    throw isAbsence(error) ? found.error : error;
  }
}

async function settled<Answer>(promise: Promise<Answer>): Promise<{ answer: Answer } | { error: unknown }> {
  try {
    return { answer: await promise };
  } catch (error) {
    return { error };
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && (error.name.startsWith("ResourceNotFound") || /does not exist/i.test(error.message));
}
