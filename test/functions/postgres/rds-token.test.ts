import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { rdsToken } from "../../../functions/postgres/rds-token.ts";

const KEY = "the secret key of the function's role";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-27T12:00:00Z"), toFake: ["Date"] });
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", KEY);
  vi.stubEnv("AWS_SESSION_TOKEN", "the session's token");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

test("a token is what RDS asks for: a request to connect, signed by who asks, for a server, a user and 15 minutes", async () => {
  const host = "orders.abc123.eu-west-1.rds.amazonaws.com";
  const token = await rdsToken({ host, port: 5433, user: "orders_manager" });
  const url = new URL(`https://${token}`);
  expect(token).toMatch(new RegExp(`^${host}:5433/\\?`));
  const { "X-Amz-Signature": signature, ...said } = Object.fromEntries(url.searchParams);
  expect(said).toEqual({
    ...{ Action: "connect", DBUser: "orders_manager", "X-Amz-Algorithm": "AWS4-HMAC-SHA256" },
    ...{ "X-Amz-Date": "20261127T120000Z", "X-Amz-Expires": "900", "X-Amz-SignedHeaders": "host" },
    "X-Amz-Credential": "AKIDEXAMPLE/20261127/eu-west-1/rds-db/aws4_request",
    "X-Amz-Security-Token": "the session's token",
  });

  // As the signature is made of it by Signature Version 4, of whose words there are none of the signer's.
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const escaped = (text: string) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = Object.entries(said)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join("&");
  const request = ["GET", "/", query, `host:${host}:5433`, "", "host", sha256("")].join("\n");
  const scope = "20261127/eu-west-1/rds-db/aws4_request";
  const toSign = ["AWS4-HMAC-SHA256", "20261127T120000Z", scope, sha256(request)].join("\n");
  const signing = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${KEY}`);
  expect(signature).toBe(hmac(signing, toSign).toString("hex"));
  expect(token).not.toContain(KEY);
});

test("each is made anew", async () => {
  const asked = { host: "h.eu-west-1.rds.amazonaws.com", port: 5432, user: "boss" };
  const first = await rdsToken(asked);
  vi.setSystemTime(new Date("2026-11-27T12:00:01Z"));
  expect(await rdsToken(asked)).not.toBe(first);
});
