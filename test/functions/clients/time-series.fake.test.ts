import { fakeTimeSeries } from "../../../functions/clients/time-series.fake.ts";
import { timeSeriesSuite } from "./time-series.suite.ts";

timeSeriesSuite(() => {
  const timeSeries = fakeTimeSeries();
  return { timeSeries, write: timeSeries.write };
});
