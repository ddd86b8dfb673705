import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import type { SeriesStore } from "../../protocol/index.ts";
import type { Maker } from "../shared/neighbours.ts";
import { formerTimeSeriesOf, timeSeriesOf } from "../shared/settings.ts";
import { usesInBoth } from "./uses.both.ts";
import { dynamoUses } from "./uses.dynamodb.ts";
import { timestreamUses } from "./uses.timestream.ts";

/** The use proofs in the store that the deployment has chosen, and in the former one as long as it names one. */
export const uses: Maker<"uses"> = (settings) => {
  const usesIn = (store: SeriesStore) =>
    store === "dynamodb"
      ? dynamoUses(new DynamoDBClient(), { table: settings.SERIES_TABLE })
      : timestreamUses(new TimestreamQueryClient(), {
          database: settings.TIMESTREAM_DATABASE,
          table: settings.TIMESTREAM_TABLE,
        });
  const present = usesIn(timeSeriesOf(settings.TIME_SERIES));
  const former = formerTimeSeriesOf(settings.FORMER_TIME_SERIES);
  return former === undefined ? present : usesInBoth(present, usesIn(former));
};
