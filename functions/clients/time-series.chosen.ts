import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import type { Maker } from "../shared/neighbours.ts";
import { timeSeriesOf } from "../shared/settings.ts";
import { dynamoSeries } from "./time-series.dynamodb.ts";
import { timestreamSeries } from "./time-series.timestream.ts";

/** The samples in the store that the deployment has chosen. */
export const timeSeries: Maker<"timeSeries"> = (settings) =>
  timeSeriesOf(settings.TIME_SERIES) === "dynamodb"
    ? dynamoSeries(new DynamoDBClient(), {
        table: settings.SERIES_TABLE,
        partition: settings.FLEET_PARTITION,
        account: settings.FLEET_ACCOUNT,
      })
    : timestreamSeries(new TimestreamQueryClient(), {
        database: settings.TIMESTREAM_DATABASE,
        table: settings.TIMESTREAM_TABLE,
      });
