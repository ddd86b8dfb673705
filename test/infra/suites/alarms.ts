import { describe, expect, test } from "vitest";
import { functionNameOf, STEPS } from "../../../functions/steps.ts";
import { ALARMS, alarmMetricsOf, alarmsOf, ownMetricsOf } from "../../../infra/alarms.ts";
import { PARTS, type Part } from "../../../infra/parts.ts";
import type { Synthesized } from "../synthesized.ts";

const NOTED_BY_STEPS = /journal\.(?:count|duration)\(\s*"(\w+)"/g;

interface Metric {
  Namespace: string;
  MetricName: string;
  Dimensions?: { Name: string; Value: string }[];
}

/** What the alarms and the dashboard of a stack look at. */
function figuresOf(given: Synthesized) {
  const deployed = given.ofType("AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties);
  // An alarm names its metric itself, or those that it adds up in a list.
  const metrics = deployed.flatMap(({ Metrics, ...alone }) =>
    ((Metrics ?? [{ MetricStat: { Metric: alone } }]) as { MetricStat?: { Metric: Metric } }[]).flatMap(
      ({ MetricStat }) => MetricStat?.Metric ?? [],
    ),
  );
  const [, dashboard] = given.ofType("AWS::CloudWatch::Dashboard")[0] ?? [];
  const body = String(dashboard?.Properties.DashboardBody);
  // Keyturn's own, each with its dimensions, of which the service's name is the same for all.
  const shown = Array.from(body.matchAll(/\["Keyturn"((?:,"[^"]*")+)/g), ([, words = ""]) => {
    const [name = "", ...dimensions] = JSON.parse(`[${words.slice(1)}]`) as string[];
    return [name, ...dimensions.filter((_, place) => place % 2 === 1 && dimensions[place - 1] !== "service")];
  });
  const alarmed = metrics
    .filter(({ Namespace }) => Namespace === "Keyturn")
    .map(({ MetricName, Dimensions = [] }) => [
      MetricName,
      ...Dimensions.filter(({ Name }) => Name !== "service").map(({ Value }) => Value),
    ]);
  const looked = new Set([...shown, ...alarmed].map((words) => words.join(" ")));
  return { deployed, metrics, body, shown, alarmed, looked };
}

/** Which alarms a stack of these parts has, and what they and its figures cost. */
export function alarmsOfParts(parts: readonly Part[], given: Synthesized): void {
  const { deployed, metrics, looked } = figuresOf(given);

  describe(`alarms of ${parts.join(" and ")}`, () => {
    test("there is one for each of infra/alarms.ts that is about what is there, which says where to read on", () => {
      const described = deployed.map(({ AlarmName, AlarmDescription }) => [AlarmName, AlarmDescription]);
      const listed = alarmsOf(parts).map(({ name, says }) => [
        `keyturn-${name}`,
        `${says} What to do: docs/runbook.md, section ${name}.`,
      ]);
      const message =
        "infra/cloudwatch-alarms.ts makes every alarm of infra/alarms.ts, and no other: list it there; see docs/changing.md";
      expect(described.sort(), message).toEqual(listed.sort());
    });

    test("what they cost is counted: each metric of each alarm, and each figure of Keyturn's own", () => {
      expect(alarmMetricsOf(parts), "infra/alarms.ts: an alarm over several metrics costs as many").toBe(
        metrics.length,
      );
      const message = `infra/alarms.ts, OWN_METRICS: there are ${[...looked].sort().join(", ")}`;
      expect(ownMetricsOf(parts), message).toBe(looked.size);
    });
  });
}

/** What tells people, and the figures that it looks at, where all parts are there. */
export function alarms(given: Synthesized, stepSources: string[]): void {
  const { deployed, metrics, body, shown, alarmed, looked } = figuresOf(given);
  alarmsOfParts(PARTS, given);

  describe("alarms", () => {
    test("every one of infra/alarms.ts is there where all parts are", () => {
      expect(alarmsOf(PARTS).map(({ name }) => name)).toEqual(ALARMS.map(({ name }) => name));
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
        ...["fleet-rotation-summarize", "life-follow-execution", "credential-notify-sns", "exposed-key-notify-sns"],
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

    const noted = new Set(stepSources.flatMap((text) => Array.from(text.matchAll(NOTED_BY_STEPS), ([, name]) => name)));

    test("every figure of Keyturn's own that is looked at is noted by a step, and every other way about", () => {
      expect([shown.length, alarmed.length].map((length) => length > 1)).toEqual([true, true]);
      const message = "No step notes these figures, so nobody would see them change: journal.count or journal.duration";
      const names = new Set([...looked].map((words) => words.split(" ")[0]));
      expect(
        [...names].filter((name) => !noted.has(name)),
        message,
      ).toEqual([]);
      expect(
        [...noted].filter((name) => !names.has(name)),
        "Nobody looks at these: show them in infra/dashboard.ts, or do not note them, as each costs",
      ).toEqual([]);
    });

    // Executions are started through an alias, and AWS does not say whether these count under the machine's ARN.
    test("no figure of Step Functions' own is looked at", () => {
      const message = "Note a figure of Keyturn's own in a step instead: journal.count or journal.duration";
      expect(body, message).not.toContain("AWS/States");
      expect(
        metrics.filter(({ Namespace }) => Namespace === "AWS/States"),
        message,
      ).toEqual([]);
    });
  });
}
