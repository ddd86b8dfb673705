/** What AWS takes for what Keyturn uses, and how that is written. */

/** US dollars, list prices of us-east-1 in November 2026, without free tiers. */
export const PRICES = {
  stateTransition: 25 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  tableWriteUnit: 0.625 / 1e6,
  tableReadUnit: 0.125 / 1e6,
  kmsCall: 0.03 / 1e4,
  event: 1 / 1e6,
  logGb: 0.5,
  kmsKeyMonth: 1,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  dashboardMonth: 3,
  secretMonth: 0.4,
  secretCall: 0.05 / 1e4,
} as const;

export type Item = keyof typeof PRICES;
export type Counts = Partial<Record<Item, number>>;

/** The memory of a function, in GB. */
export const LAMBDA_GB = 0.5;

export const WORDS: Record<Item, string> = {
  stateTransition: "Step Functions, state transitions",
  lambdaRequest: "Lambda, invocations",
  lambdaGbSecond: "Lambda, GB-seconds (512 MB)",
  tableWriteUnit: "DynamoDB, write units",
  tableReadUnit: "DynamoDB, read units",
  kmsCall: "KMS, calls",
  event: "EventBridge, events",
  logGb: "CloudWatch Logs, GB",
  kmsKeyMonth: "KMS, keys",
  alarmMonth: "CloudWatch, metrics of alarms",
  metricMonth: "CloudWatch, figures",
  dashboardMonth: "CloudWatch, dashboards",
  secretMonth: "Secrets Manager, secrets",
  secretCall: "Secrets Manager, calls",
};

export function money(sum: number): string {
  const digits = sum < 100 ? 2 : 0;
  return `$${sum.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** What so much comes to, so many times, in US dollars. */
export function dollars(counts: Counts, times = 1): number {
  return (Object.entries(counts) as [Item, number][]).reduce((sum, [item, n]) => sum + n * PRICES[item] * times, 0);
}
