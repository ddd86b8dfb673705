import { describe, expect, test } from "vitest";
import { functionNameOf, STEPS } from "../../../functions/steps.ts";
import { ALARMS } from "../../../infra/alarms.ts";
import type { Synthesized } from "../synthesized.ts";

const NOTED_BY_STEPS = /journal\.(?:count|duration)\(\s*"(\w+)"/g;

/** What tells people, and the figures that it looks at. */
export function alarms(given: Synthesized, stepSources: string[]): void {
  const deployed = given.ofType("AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties);

  describe("alarms", () => {
    test("there is one for each of infra/alarms.ts, which says where in the runbook to read on", () => {
      const described = deployed.map(({ AlarmName, AlarmDescription }) => [AlarmName, AlarmDescription]);
      const listed = ALARMS.map(({ name, says }) => [
        `keyturn-${name}`,
        `${says} What to do: docs/runbook.md, section ${name}.`,
      ]);
      const message =
        "infra/cloudwatch-alarms.ts makes every alarm of infra/alarms.ts, and no other: list it there; see docs/changing.md";
      expect(described.sort(), message).toEqual(listed.sort());
    });

    test("the functions that they look at are steps' functions", () => {
      const watched = ALARMS.flatMap(({ figure }) => ("functions" in figure ? figure.functions : []));
      const names = STEPS.map((step) => functionNameOf(step));
      expect(
        watched.map(functionNameOf).filter((name) => !names.includes(name)),
        "infra/alarms.ts looks at functions that there are not: name steps of functions/steps.ts",
      ).toEqual([]);
    });

    test("every alarm mails people by itself", () => {
      const [topic] = given.one("AWS::SNS::Topic", "TopicName", "keyturn-alerts");
      const silent = deployed.filter(({ AlarmActions }) => JSON.stringify(AlarmActions) !== `["\${${topic}}"]`);
      expect(
        silent.map(({ AlarmName }) => AlarmName),
        "infra/cloudwatch-alarms.ts: let these send to the alert topic, and nowhere else",
      ).toEqual([]);
    });

    test("the failures of those who tell people are alarmed about", () => {
      const watched = JSON.stringify(deployed.find(({ AlarmName }) => AlarmName === "keyturn-NotifierFailing"));
      // Of other steps that mail, these tell when they fail.
      const tellers = [
        ...["rotation-notify-sns", "registration-notify-sns", "watch-notify-sns"],
        ...["fleet-rotation-summarize", "life-follow-execution"],
      ];
      expect(
        tellers.filter((name) => !watched.includes(`keyturn-${name}`)),
        "infra/alarms.ts, NotifierFailing: look at these functions too, or people would not hear that they are not told",
      ).toEqual([]);
    });

    test("that nobody looks any more is told by CloudWatch, after three looks that have not come to their end", () => {
      const [, watch] = given.one("AWS::Scheduler::Schedule", "Name", "keyturn-watch");
      expect(watch.Properties.ScheduleExpression).toBe("rate(5 minutes)");
      const silent = deployed.find(({ AlarmName }) => AlarmName === "keyturn-WatchSilent");
      const message = "infra/alarms.ts, WatchSilent: no figure is what is wrong, so that missing data must breach";
      const look = { Metric: { Namespace: "Keyturn", MetricName: "Look" }, Period: 300, Stat: "Sum" };
      expect(silent, message).toMatchObject({
        Metrics: [{ MetricStat: look }],
        ...{
          EvaluationPeriods: 3,
          Threshold: 1,
          ComparisonOperator: "LessThanThreshold",
          TreatMissingData: "breaching",
        },
      });
    });

    test("both dead-letter queues are alarmed about", () => {
      const queues = deployed.filter(({ Namespace }) => Namespace === "AWS/SQS");
      expect(
        queues.map(({ AlarmName }) => AlarmName),
        "infra/alarms.ts: each dead-letter queue of infra/dead-letters.ts has an alarm; name a new one here too",
      ).toEqual(["keyturn-EventsUndelivered", "keyturn-EventsUnworked"]);
    });

    test("every figure of Keyturn's own that is looked at is noted by a step", () => {
      const noted = new Set(
        stepSources.flatMap((text) => Array.from(text.matchAll(NOTED_BY_STEPS), ([, name]) => name)),
      );
      const [, dashboard] = given.ofType("AWS::CloudWatch::Dashboard")[0] ?? [];
      const shown = Array.from(
        String(dashboard?.Properties.DashboardBody).matchAll(/\["Keyturn","(\w+)"/g),
        ([, name]) => name,
      );
      // An alarm names its figure itself, or in a list.
      const looked: { Namespace?: unknown; MetricName?: unknown }[] = deployed.flatMap(({ Metrics, ...alone }) => [
        alone,
        ...((Metrics ?? []) as { MetricStat?: { Metric: object } }[]).map(({ MetricStat }) => MetricStat?.Metric ?? {}),
      ]);
      const alarmed = looked
        .filter(({ Namespace }) => Namespace === "Keyturn")
        .map(({ MetricName }) => String(MetricName));
      expect(shown.length).toBeGreaterThan(5);
      expect(alarmed.length).toBeGreaterThan(1);
      const message = "No step notes these figures, so nobody would see them change: journal.count or journal.duration";
      expect(
        [...shown, ...alarmed].filter((name) => !noted.has(name)),
        message,
      ).toEqual([]);
    });
  });
}
