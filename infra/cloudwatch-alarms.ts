import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { functionNameIn } from "../functions/steps.ts";
import { type Alarm, alarmsOf, type Figure } from "./alarms.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { namesIn } from "./in-stack.ts";
import { counted, noted, ofAllFunctions, ofFunction, ofTopic, sum } from "./metrics.ts";
import type { Part } from "./parts.ts";
import type { Settings } from "./settings.ts";

interface AlarmsProps {
  parts: readonly Part[];
  deadLetters: DeadLetters;
  topic: sns.ITopic;
  settings: Settings;
}

/** An alarm in CloudWatch for each of the list, every one of which goes to the topic directly. */
export class Alarms extends Construct {
  readonly all: cloudwatch.Alarm[];
  private readonly names = namesIn(this);

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.all = alarmsOf(props.parts).map((alarm) => this.make(alarm, props));
  }

  private make(
    { name, says, figure, threshold = 1, below = false, minutes, times = 1 }: Alarm,
    { deadLetters, topic, settings }: AlarmsProps,
  ): cloudwatch.Alarm {
    const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
    const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
    const inSettings = (value: number | ((settings: Settings) => number)) =>
      typeof value === "number" ? value : value(settings);
    const alarm = new cloudwatch.Alarm(this, name, {
      alarmName: `${this.names.prefix}-${name}`,
      alarmDescription: `${says} What to do: docs/runbook.md, section ${name}.`,
      metric: this.metricOf(figure, deadLetters, minutes),
      threshold: inSettings(threshold),
      evaluationPeriods: inSettings(times),
      comparisonOperator: below ? LESS_THAN_THRESHOLD : GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: below ? BREACHING : NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  }

  private metricOf(figure: Figure, deadLetters: DeadLetters, minutes = 5): cloudwatch.IMetric {
    const added = this.metricsOf(figure, deadLetters);
    const [only, ...more] = added;
    const metric = only !== undefined && more.length === 0 ? only : sum(added);
    return metric.with({ period: Duration.minutes(minutes) });
  }

  /** The metrics that a figure adds up. */
  private metricsOf(figure: Figure, deadLetters: DeadLetters): cloudwatch.Metric[] {
    if ("noted" in figure) return [noted(this, figure.noted, cloudwatch.Stats.MAXIMUM)];
    if ("counted" in figure) return [counted(this, figure.counted, figure.by)];
    if ("functions" in figure)
      return figure.functions.map((step) => ofFunction(functionNameIn(this.names.prefix, step), figure.counts));
    if ("allFunctions" in figure) return [ofAllFunctions(figure.allFunctions)];
    if ("alertTopic" in figure) return [ofTopic(this.names.alertTopic, figure.alertTopic)];
    return [
      deadLetters[figure.queue].metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM }),
    ];
  }
}
