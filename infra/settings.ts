import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as z from "zod/mini";
import { NONCE_MODES, PUSH_TIMEOUT_SECONDS, SERIES_STORES, type SeriesStore } from "../protocol/index.ts";
import { isBucketName } from "./settings/bucket.ts";
import type { Circumstances } from "./settings/check.ts";
import { credential, credentialNetwork, kindThatHas } from "./settings/credentials.ts";
import { SettingsError } from "./settings/error.ts";
import { checked, eachOnce, group, oneOf, text, texts, whole } from "./settings/forms.ts";
import { faultOfInstanceType } from "./settings/instance-type.ts";
import { faultOfExpression } from "./settings/schedule.ts";
import { sentence, sentencesAbout } from "./settings/sentences.ts";
import { faultsOfTags } from "./settings/tags.ts";
import { isTimeZone } from "./settings/time-zone.ts";
import { CHECKS, MOST_SILENT_HOURS } from "./settings/together.ts";

export { SettingsError } from "./settings/error.ts";

/** CloudWatch keeps a log for these numbers of days only. CDK's list ends with its own word for ever. */
const RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days) => typeof days === "number" && days !== RetentionDays.INFINITE,
);

/**
 * Timestream takes no database of one letter or two, and SSM no document whose name begins as AWS's own do. An event bus
 * `default` is there already, so is CDK's own stack, and each host has a tag `Name` beside that of its fleet.
 */
const STACK_NAME = /^(?!aws|amazon|amzn|(default|name|cdktoolkit)$)[a-z][a-z0-9]{2,19}$/i;

/** Of the numbers of days that CloudWatch takes, those of whole years: days by years. */
const DAYS_OF_YEARS: Readonly<Record<number, number>> = {
  ...{ 1: 365, 2: 731, 3: 1096, 5: 1827, 6: 2192 },
  ...{ 7: 2557, 8: 2922, 9: 3288, 10: 3653 },
};

/** A function's variables, among them the unique IDs of all roles, take 4 KB. test/infra/template.test.ts holds both against it. */
const MOST_ROLES = 100;
/** The bus's policy, which names each twice, takes 10,240 characters. */
const MOST_OF_SENDERS = 3000;

/** AWS has fewer; each is looked up in one after the other, two calls a second. */
const MOST_REGIONS = 50;
/** A type of GuardDuty's findings: purpose, what it is about, name. Nobody means all of them. */
const GUARD_DUTY = /^[A-Z][A-Za-z]+:[A-Z][A-Za-z0-9]+\/([A-Za-z][\w.!-]*)?\*?$(?<!\/)/;
const GUARD_DUTY_LIKE = '"UnauthorizedAccess:IAMUser/MaliciousIPCaller" or "UnauthorizedAccess:IAMUser/*"';
/** A rule's pattern takes 2,048 characters, and the shortest of these types take two and a half times their length in it. */
const MOST_OF_TYPES = 600;

const SCHEDULE = 'must be like "rate(15 minutes)" or "cron(0 3 * * ? *)"';
const DRILL = 'must be "off", or like "rate(30 days)" or "cron(0 9 ? * MON#1 *)"';

