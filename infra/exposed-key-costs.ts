/** What it costs to shut exposed access keys: docs/costs.md holds the table, and the counts in words. */

import { alarmMetricsOf, ownMetricsOf } from "./alarms.ts";
import { functionsOn, passed } from "./flow-paths.ts";
import { PARTS } from "./parts.ts";
import { type Counts, dollars, type Item, LAMBDA_GB, money, PRICES, WORDS } from "./prices.ts";

/** The states that an execution passes for an event of one key when all is well, by the Map that they are in. */
const PATHS: [within: string | undefined, turns: Record<string, string>][] = [
  [undefined, { AllRead: "SecondLook", SecondLook: "AwaitTrail", Ended: "Done" }],
  ["ShutEach", { Whose: "DeactivateKey", Sessions: "DenySessions" }],
  ["TellEach", { MoreUse: "Deletion", Deletion: "ConfirmGone" }],
  ["LookAgainEach", { MoreUseAgain: "NotifySnsAgain" }],
];
const passedBy = PATHS.map(([within, turns]) => {
  const path = passed("exposed-key", turns, within);
  return { states: path.length, functions: functionsOn("exposed-key", path, within) };
});
const sumOf = (count: (one: (typeof passedBy)[number]) => number) =>
  passedBy.map(count).reduce((sum, one) => sum + one, 0);

/** How long each of two looks takes: as shipped, a page of each of 17 Regions, half a second one after the other. */
const LOOK_UP_SECONDS = 17 * 0.5;

/** An event of one exposed key. CloudTrail, IAM and STS answer for nothing. */
export const EXPOSED_KEY: Counts = {
  stateTransition: sumOf(({ states }) => states),
  // Besides: what receives the event.
  lambdaRequest: sumOf(({ functions }) => functions) + 1,
  lambdaGbSecond: (2 * LOOK_UP_SECONDS + sumOf(({ functions }) => functions) * 0.2) * LAMBDA_GB,
  tableReadUnit: 20,
  tableWriteUnit: 15,
  event: 2,
};

/** What stands there for it, beside a fleet. */
const BESIDE: Counts = {
  alarmMonth: alarmMetricsOf(PARTS) - alarmMetricsOf(["fleet"]),
  metricMonth: ownMetricsOf(PARTS) - ownMetricsOf(["fleet"]),
};

/**
 * What it costs in a month while nothing is exposed, beside a fleet and in a stack of its own, as a Markdown table.
 *
 * @param look what the watch does in a month over no instances
 */
export function exposedKeysTable(look: Counts): string {
  const apart: Counts = {
    kmsKeyMonth: 1,
    alarmMonth: alarmMetricsOf(["exposed-keys"]),
    metricMonth: ownMetricsOf(["exposed-keys"]),
    dashboardMonth: 1,
    ...Object.fromEntries(Object.entries(look).filter(([, n]) => n > 0)),
  };
  const cellsOf = (counts: Counts, item: Item) => {
    const n = counts[item] ?? 0;
    return `${Number(n.toPrecision(3)).toLocaleString("en-US")} | ${money(n * PRICES[item])}`;
  };
  const rows = (Object.keys(apart) as Item[]).map(
    (item) => `| ${WORDS[item]} | ${cellsOf(BESIDE, item)} | ${cellsOf(apart, item)} |`,
  );
  return [
    "| paid for | beside a fleet | a month | in a stack of its own | a month |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
    `| **together** | | **${money(dollars(BESIDE))}** | | **${money(dollars(apart))}** |`,
  ].join("\n");
}
