import * as z from "zod/mini";
import { NONCE_MODES, PUSH_TIMEOUT_SECONDS, SERIES_STORES } from "../protocol/index.ts";

const whole = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .check(
      z.minimum(least, `must be a whole number from ${least} to ${most}`),
      z.maximum(most, `must be a whole number from ${least} to ${most}`),
    );
const oneOf = <const Choice extends string>(choices: readonly Choice[]) =>
  z.enum(choices, `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}`);
const text = (pattern: RegExp, problem: string) => z.string(problem).check(z.regex(pattern, problem));

/** What EventBridge Scheduler takes of a schedule that comes again and again. */
const EXPRESSION = /rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\)/.source;

/** CloudWatch takes these numbers of days only. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557] as const;

/** Of the numbers of days that CloudWatch takes, those of whole years: days by years. */
const DAYS_OF_YEARS: Readonly<Record<number, number>> = {
  ...{ 1: 365, 2: 731, 3: 1096, 5: 1827, 6: 2192 },
  ...{ 7: 2557, 8: 2922, 9: 3288, 10: 3653 },
};

/** The settings of a deployment: what they must be. docs/deploying.md says what they mean. */
const schema = z.strictObject({
  stackName: text(/^[A-Za-z][A-Za-z0-9]{0,19}$/, "must be 1 to 20 letters and digits, a letter first"),
  alertEmails: z.array(text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "must be an e-mail address"), "must be a list"),
  rotateEveryHours: whole(1, 8760),
  schedule: z.strictObject({
    expression: text(new RegExp(`^(${EXPRESSION})$`), 'must be like "rate(15 minutes)" or "cron(0 3 * * ? *)"'),
    timeZone: text(/^[A-Za-z]+(\/[A-Za-z0-9_+-]+){0,2}$/, 'must be a time zone such as "Europe/Berlin" or "UTC"'),
    flexibleMinutes: whole(0, 1440),
    silentAfterHours: whole(1, 168),
  }),
  watch: z.strictObject({
    freshnessMinutes: whole(1, 60),
    proofMinutes: whole(1, 1440),
  }),
  drill: z.strictObject({
    schedule: text(
      new RegExp(`^(off|${EXPRESSION})$`),
      'must be "off", or like "rate(30 days)" or "cron(0 9 ? * MON#1 *)"',
    ),
  }),
  audit: z.strictObject({
    keepYears: z
      .number("must be a number of years")
      .check(z.refine((years) => years in DAYS_OF_YEARS, `must be one of ${Object.keys(DAYS_OF_YEARS).join(", ")}`)),
    bucket: text(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/, "must be the name of an S3 bucket, or empty"),
  }),
  timeSeries: oneOf(SERIES_STORES),
  formerTimeSeries: oneOf(["none", ...SERIES_STORES]),
  nonce: oneOf(NONCE_MODES),
  sampleIntervalSeconds: whole(10, 3600),
  allowedSkewSeconds: whole(1, 600),
  pushTimeoutSeconds: whole(PUSH_TIMEOUT_SECONDS.least, PUSH_TIMEOUT_SECONDS.most),
  fleetSize: whole(1, 100_000),
  maxConcurrency: whole(1, 1000),
  toleratedFailureShare: z
    .number("must be a number from 0 to 1")
    .check(z.minimum(0, "must be a number from 0 to 1"), z.maximum(1, "must be a number from 0 to 1")),
  logRetentionDays: z
    .number("must be a number of days")
    .check(z.refine((days) => RETENTION_DAYS.includes(days as never), `must be one of ${RETENTION_DAYS.join(", ")}`)),
  instanceType: text(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'must be an EC2 instance type such as "t2.micro"'),
  vpcId: text(/^(default|vpc-[0-9a-f]{8,17})$/, 'must be "default" or the ID of a VPC (vpc-…)'),
  existingRoles: z.record(
    text(/^[\w+=,.@-]{1,64}$/, "must be the name of an IAM role"),
    text(/^AROA[A-Z0-9]{12,124}$/, "must be the role's unique ID (AROA…)"),
  ),
  permissionsBoundary: text(/^([\w+=,.@-]{1,128})?$/, "must be the name of a managed policy of IAM, or empty"),
  bootstrapQualifier: text(/^[A-Za-z0-9_-]{1,10}$/, "must be the qualifier that the account was bootstrapped with"),
  eventSenders: z.array(
    text(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/*-]+$/, "must be the ARN of an IAM role or user"),
    "must be a list",
  ),
  tags: z.record(z.string(), z.string("must be a text")),
});

export type Settings = z.infer<typeof schema>;

/** The names of the settings, those of the schedule with a dot, as docs/deploying.md lists them. */
export const SETTING_NAMES = Object.entries(schema.shape).flatMap(([name, value]) =>
  "shape" in value ? Object.keys(value.shape as object).map((inner) => `${name}.${inner}`) : [name],
);

/**
 * For how many days CloudWatch keeps the log of the seals.
 *
 * @throws RangeError when CloudWatch knows no such number of years
 */
export function sealLogDays({ audit }: Pick<Settings, "audit">): number {
  const days = DAYS_OF_YEARS[audit.keepYears];
  if (days === undefined) throw new RangeError(`CloudWatch cannot keep a log for ${audit.keepYears} years.`);
  return days;
}

/** A mistake in the settings. Its message is one sentence for the user. */
export class SettingsError extends Error {}

/**
 * Checks the settings of a deployment.
 *
 * @param given what `cdk.json` holds as `context.keyturn`
 * @throws SettingsError that names the first setting that is missing, unknown or malformed
 */
export function checkSettings(given: unknown): Settings {
  const result = schema.safeParse(given);
  if (!result.success) throw new SettingsError(sentenceAbout(result.error.issues[0]));
  const settings = result.data;
  if (settings.formerTimeSeries === settings.timeSeries) {
    throw new SettingsError(
      "In cdk.json, keyturn.formerTimeSeries must not be what keyturn.timeSeries is: it names where samples went before.",
    );
  }
  const rate = rateHours(settings.schedule.expression);
  if (rate !== undefined && settings.schedule.silentAfterHours <= rate + settings.schedule.flexibleMinutes / 60) {
    throw new SettingsError(
      "In cdk.json, keyturn.schedule.silentAfterHours must be longer than the rate and the flexible window together.",
    );
  }
  if (settings.watch.proofMinutes < settings.watch.freshnessMinutes) {
    throw new SettingsError(
      "In cdk.json, keyturn.watch.proofMinutes must not be shorter than keyturn.watch.freshnessMinutes: proofs are judged when it is looked.",
    );
  }
  return settings;
}

function sentenceAbout(issue: z.core.$ZodIssue | undefined): string {
  const path = ["keyturn", ...(issue?.path ?? [])].join(".");
  if (issue?.code === "unrecognized_keys") {
    return `In cdk.json, ${path}.${issue.keys[0]} is no setting; docs/deploying.md lists those that there are.`;
  }
  const missing = issue?.code === "invalid_type" && !/^must/.test(issue.message);
  return `In cdk.json, ${path} ${missing ? "is missing or not of the right kind" : issue?.message}; see docs/deploying.md.`;
}

/** Hours between two firings of a rate; undefined for cron. */
function rateHours(expression: string): number | undefined {
  const [, amount, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount === undefined) return undefined;
  return (Number(amount) * ({ minute: 1, hour: 60, day: 1440 }[unit] ?? Number.NaN)) / 60;
}
