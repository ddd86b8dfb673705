import { timeSeries } from "../../clients/time-series.chosen.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { readTimeSeries } from "./step.ts";

export const handler = lambdaOf(contract, readTimeSeries, { timeSeries });
