import { FORMS, readSampleStore, type SampleStore, SERIES_STORES } from "../../protocol/index.ts";
import { Failure } from "../failure.ts";
import type { Login } from "./database.ts";

export interface ExampleSettings {
  /** The secret's name or ARN. */
  secretId: string;
  consumer: string;
  cacheMs: number;
  /** Undefined where the database itself is to see this consumer. */
  proofs: { store: SampleStore; intervalMs: number } | undefined;
  /** Where to listen. */
  listen: { host: string; port: number };
  /** Counts more than what the secret says. */
  database: { host: string | undefined; port: number | undefined; name: string | undefined };
  tls: Login["tls"];
  /** How many sessions with the database may stay open; 0 connects for each request. */
  sessions: number;
  region: string | undefined;
  metadataEndpoint: URL;
}

/** Variables as in `process.env`. */
export type Environment = Record<string, string | undefined>;

/**
 * Reads the settings from the environment. Those of Keyturn are called as the agent's are.
 *
 * @throws Failure with every missing or malformed setting in one message
 */
export function readExampleSettings(environment: Environment): ExampleSettings {
  const problems: string[] = [];
  // An empty variable counts as unset: it is what a unit file or a shell leaves when there is nothing to say.
  const value = (name: string) => environment[name] || undefined;

  const text = (name: string, form: RegExp, what: string): string => {
    const given = value(name);
    if (given === undefined) problems.push(`${name} is missing: ${what}`);
    else if (!form.test(given)) problems.push(`${name} must be ${what}`);
    return given ?? "";
  };
  const optional = (name: string, form: RegExp, what: string): string | undefined => {
    const given = value(name);
    return given === undefined ? undefined : text(name, form, what);
  };
  const number = (name: string, otherwise: number | undefined, least: number, most: number): number | undefined => {
    const given = value(name);
    if (given === undefined) return otherwise;
    const valid = /^\d{1,6}$/.test(given) && Number(given) >= least && Number(given) <= most;
    if (!valid) problems.push(`${name} must be a whole number from ${least} to ${most}`);
    return Number(given);
  };
  const oneOf = <T extends string>(name: string, choices: readonly [T, ...T[]]): T => {
    const given = value(name) ?? choices[0];
    const found = choices.find((choice) => choice === given);
    if (found === undefined) problems.push(`${name} must be ${choices.join(" or ")}`);
    return found ?? choices[0];
  };
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
  const listen = {
    host: value("EXAMPLE_HOST") ?? "127.0.0.1",
    port: number("EXAMPLE_PORT", 8080, 0, 65_535) ?? 0,
  };
  const database = {
    host: optional("EXAMPLE_DATABASE_HOST", /^[\w.:-]+$/, "a host's name or address"),
    port: number("EXAMPLE_DATABASE_PORT", undefined, 1, 65_535),
    name: value("EXAMPLE_DATABASE_NAME"),
  };
  const tls = oneOf("EXAMPLE_DATABASE_TLS", ["verify-full", "none"]);
  const sessions = number("EXAMPLE_DATABASE_SESSIONS", 0, 0, 50) ?? 0;
  const region = optional("AWS_REGION", /^[a-z]{2,}(-[a-z]+)+-\d+$/, "a Region");
  const metadataEndpoint = URL.parse(value("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254");
  if (metadataEndpoint === null) problems.push("AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http:// URL");

  if (problems.length > 0 || metadataEndpoint === null) {
    throw new Failure(`The settings are not right:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
  const proofs = found && { store: found, intervalMs };
  return { secretId, consumer, cacheMs, proofs, listen, database, tls, sessions, region, metadataEndpoint };
}

/** A secret's name, or its ARN, which has the same characters and colons. */
const SECRET_ID = /^[\w/+=.@:-]{1,2048}$/;
