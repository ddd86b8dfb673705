import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import type { SeriesStore } from "../../protocol/index.ts";
import type { Maker } from "../shared/neighbours.ts";
import { formerTimeSeriesOf, timeSeriesOf } from "../shared/settings.ts";
import { inBothSeries } from "./time-series.both.ts";
import { dynamoSeries } from "./time-series.dynamodb.ts";
import { timestreamSeries } from "./time-series.timestream.ts";

/** The samples in the store that the deployment has chosen, and in the former one as long as it names one. */
export const timeSeries: Maker<"timeSeries"> = (settings) => {
  const seriesIn = (store: SeriesStore) =>
    store === "dynamodb"
      ? dynamoSeries(new DynamoDBClient(), {
          table: settings.SERIES_TABLE,
          partition: settings.FLEET_PARTITION,
          account: settings.FLEET_ACCOUNT,
        })
      : timestreamSeries(new TimestreamQueryClient(), {
          database: settings.TIMESTREAM_DATABASE,
          table: settings.TIMESTREAM_TABLE,
        });
  const present = seriesIn(timeSeriesOf(settings.TIME_SERIES));
  const former = formerTimeSeriesOf(settings.FORMER_TIME_SERIES);
  return former === undefined ? present : inBothSeries(present, seriesIn(former));
};
