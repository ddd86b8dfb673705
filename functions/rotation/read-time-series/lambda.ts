import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { dynamoSeries } from "../../clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../clients/time-series.timestream.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { milliseconds, readSettings, timeSeriesOf } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { readTimeSeries } from "./step.ts";

export const handler = lambdaOf(contract, () => {
  const settings = readSettings(contract.settings);
  const timeSeries =
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
  const intervalMs = milliseconds(settings, "SAMPLE_INTERVAL_SECONDS");
  return (input) => readTimeSeries(input, { timeSeries, now: Date.now, intervalMs });
});
