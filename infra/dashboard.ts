import { Duration, Stack } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Alarms } from "./cloudwatch-alarms.ts";
import { namesIn } from "./in-stack.ts";
import { counted, noted, ofEachFunction } from "./metrics.ts";
import { accountWideNames, FOLLOWED } from "./wiring.ts";

const VERDICTS = ["MATCH", "MATCH_PENDING", "WAITING", "SUPERSEDED", "STALE", "MISMATCH", "CONFLICT"];
/** How a former user is shut, in its strokes, and how a former token ends. */
const RETIRED = ["LOGIN", "PASSWORD", "REVOKED", "ENDED", "LEFT"];
const { MAXIMUM, SAMPLE_COUNT, p } = cloudwatch.Stats;

/** How the fleet does, on one page. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { all }: Alarms) {
    super(scope, id);
    const hourly = { period: Duration.hours(1) };
    new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: accountWideNames(namesIn(this), Stack.of(this).region).dashboard,
      defaultInterval: Duration.days(3),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: "Alarms", alarms: all, width: 24, height: 3 })],
        [
          graph("Rotations by outcome, an hour", [
            counted(this, "Rotation", { outcome: "ROTATED" }).with(hourly),
            counted(this, "Rotation", { outcome: "FAILED" }).with(hourly),
          ]),
          graph(
            "Verdicts, an hour",
            VERDICTS.map((verdict) => counted(this, "Verdict", { verdict }).with(hourly)),
          ),
          graph("Instances not proving (STALE), an hour", [
            counted(this, "Verdict", { verdict: "STALE" }).with(hourly),
          ]),
        ],
        [
          graph("Age of the oldest key (ms)", [noted(this, "OldestKeyAge", MAXIMUM)]),
          graph("From push to receipt (ms)", [noted(this, "PushLatency", p(50)), noted(this, "PushLatency", p(99))]),
          graph("Registrations that did not succeed, an hour", [
            counted(this, "Registration", { outcome: "REFUSED" }).with(hourly),
            counted(this, "Registration", { outcome: "FAILED" }).with(hourly),
            counted(this, "Registration", { outcome: "CUT_OFF" }).with(hourly),
          ]),
        ],
        [
          graph("Looks of the watch, an hour", [
            counted(this, "Look", {}).with({ ...hourly, label: "come to their end" }),
          ]),
          graph("How long a look takes (ms)", [noted(this, "LookDuration", MAXIMUM)]),
          graph("Runs over the fleet by outcome, an hour", [
            counted(this, "Run", { outcome: "FINISHED" }).with(hourly),
            counted(this, "Run", { outcome: "STOPPED" }).with(hourly),
          ]),
        ],
        [
          graph("Credentials turned, and not, an hour", [
            counted(this, "CredentialRotation", { outcome: "ROTATED" }).with(hourly),
            counted(this, "CredentialRotation", { outcome: "FAILED" }).with(hourly),
          ]),
          graph(
            "Former users shut, and tokens ended, by stroke, an hour",
            RETIRED.map((stroke) => counted(this, "CredentialRetirement", { stroke }).with(hourly)),
          ),
          graph("Looks at credentials, an hour", [
            counted(this, "CredentialLook", {}).with({ ...hourly, label: "come to their end" }),
          ]),
        ],
        [
          graph("Pushes, and those that were answered, an hour", [
            counted(this, "Push", {}).with({ ...hourly, label: "sent" }),
            noted(this, "PushLatency", SAMPLE_COUNT).with({ ...hourly, label: "answered" }),
          ]),
          graph(
            "Executions that were cut off or failed untold, an hour",
            FOLLOWED.map((flow) => counted(this, "ExecutionCutOff", { flow }).with(hourly)),
          ),
          graph("Errors by function", ofEachFunction(this, "Errors")),
        ],
      ],
    });
  }
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
}
