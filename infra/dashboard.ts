import { Duration, Stack } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Alarms } from "./cloudwatch-alarms.ts";
import { counted, noted, ofEachFunction } from "./metrics.ts";
import { accountWideNames, FOLLOWED } from "./wiring.ts";

const VERDICTS = ["MATCH", "MATCH_PENDING", "WAITING", "SUPERSEDED", "STALE", "MISMATCH", "CONFLICT"];
const { MAXIMUM, SAMPLE_COUNT, p } = cloudwatch.Stats;

/** How the fleet does, on one page. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { all }: Alarms) {
    super(scope, id);
    const hourly = { period: Duration.hours(1) };
    new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: accountWideNames(Stack.of(this).region).dashboard,
      defaultInterval: Duration.days(3),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: "Alarms", alarms: all, width: 24, height: 3 })],
        [
          graph("Rotations by outcome, an hour", [
            counted("Rotation", { outcome: "ROTATED" }).with(hourly),
            counted("Rotation", { outcome: "FAILED" }).with(hourly),
          ]),
          graph(
            "Verdicts, an hour",
            VERDICTS.map((verdict) => counted("Verdict", { verdict }).with(hourly)),
          ),
          graph("Instances not proving (STALE), an hour", [counted("Verdict", { verdict: "STALE" }).with(hourly)]),
        ],
        [
          graph("Age of the oldest key (ms)", [noted("OldestKeyAge", MAXIMUM)]),
          graph("From push to receipt (ms)", [noted("PushLatency", p(50)), noted("PushLatency", p(99))]),
          graph("Registrations that did not succeed, an hour", [
            counted("Registration", { outcome: "REFUSED" }).with(hourly),
            counted("Registration", { outcome: "FAILED" }).with(hourly),
            counted("Registration", { outcome: "CUT_OFF" }).with(hourly),
          ]),
        ],
        [
          graph("Looks of the watch, an hour", [counted("Look", {}).with({ ...hourly, label: "come to their end" })]),
          graph("How long a look takes (ms)", [noted("LookDuration", MAXIMUM)]),
          graph("Runs over the fleet by outcome, an hour", [
            counted("Run", { outcome: "FINISHED" }).with(hourly),
            counted("Run", { outcome: "STOPPED" }).with(hourly),
          ]),
        ],
        [
          graph("Pushes, and those that were answered, an hour", [
            counted("Push", {}).with({ ...hourly, label: "sent" }),
            noted("PushLatency", SAMPLE_COUNT).with({ ...hourly, label: "answered" }),
          ]),
          graph(
            "Executions that were cut off or failed untold, an hour",
            FOLLOWED.map((flow) => counted("ExecutionCutOff", { flow }).with(hourly)),
          ),
          graph("Errors by function", ofEachFunction("Errors")),
        ],
      ],
    });
  }
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
}
