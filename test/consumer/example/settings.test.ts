import { expect, test } from "vitest";
import { readExampleSettings } from "../../../consumer/example/settings.ts";

const LEAST = { KEYTURN_SECRET: "orders/db", KEYTURN_CONSUMER: "web-1", KEYTURN_SEEN_BY: "sessions" };

test("what must be set, and what it is otherwise: on loopback, with a verified certificate", () => {
  expect(readExampleSettings(LEAST)).toEqual({
    secretId: "orders/db",
    consumer: "web-1",
    cacheMs: 300_000,
    proofs: undefined,
    listen: { host: "127.0.0.1", port: 8080 },
    database: { host: undefined, port: undefined, name: undefined },
    tls: "verify-full",
    sessions: 0,
    region: undefined,
    metadataEndpoint: new URL("http://169.254.169.254"),
  });
});

test("everything can be set", () => {
  const settings = readExampleSettings({
    KEYTURN_SECRET: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-AbCdEf",
    KEYTURN_CONSUMER: "web-1",
    KEYTURN_CACHE_SECONDS: "0",
    KEYTURN_PROOF_SECONDS: "5",
    KEYTURN_TIME_SERIES: "dynamodb",
    KEYTURN_SERIES_TABLE: "keyturn-samples",
    EXAMPLE_HOST: "0.0.0.0",
    EXAMPLE_PORT: "0",
    EXAMPLE_DATABASE_HOST: "db.internal",
    EXAMPLE_DATABASE_PORT: "5433",
    EXAMPLE_DATABASE_NAME: "orders",
    EXAMPLE_DATABASE_TLS: "none",
    EXAMPLE_DATABASE_SESSIONS: "3",
    AWS_REGION: "eu-west-1",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1338",
  });
  expect(settings).toMatchObject({
    cacheMs: 0,
    proofs: { store: { kind: "dynamodb", table: "keyturn-samples" }, intervalMs: 5_000 },
    listen: { host: "0.0.0.0", port: 0 },
    database: { host: "db.internal", port: 5433, name: "orders" },
    tls: "none",
    sessions: 3,
    region: "eu-west-1",
  });
});

test("the series is called as in the agent's settings", () => {
  const series = { KEYTURN_TIMESTREAM_DATABASE: "keyturn", KEYTURN_TIMESTREAM_TABLE: "samples" };
  expect(readExampleSettings({ ...LEAST, KEYTURN_SEEN_BY: "", ...series }).proofs).toEqual({
    store: { kind: "timestream", database: "keyturn", table: "samples" },
    intervalMs: 60_000,
    roleArn: undefined,
  });
});

test("all that is wrong is told in one message", () => {
  const wrong = () =>
    readExampleSettings({
      KEYTURN_CONSUMER: "web 1",
      KEYTURN_CACHE_SECONDS: "soon",
      KEYTURN_PROOF_SECONDS: "0",
      KEYTURN_TIME_SERIES: "dynamodb",
      KEYTURN_SERIES_TABLE: "a b",
      EXAMPLE_PORT: "65536",
      EXAMPLE_DATABASE_HOST: "db internal",
      EXAMPLE_DATABASE_PORT: "0",
      EXAMPLE_DATABASE_TLS: "prefer",
      AWS_REGION: "Ireland",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "nowhere",
    });
  expect(wrong).toThrow(
    [
      "The settings are not right:",
      "  - KEYTURN_SECRET is missing: the secret's name or ARN",
      "  - KEYTURN_CONSUMER must be this application's name: letters, digits and _ . : @ / + = -",
      "  - KEYTURN_CACHE_SECONDS must be a whole number from 0 to 86400",
      "  - KEYTURN_PROOF_SECONDS must be a whole number from 1 to 3600",
      "  - KEYTURN_SERIES_TABLE must be the name of a table or database",
      "  - EXAMPLE_PORT must be a whole number from 0 to 65535",
      "  - AWS_REGION must be a Region",
      "  - AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http:// URL",
      "  - EXAMPLE_DATABASE_HOST must be a host's name or address",
      "  - EXAMPLE_DATABASE_PORT must be a whole number from 1 to 65535",
      "  - EXAMPLE_DATABASE_TLS must be verify-full or none",
    ].join("\n"),
  );
});
