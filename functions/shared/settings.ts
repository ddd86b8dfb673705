import {
  NONCE_MODES,
  type NonceMode,
  type SampleStore,
  SERIES_STORES,
  type SeriesStore,
} from "../../protocol/index.ts";

/**
 * Every environment variable that a step may read, with what it means. A step's contract names those it reads; the
 * deployment must give exactly these, or does not compile.
 */
export const SETTINGS = {
  NAME_PREFIX:
    "what the names of this deployment begin with, e.g. `keyturn`; its metrics and hosts are told from others' by it",
  INSTANCE_TABLE: "name of the DynamoDB table with the records",
  AUDIT_TABLE: "name of the DynamoDB table with the audit lines and their seals",
  SEAL_BUCKET: "name of the S3 bucket with Object Lock in which seals are kept; empty for none",
  AUDIT_KEPT_DAYS: "how long seals are kept in that bucket",
  FINDING_TABLE: "name of the DynamoDB table with the findings",
  TICKET_TABLE: "name of the DynamoDB table with the tickets",
  KEY_ENCRYPTION_KEY: "ARN of the KMS key that encrypts key material in the records",
  NONCE_KEY: "ARN of the KMS HMAC key that nonces are computed with",
  NONCE_MODE: `${NONCE_MODES.join(" or ")}; none is for compatibility with agents that know no nonce`,
  TIME_SERIES: `where samples go: ${SERIES_STORES.join(" or ")}`,
  FORMER_TIME_SERIES: `where samples went before, and may go still: ${SERIES_STORES.join(" or ")}, or none`,
  TIMESTREAM_DATABASE: "Timestream database of the samples (with `timestream`)",
  TIMESTREAM_TABLE: "Timestream table of the samples (with `timestream`)",
  SERIES_TABLE: "name of the DynamoDB table with the samples (with `dynamodb`)",
  SAMPLE_INTERVAL_SECONDS: "how often an instance writes a sample",
  ALLOWED_SKEW_SECONDS: "how far an instance's clock may be ahead",
  ROTATE_EVERY_SECONDS: "how old a key gets before its instance is due",
  PUSH_DOCUMENT: "name of the SSM document that has the agent turn its key",
  ALERT_TOPIC_ARN: "ARN of the SNS topic that mails people",
  EVENT_BUS: "name of Keyturn's own event bus",
  REGISTRATION_FLOW_ARN: "ARN of the registration state machine",
  ROTATION_FLOW_ARN: "ARN of the rotation state machine",
  FLEET_ROTATION_FLOW_ARN: "ARN of the state machine of the runs over the fleet",
  CREDENTIAL_FLOW_ARN: "ARN of the credential state machine",
  EXPOSED_KEY_FLOW_ARN: "ARN of the state machine that shuts exposed access keys",
  EXPOSED_KEYS: "what is done with exposed access keys, as JSON (functions/shared/exposed-key-settings.ts)",
  CREDENTIALS: "the credentials that are turned, as a JSON list (functions/shared/credential-settings.ts)",
  SCHEDULE_SILENT_SECONDS: "after how long without a run over the fleet people are told; 0 where no fleet is",
  WATCH_LOOK_SECONDS: "how often the watch looks who has fallen silent",
  WATCH_PROOF_SECONDS: "how often the watch judges each instance's proofs",
  FLEET_ROLE_IDS: "unique IDs (AROA…) of the roles that instances of the fleet run under, separated by commas",
  FLEET_ACCOUNT: "the 12 digits of the AWS account that the fleet is in",
  FLEET_PARTITION: "the partition of AWS that the fleet is in: `aws`, `aws-cn`, `aws-us-gov`",
} as const;

export type SettingName = keyof typeof SETTINGS;

/** The settings of a step, as its contract names them. */
export type SettingsOf<Names extends readonly SettingName[]> = Record<Names[number], string>;

/**
 * Reads settings from the environment.
 *
 * @throws Error that lists every setting that is missing, with its meaning
 */
export function readSettings<const Names extends readonly SettingName[]>(
  names: Names,
  environment: NodeJS.ProcessEnv = process.env,
): SettingsOf<Names> {
  const missing = names.filter((name) => environment[name] === undefined);
  if (missing.length > 0) {
    const list = missing.map((name) => `${name} (${SETTINGS[name]})`).join(", ");
    throw new Error(`Missing environment variables: ${list}. The deployment sets them; deploy again.`);
  }
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as SettingsOf<Names>;
}

/**
 * A setting that is a number of seconds.
 *
 * @returns milliseconds
 * @throws Error when it is no number above 0
 */
export function milliseconds(settings: Partial<Record<SettingName, string>>, name: SettingName): number {
  const seconds = Number(settings[name]);
  if (!(seconds > 0)) throw new Error(`${name} must be a number of seconds above 0 (${SETTINGS[name]})`);
  return seconds * 1000;
}

/** @throws Error when the value of TIME_SERIES is none of `SERIES_STORES` */
export function timeSeriesOf(value: string): SeriesStore {
  return oneOf("TIME_SERIES", SERIES_STORES, value);
}

/**
 * Where samples went before, and agents that have not registered since still write.
 *
 * @throws Error when the value of FORMER_TIME_SERIES is none of `SERIES_STORES`, nor `none`
 */
export function formerTimeSeriesOf(value: string): SeriesStore | undefined {
  const former = oneOf("FORMER_TIME_SERIES", ["none", ...SERIES_STORES] as const, value);
  return former === "none" ? undefined : former;
}

/** @throws Error when the value of TIME_SERIES is none of `SERIES_STORES` */
export function sampleStoreOf(
  settings: SettingsOf<readonly ["TIME_SERIES", "TIMESTREAM_DATABASE", "TIMESTREAM_TABLE", "SERIES_TABLE"]>,
): SampleStore {
  const { TIMESTREAM_DATABASE: database, TIMESTREAM_TABLE, SERIES_TABLE } = settings;
  return timeSeriesOf(settings.TIME_SERIES) === "dynamodb"
    ? { kind: "dynamodb", table: SERIES_TABLE }
    : { kind: "timestream", database, table: TIMESTREAM_TABLE };
}

/** @throws Error when the value of NONCE_MODE is none of `NONCE_MODES` */
export function nonceModeOf(value: string): NonceMode {
  return oneOf("NONCE_MODE", NONCE_MODES, value);
}

function oneOf<Choice extends string>(name: SettingName, choices: readonly Choice[], value: string): Choice {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new Error(`${name} must be ${choices.join(" or ")} (${SETTINGS[name]})`);
  return choice;
}
