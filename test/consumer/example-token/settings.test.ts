import { expect, test } from "vitest";
import { readTokenExampleSettings } from "../../../consumer/example-token/settings.ts";

const LEAST = { KEYTURN_SECRET: "partner/api", KEYTURN_CONSUMER: "web-1", KEYTURN_SEEN_BY: "sessions" };
const read = (EXAMPLE_API_URL: string, others = {}) =>
  readTokenExampleSettings({ ...LEAST, EXAMPLE_API_URL, ...others });

test("what must be set, and what it is otherwise", () => {
  expect(read("https://api.example/orders")).toEqual({
    ...{ secretId: "partner/api", consumer: "web-1", cacheMs: 300_000, proofs: undefined, region: undefined },
    listen: { host: "127.0.0.1", port: 8080 },
    metadataEndpoint: new URL("http://169.254.169.254"),
    apiUrl: new URL("https://api.example/orders"),
  });
});

test.each(["http://127.0.0.1:8081/", "http://localhost:1/", "http://[::1]/"])("%s does not leave this machine", (url) =>
  expect(read(url).apiUrl.href).toBe(url),
);

test.each(["http://api.example/", "http://127.0.0.1.thief.net/", "ftp://127.0.0.1/", "api.example"])(
  "%s is sent no token",
  (url) => expect(() => read(url)).toThrow("EXAMPLE_API_URL must be an https:// URL, or http:// on this machine"),
);

test("by a role: its ARN has its form, and the Region is said", () => {
  const store = { KEYTURN_SEEN_BY: "proofs", KEYTURN_TIME_SERIES: "dynamodb", KEYTURN_SERIES_TABLE: "samples" };
  const KEYTURN_ROLE_ARN = "arn:aws:iam::111122223333:role/apps/web";
  const url = "https://api.example/";
  expect(read(url, { ...store, KEYTURN_ROLE_ARN, AWS_REGION: "eu-west-1" })).toMatchObject({
    proofs: { roleArn: KEYTURN_ROLE_ARN },
  });
  expect(() => read(url, { ...store, KEYTURN_ROLE_ARN })).toThrow("AWS_REGION is missing");
  expect(() => read(url, { ...store, KEYTURN_ROLE_ARN: "web" })).toThrow(
    "KEYTURN_ROLE_ARN must be the ARN of the role",
  );
});

test("all that is missing is told in one message", () => {
  expect(() => readTokenExampleSettings({})).toThrow(
    /KEYTURN_SECRET is missing.*KEYTURN_CONSUMER is missing.*KEYTURN_TIMESTREAM_DATABASE is missing.*EXAMPLE_API_URL is missing/s,
  );
});
