import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { DeadLetters } from "./dead-letters.ts";
import { counted, noted, ofAllFunctions, ofFlow, ofFunction, ofTopic, sum } from "./metrics.ts";
import type { Settings } from "./settings.ts";
import { NAMES } from "./wiring.ts";

interface AlarmProps {
  says: string;
  metric: cloudwatch.IMetric;
  threshold?: number;
  /** Fires below the threshold, and when there is no figure, instead of from the threshold on. */
  below?: boolean;
  periods?: number;
}

/**
 * What tells people when those who tell people cannot: every alarm goes to the topic directly. Each has a section of its
 * name in docs/runbook.md.
 */
export class Alarms extends Construct {
  readonly all: cloudwatch.Alarm[] = [];
  private readonly topic: sns.ITopic;

  constructor(
    scope: Construct,
    id: string,
    props: { deadLetters: DeadLetters; topic: sns.ITopic; settings: Settings },
  ) {
    super(scope, id);
    this.topic = props.topic;
    this.aboutKeys(props.settings);
    this.aboutTelling();
    this.aboutFunctions();
    this.aboutQueues(props.deadLetters);
  }

  private aboutKeys({ schedule, rotateEveryHours }: Settings): void {
    this.alarm("ScheduleSilent", {
      says: "No run over the fleet was started: the schedule does not fire, or may not start it.",
      metric: ofFlow(this, "fleet-rotation", "ExecutionsStarted").with({ period: Duration.hours(1) }),
      below: true,
      periods: schedule.silentAfterHours,
    });
    this.alarm("KeyTooOld", {
      says: "A key is twice as old as keys are to get.",
      metric: noted("OldestKeyAge", cloudwatch.Stats.MAXIMUM),
      threshold: 2 * rotateEveryHours * 3_600_000,
    });
    this.alarm("ManyMismatches", {
      says: "Within an hour, five times or more, proofs did not fit: a restored table, or somebody on several instances.",
      metric: counted("Verdict", { verdict: "MISMATCH" }).with({ period: Duration.hours(1) }),
      threshold: 5,
    });
  }

  /** Failures of those who tell people, and of the registration, whose flow raises no events when it fails. */
  private aboutTelling(): void {
    const notifiers = [
      "keyturn-rotation-notify-sns",
      "keyturn-registration-notify-sns",
      "keyturn-fleet-rotation-summarize",
    ];
    this.alarm("NotifierFailing", {
      says: "A function that tells people of failures failed itself.",
      metric: sum(notifiers.map((name) => ofFunction(name, "Errors"))),
    });
    this.alarm("MailUndelivered", {
      says: "SNS could not deliver a mail to somebody who is subscribed.",
      metric: ofTopic(NAMES.alertTopic, "NumberOfNotificationsFailed"),
    });
    const ends = ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"];
    this.alarm("RegistrationFailing", {
      says: "Registrations fail in the state machine: instances that boot cannot register.",
      metric: sum(ends.map((name) => ofFlow(this, "registration", name))),
    });
  }

  /** The functions that no state machine starts, and so none catches. */
  private aboutFunctions(): void {
    this.alarm("RegistrationUrlFailing", {
      says: "The registration function answers with errors of its own (5xx).",
      metric: ofFunction("keyturn-registration-register", "Url5xxCount"),
    });
    this.alarm("PushEndsLost", {
      says: "end-push fails: how pushes end is found out by asking, minutes later.",
      metric: ofFunction("keyturn-rotation-end-push", "Errors"),
      threshold: 5,
    });
    this.alarm("LifeNotFollowed", {
      says: "follow-state fails: hosts that stop or are terminated are not noted.",
      metric: ofFunction("keyturn-life-follow-state", "Errors"),
      threshold: 5,
    });
    this.alarm("FunctionsThrottled", {
      says: "Lambda holds functions back: the account has no concurrency left in this Region.",
      // Over all functions of the account: its concurrency is what they share, and an alarm takes ten figures only.
      metric: ofAllFunctions("Throttles"),
      threshold: 50,
      periods: 3,
    });
  }

  private aboutQueues({ undelivered, unworked }: DeadLetters): void {
    this.alarm("EventsUndelivered", {
      says: "Events could not be handed to what they start: they wait in the queue keyturn-undelivered-events.",
      metric: undelivered.metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM }),
    });
    this.alarm("EventsUnworked", {
      says: "A function failed on events again and again: they wait in the queue keyturn-unworked-events.",
      metric: unworked.metricApproximateNumberOfMessagesVisible({ statistic: cloudwatch.Stats.MAXIMUM }),
    });
  }

  private alarm(name: string, { says, metric, threshold = 1, below = false, periods = 1 }: AlarmProps): void {
    const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
    const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
    const alarm = new cloudwatch.Alarm(this, name, {
      alarmName: `keyturn-${name}`,
      alarmDescription: `${says} What to do: docs/runbook.md, section ${name}.`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: below ? LESS_THAN_THRESHOLD : GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: below ? BREACHING : NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.all.push(alarm);
  }
}
