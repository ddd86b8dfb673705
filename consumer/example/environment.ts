import { FORMS, readSampleStore, type SampleStore, SERIES_STORES } from "../../protocol/index.ts";
import { Failure } from "../failure.ts";
import type { FollowOptions } from "../follow.ts";
import { metadataIdentity, proofsIn, roleIdentity, secretsManagerSource } from "../index.ts";

/** Variables as in `process.env`. */
export type Environment = Record<string, string | undefined>;

/** What every example is told. */
export interface FollowSettings {
  /** The secret's name or ARN. */
  secretId: string;
  consumer: string;
  cacheMs: number;
  /** Undefined where the authority itself is to see this consumer. */
  proofs: { store: SampleStore; intervalMs: number; roleArn: string | undefined } | undefined;
  /** Where to listen. */
  listen: { host: string; port: number };
  region: string | undefined;
  metadataEndpoint: URL;
}

/** Reads variables one by one. What is missing or malformed is noted, and something of the right type given. */
export interface Variables {
  value(name: string): string | undefined;
  text(name: string, form: RegExp, what: string): string;
  optional(name: string, form: RegExp, what: string): string | undefined;
  number(name: string, otherwise: number | undefined, least: number, most: number): number | undefined;
  oneOf<T extends string>(name: string, choices: readonly [T, ...T[]]): T;
  /** Notes that something is wrong. */
  wrong(what: string): void;
}

/**
 * Reads settings from the environment.
 *
 * @throws Failure with every missing or malformed setting in one message
 */
export function readVariables<T>(environment: Environment, read: (variables: Variables) => T): T {
  const problems: string[] = [];
  // An empty variable counts as unset: it is what a unit file or a shell leaves when there is nothing to say.
  const value = (name: string) => environment[name] || undefined;
  const variables: Variables = {
    value,
    text(name, form, what) {
      const given = value(name);
      if (given === undefined) problems.push(`${name} is missing: ${what}`);
      else if (!form.test(given)) problems.push(`${name} must be ${what}`);
      return given ?? "";
    },
    optional: (name, form, what) => (value(name) === undefined ? undefined : variables.text(name, form, what)),
    number(name, otherwise, least, most) {
      const given = value(name);
      if (given === undefined) return otherwise;
      const valid = /^\d{1,6}$/.test(given) && Number(given) >= least && Number(given) <= most;
      if (!valid) problems.push(`${name} must be a whole number from ${least} to ${most}`);
      return Number(given);
    },
    oneOf(name, choices) {
      const given = value(name) ?? choices[0];
      const found = choices.find((choice) => choice === given);
      if (found === undefined) problems.push(`${name} must be ${choices.join(" or ")}`);
      return found ?? choices[0];
    },
    wrong: (what) => void problems.push(what),
  };
  const settings = read(variables);
  if (problems.length === 0) return settings;
  throw new Failure(`The settings are not right:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
}

/** Reads what every example is told. What is Keyturn's is called as the agent's settings are. */
export function readFollowSettings({ value, text, optional, number, oneOf, wrong }: Variables): FollowSettings {
  const store = (): SampleStore | undefined => {
    const table = (name: string) => text(name, FORMS.tableName, "the name of a table or database");
    const kind = oneOf("KEYTURN_TIME_SERIES", SERIES_STORES);
    if (kind === "dynamodb") return readSampleStore({ kind, table: table("KEYTURN_SERIES_TABLE") });
    const database = table("KEYTURN_TIMESTREAM_DATABASE");
    return readSampleStore({ kind, database, table: table("KEYTURN_TIMESTREAM_TABLE") });
  };
  const secretId = text("KEYTURN_SECRET", SECRET_ID, "the secret's name or ARN");
  const consumer = text(
    "KEYTURN_CONSUMER",
    FORMS.consumer,
    "this application's name: letters, digits and _ . : @ / + = -",
  );
  const cacheMs = (number("KEYTURN_CACHE_SECONDS", 300, 0, 86_400) ?? 0) * 1000;
  const intervalMs = (number("KEYTURN_PROOF_SECONDS", 60, 1, 3600) ?? 0) * 1000;
  const found = oneOf("KEYTURN_SEEN_BY", ["proofs", "sessions"]) === "proofs" ? store() : undefined;
  const roleArn = optional("KEYTURN_ROLE_ARN", FORMS.roleArn, "the ARN of the role whose credentials this program has");
  const listen = {
    host: value("EXAMPLE_HOST") ?? "127.0.0.1",
    port: number("EXAMPLE_PORT", 8080, 0, 65_535) ?? 0,
  };
  const region = optional("AWS_REGION", /^[a-z]{2,}(-[a-z]+)+-\d+$/, "a Region");
  if (found !== undefined && roleArn !== undefined && region === undefined) {
    wrong("AWS_REGION is missing: beside KEYTURN_ROLE_ARN nothing else says it");
  }
  const metadataEndpoint = URL.parse(value("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? METADATA);
  if (metadataEndpoint === null) wrong("AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http:// URL");
  return {
    ...{ secretId, consumer, cacheMs, listen, region },
    proofs: found && { store: found, intervalMs, roleArn },
    metadataEndpoint: metadataEndpoint ?? new URL(METADATA),
  };
}

/** How a secret is followed by these settings. */
export function followOptionsOf(settings: FollowSettings, tell: (sentence: string) => void) {
  const { secretId, consumer, cacheMs, proofs, region, metadataEndpoint } = settings;
  const identityOf = (roleArn: string | undefined) =>
    roleArn === undefined ? metadataIdentity(metadataEndpoint) : roleIdentity({ roleArn, region });
  return {
    source: secretsManagerSource(secretId, region === undefined ? {} : { region }),
    ...{ consumer, cacheMs, tell },
    ...(proofs && {
      proofs: {
        writer: proofsIn(proofs.store, { identity: identityOf(proofs.roleArn) }),
        intervalMs: proofs.intervalMs,
      },
    }),
  } satisfies Partial<FollowOptions>;
}

const METADATA = "http://169.254.169.254";

/** A secret's name, or its ARN, which has the same characters and colons. */
const SECRET_ID = /^[\w/+=.@:-]{1,2048}$/;
