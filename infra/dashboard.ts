import { Duration, Stack } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Alarms } from "./cloudwatch-alarms.ts";
import { namesIn } from "./in-stack.ts";
import { counted, noted, ofEachFunction } from "./metrics.ts";
import { hasFlow, type Part } from "./parts.ts";
import { accountWideNames, FOLLOWED } from "./wiring.ts";

const VERDICTS = ["MATCH", "MATCH_PENDING", "WAITING", "SUPERSEDED", "STALE", "MISMATCH", "CONFLICT"];
/** How a former user is shut, in its strokes, and how a former token ends. */
const RETIRED = ["LOGIN", "PASSWORD", "REVOKED", "ENDED", "LEFT"];
/** By what people were told of an exposed key, or of an event that named none. */
const EXPOSED = [
  ...["AccessKeyExposed", "ExposedKeyNotShut", "RootKeyExposed", "ExposedKeyOfOthers", "TemporaryKeyExposed"],
  ...["MoreUseFound", "ExposureUnread"],
];
const { MAXIMUM, SAMPLE_COUNT, p } = cloudwatch.Stats;

const HOURLY = { period: Duration.hours(1) };

/** How the fleet does, and what becomes of exposed keys, on one page. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, parts: readonly Part[], { all }: Alarms) {
    super(scope, id);
    const hasFleet = parts.includes("fleet");
    new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: accountWideNames(namesIn(this), Stack.of(this).region).dashboard,
      defaultInterval: Duration.days(3),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: "Alarms", alarms: all, width: 24, height: 3 })],
        ...(hasFleet ? this.rotations() : []),
        [
          graph("Looks of the watch, an hour", [
            counted(this, "Look", {}).with({ ...HOURLY, label: "come to their end" }),
          ]),
          graph("How long a look takes (ms)", [noted(this, "LookDuration", MAXIMUM)]),
          ...(hasFleet ? [this.runs()] : []),
        ],
        ...(hasFleet ? [this.credentials()] : []),
        ...(parts.includes("exposed-keys") ? [[this.exposedKeys()]] : []),
        [
          ...(hasFleet ? [this.pushes()] : []),
          graph(
            "Executions that were cut off or failed untold, an hour",
            FOLLOWED.filter((flow) => hasFlow(parts, flow)).map((flow) =>
              counted(this, "ExecutionCutOff", { flow }).with(HOURLY),
            ),
          ),
          graph("Errors by function", ofEachFunction(this, parts, "Errors")),
        ],
      ],
    });
  }

  private rotations(): cloudwatch.IWidget[][] {
    return [
      [
        graph("Rotations by outcome, an hour", [
          counted(this, "Rotation", { outcome: "ROTATED" }).with(HOURLY),
          counted(this, "Rotation", { outcome: "FAILED" }).with(HOURLY),
        ]),
        graph(
          "Verdicts, an hour",
          VERDICTS.map((verdict) => counted(this, "Verdict", { verdict }).with(HOURLY)),
        ),
        graph("Instances not proving (STALE), an hour", [counted(this, "Verdict", { verdict: "STALE" }).with(HOURLY)]),
      ],
      [
        graph("Age of the oldest key (ms)", [noted(this, "OldestKeyAge", MAXIMUM)]),
        graph("From push to receipt (ms)", [noted(this, "PushLatency", p(50)), noted(this, "PushLatency", p(99))]),
        graph("Registrations that did not succeed, an hour", [
          counted(this, "Registration", { outcome: "REFUSED" }).with(HOURLY),
          counted(this, "Registration", { outcome: "FAILED" }).with(HOURLY),
          counted(this, "Registration", { outcome: "CUT_OFF" }).with(HOURLY),
        ]),
      ],
    ];
  }

  private runs(): cloudwatch.IWidget {
    return graph("Runs over the fleet by outcome, an hour", [
      counted(this, "Run", { outcome: "FINISHED" }).with(HOURLY),
      counted(this, "Run", { outcome: "STOPPED" }).with(HOURLY),
    ]);
  }

  private credentials(): cloudwatch.IWidget[] {
    return [
      graph("Credentials turned, and not, an hour", [
        counted(this, "CredentialRotation", { outcome: "ROTATED" }).with(HOURLY),
        counted(this, "CredentialRotation", { outcome: "FAILED" }).with(HOURLY),
      ]),
      graph(
        "Former users shut, and tokens ended, by stroke, an hour",
        RETIRED.map((stroke) => counted(this, "CredentialRetirement", { stroke }).with(HOURLY)),
      ),
      graph("Looks at credentials, an hour", [
        counted(this, "CredentialLook", {}).with({ ...HOURLY, label: "come to their end" }),
      ]),
    ];
  }

  private exposedKeys(): cloudwatch.IWidget {
    return graph(
      "Exposed access keys by what was told of them, an hour",
      EXPOSED.map((outcome) => counted(this, "ExposedKey", { outcome }).with(HOURLY)),
    );
  }

  private pushes(): cloudwatch.IWidget {
    return graph("Pushes, and those that were answered, an hour", [
      counted(this, "Push", {}).with({ ...HOURLY, label: "sent" }),
      noted(this, "PushLatency", SAMPLE_COUNT).with({ ...HOURLY, label: "answered" }),
    ]);
  }
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
}