/** The settings of a deployment: what they must be. docs/deploying.md says what they mean. */
const schema = group({
  stackName: text(STACK_NAME, "must be 3 to 20 letters and digits, a letter first, and no name that AWS has taken"),
  alertEmails: z
    .array(text(z.regexes.rfc5322Email, "must be an e-mail address"), "must be a list of e-mail addresses")
    .check(eachOnce((address) => address.toLowerCase())),
  rotateEveryHours: whole(1, 8760),
  schedule: group({
    expression: checked(SCHEDULE, (given) => faultOfExpression(given, SCHEDULE)),
    timeZone: texts(isTimeZone, 'must be a time zone of IANA\'s, such as "Europe/Berlin" or "UTC"'),
    flexibleMinutes: whole(0, 1440),
    silentAfterHours: whole(1, MOST_SILENT_HOURS),
  }),
  watch: group({
    freshnessMinutes: whole(1, 60),
    proofMinutes: whole(1, 1440),
  }),
  drill: group({
    schedule: checked(DRILL, (given) => (given === "off" ? undefined : faultOfExpression(given, DRILL))),
  }),
  audit: group({
    keepYears: z
      .number("must be a number of years")
      .check(z.refine((years) => years in DAYS_OF_YEARS, `must be one of ${Object.keys(DAYS_OF_YEARS).join(", ")}`)),
    bucket: texts((given) => given === "" || isBucketName(given), "must be the name of an S3 bucket, or empty"),
  }),
  timeSeries: oneOf(["auto", ...SERIES_STORES]),
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
    .check(z.refine((days) => RETENTION_DAYS.includes(days), `must be one of ${RETENTION_DAYS.join(", ")}`)),
  instanceType: checked('must be an EC2 instance type such as "t2.micro"', faultOfInstanceType),
  vpcId: text(/^(default|vpc-([0-9a-f]{8}|[0-9a-f]{17}))$/, 'must be "default" or the ID of a VPC (vpc-…)'),
  existingRoles: z
    .record(
      text(/^[\w+=,.@-]{1,64}$/, "must be the name of an IAM role alone, without its path, and no ARN"),
      text(/^AROA[A-Z0-9]{12,124}$/, "must be the role's unique ID (AROA…)"),
      'must be like { "WebServer": "AROAEXAMPLEEXAMPLE" }',
    )
    .check(({ value, issues }) => {
      const { length } = Object.keys(value);
      const many = `are ${length}, and must be ${MOST_ROLES} at the most; instances may share one`;
      if (length > MOST_ROLES) issues.push({ code: "custom", input: value, message: many });
      for (const [name, id] of Object.entries(value)) {
        const first = Object.keys(value).find((one) => value[one] === id) ?? name;
        const message = `has the unique ID of ${first}; each role has one of its own`;
        if (first !== name) issues.push({ code: "custom", input: id, path: [name], message });
      }
    }),
  permissionsBoundary: text(
    /^(?!.{641})(([\w+=,.@-]+\/)*[\w+=,.@-]{1,128})?$/,
    "must be the name of a managed policy of IAM, or empty",
  ),
  bootstrapQualifier: text(/^[A-Za-z0-9_-]{1,10}$/, "must be the qualifier that the account was bootstrapped with"),
  eventSenders: z
    .array(
      text(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/*-]+$/, "must be the ARN of an IAM role or user"),
      "must be a list of ARNs",
    )
    .check(eachOnce(), ({ value, issues }) => {
      const length = value.join().length;
      const long = `are ${length} characters long together, and must be ${MOST_OF_SENDERS} at the most; * may stand in a name`;
      if (length > MOST_OF_SENDERS) issues.push({ code: "custom", input: value, message: long });
    }),
  credentials: z.array(credential, "must be a list of credentials, or []"),
  credentialNetwork,
  exposedKeys: group({
    deploy: oneOf(["off", "on", "alone"]),
    then: oneOf(["deactivate", "delete"]),
    denySessions: z.boolean("must be true or false"),
    regions: z
      .array(text(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "must be the name of a Region"), "must be a list of Regions")
      .check(eachOnce(), ({ value, issues }) => {
        const { length } = value;
        const message = `are ${length}, and must be 1 to ${MOST_REGIONS}`;
        if (length < 1 || length > MOST_REGIONS) issues.push({ code: "custom", input: value, message });
      }),
    lookBackHours: whole(1, 90 * 24),
    guardDuty: z
      .array(text(GUARD_DUTY, `must be like ${GUARD_DUTY_LIKE}`), `must be [], or a list like [${GUARD_DUTY_LIKE}]`)
      .check(eachOnce(), ({ value, issues }) => {
        const length = value.join().length;
        const long = `are ${length} characters long together, and must be ${MOST_OF_TYPES} at the most; * may stand at the end`;
        if (length > MOST_OF_TYPES) issues.push({ code: "custom", input: value, message: long });
      }),
  }),
  tags: z
    .record(z.string(), z.string("must be a text"), 'must be like { "Team": "Platform" }')
    .check(({ value, issues }) => {
      for (const [name, message] of faultsOfTags(value)) {
        issues.push({ code: "custom", input: value, message, ...(name !== undefined && { path: [name] }) });
      }
    }),
});

/** The settings as cdk.json has them. */
export type GivenSettings = z.infer<typeof schema>;

/** What the stack is made with: as they are given, and where samples go is settled (infra/time-series.ts). */
export type Settings = GivenSettings & { timeSeries: SeriesStore };

/** The names of the settings, those of the schedule with a dot, as docs/deploying.md lists them. */
export const SETTING_NAMES = Object.entries(schema.shape).flatMap(([name, value]) =>
  "shape" in value ? Object.keys(value.shape as object).map((inner) => `${name}.${inner}`) : [name],
);

/**
 * For how many days CloudWatch keeps the log of the seals.
 *
 * @throws RangeError when CloudWatch knows no such number of years
 */
export function sealLogDays({ audit }: Pick<GivenSettings, "audit">): number {
  const days = DAYS_OF_YEARS[audit.keepYears];
  if (days === undefined) throw new RangeError(`CloudWatch cannot keep a log for ${audit.keepYears} years.`);
  return days;
}

/**
 * Checks the settings of a deployment: each by itself, and those that belong together against each other.
 *
 * @param given what `cdk.json` holds as `context.keyturn`
 * @param circumstances.now from when on they are to hold, in milliseconds since 1970
 * @param circumstances.region the Region of the deployment, where it is known
 * @throws SettingsError that names every setting that is missing, unknown or wrong, each in a line
 */
export function checkSettings(
  given: unknown,
  { now = Date.now(), region }: Partial<Circumstances> = {},
): GivenSettings {
  const { success, data, error } = schema.safeParse(given);
  const issues = error?.issues ?? [];
  const wrong = new Set(issues.filter(({ code }) => code !== "unrecognized_keys").map(({ path }) => path[0]));
  // What belongs together is looked at as far as it is sound by itself, so that people hear of everything at once.
  const settings = (data ?? given) as GivenSettings;
  const checks = wrong.has(undefined) ? [] : CHECKS.filter(({ of }) => !of.some((name) => wrong.has(name)));
  const faults = checks.flatMap(({ faults }) => [...faults(settings, { now, region })]);
  const sentences = [
    ...issues.flatMap((issue) => sentencesAbout(issue, given, ofOtherKind)),
    ...faults.map(([setting, fault]) => sentence(setting, fault)),
  ];
  if (!success || sentences.length > 0) {
    throw new SettingsError([...sentences, "docs/deploying.md says what each setting means."].join("\n"));
  }
  return settings;
}

/** A setting of one kind of credential that stands in one of the other kind. */
function ofOtherKind([list, , ...deeper]: readonly PropertyKey[], setting: string): string | undefined {
  return list === "credentials" && deeper.length === 0 ? kindThatHas(setting) : undefined;
}
