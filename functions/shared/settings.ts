import { NONCE_MODES, type NonceMode, SERIES_STORES, type SeriesStore } from "../../protocol/index.ts";

/**
 * Every environment variable that a step may read, with what it means. A step's contract names those it reads; the
 * deployment must give exactly these, or does not compile.
 */
export const SETTINGS = {
  INSTANCE_TABLE: "name of the DynamoDB table with the records",
  KEY_ENCRYPTION_KEY: "ARN of the KMS key that encrypts key material in the records",
  NONCE_KEY: "ARN of the KMS HMAC key that nonces are computed with",
  NONCE_MODE: "`hmac`, or `none` for compatibility with agents that know no nonce",
  TIME_SERIES: "where samples are: `timestream` or `dynamodb`",
  TIMESTREAM_DATABASE: "Timestream database of the samples (with `timestream`)",
  TIMESTREAM_TABLE: "Timestream table of the samples (with `timestream`)",
  SERIES_TABLE: "name of the DynamoDB table with the samples (with `dynamodb`)",
  SAMPLE_INTERVAL_SECONDS: "how often an instance writes a sample",
  ALLOWED_SKEW_SECONDS: "how far an instance's clock may be ahead",
  ROTATE_EVERY_SECONDS: "how old a key gets before its instance is due",
  PUSH_DOCUMENT: "name of the SSM document that hands a ticket to the agent",
  ALERT_TOPIC_ARN: "ARN of the SNS topic that mails people",
  EVENT_BUS: "name of Keyturn's own event bus",
  REGISTRATION_FLOW_ARN: "ARN of the registration state machine",
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

/** @throws Error when TIME_SERIES is neither `timestream` nor `dynamodb` */
export function timeSeriesOf(setting: string): SeriesStore {
  const store = SERIES_STORES.find((known) => known === setting);
  if (store === undefined) throw new Error("TIME_SERIES must be `timestream` or `dynamodb`");
  return store;
}

/** @throws Error when NONCE_MODE is neither `hmac` nor `none` */
export function nonceModeOf(setting: string): NonceMode {
  const mode = NONCE_MODES.find((known) => known === setting);
  if (mode === undefined) throw new Error(`NONCE_MODE must be ${SETTINGS.NONCE_MODE}`);
  return mode;
}
