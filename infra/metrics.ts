import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type { IConstruct } from "constructs";
import { functionNameIn } from "../functions/steps.ts";
import { namesIn } from "./in-stack.ts";
import { type Part, stepsOf } from "./parts.ts";

// Step Functions' own figures are not among these: everything is started through an alias, and AWS's guide does not say
// whether what is started so counts under the state machine's ARN.

const PERIOD = Duration.minutes(5);

/** What steps count under: one service name for all of a deployment, or the figures would fall apart by step. */
const NAMESPACE = "Keyturn";
const serviceOf = (scope: IConstruct) => ({ service: namesIn(scope).prefix });

/** A count that the steps keep, e.g. of `Rotation` by `outcome`. */
export function counted(scope: IConstruct, name: string, dimensions: Record<string, string>): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { ...serviceOf(scope), ...dimensions },
    statistic: cloudwatch.Stats.SUM,
    period: PERIOD,
    label: Object.values(dimensions).join(" ") || name,
  });
}

/** A duration that the steps note, in milliseconds. */
export function noted(scope: IConstruct, name: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: serviceOf(scope),
    statistic,
    period: PERIOD,
    label: `${name} ${statistic}`,
  });
}

/** What Lambda counts of a function. */
export function ofFunction(functionName: string, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: cloudwatch.Stats.SUM,
    period: PERIOD,
    label: functionName,
  });
}

/** The same of each function there is. */
export function ofEachFunction(scope: IConstruct, parts: readonly Part[], metricName: string): cloudwatch.Metric[] {
  return stepsOf(parts).map((step) => ofFunction(functionNameIn(namesIn(scope).prefix, step), metricName));
}

/** What Lambda counts of all functions of the account in the Region. */
export function ofAllFunctions(metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: "AWS/Lambda",
    metricName,
    statistic: cloudwatch.Stats.SUM,
    period: PERIOD,
  });
}

/** What SNS counts of a topic. */
export function ofTopic(topicName: string, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: "AWS/SNS",
    metricName,
    dimensionsMap: { TopicName: topicName },
    statistic: cloudwatch.Stats.SUM,
    period: PERIOD,
  });
}

/** All of them together; one that has no figure counts as 0. */
export function sum(metrics: cloudwatch.IMetric[]): cloudwatch.MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const terms = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
  return new cloudwatch.MathExpression({ expression: terms.join(" + "), usingMetrics, period: PERIOD, label: "sum" });
}
