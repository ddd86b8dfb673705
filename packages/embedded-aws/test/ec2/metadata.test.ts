import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MetadataServer } from "../../src/ec2/metadata.ts";
import { Credentials } from "../../src/http/credentials.ts";
import { assumedRole } from "../../src/iam/role.ts";
import { Store } from "../../src/store.ts";
import { ROLE } from "./harness.ts";

const ID = "i-0123456789abcdef0";
const START = Date.UTC(2026, 10, 20, 9);
let now = START;
let ip = "10.0.1.4";
let credentials: Credentials;
let server: MetadataServer;
let endpoint: string;

beforeEach(async () => {
  now = START;
  const store = new Store();
  const parts = {
    store,
    clock: { now: () => now, after: () => () => undefined },
    random: randomBytes,
    log: () => undefined,
  };
  credentials = new Credentials(parts);
  server = new MetadataServer(parts, {
    ec2InstanceId: ID,
    roleName: ROLE.name,
    launched: START,
    ip: () => ip,
    issueCredentials: () => credentials.issue(assumedRole("instance", ROLE, ID), { temporary: true }),
  });
  endpoint = await server.start();
});

afterEach(() => server.close());

const token = async (seconds = "60", headers = {}) => {
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": seconds };
  return fetch(`${endpoint}/latest/api/token`, { method: "PUT", headers: { ...ttl, ...headers } });
};
const get = async (path: string, given?: string) => {
  const held = given ?? (await (await token()).text());
  return fetch(`${endpoint}/latest/${path}`, { headers: { "x-aws-ec2-metadata-token": held } });
};
const text = async (path: string) => (await get(path)).text();

test("an instance learns who and where it is", async () => {
  expect(await text("meta-data/instance-id")).toBe(ID);
  expect(await text("meta-data/placement/region")).toBe("us-east-1");
  expect(await text("meta-data/services/partition")).toBe("aws");
  expect(await text("meta-data/local-ipv4")).toBe("10.0.1.4");
  ip = "10.0.9.9";
  expect(await text("meta-data/local-ipv4")).toBe("10.0.9.9");
  expect(JSON.parse(await text("dynamic/instance-identity/document"))).toMatchObject({
    accountId: "000000000000",
    instanceId: ID,
    privateIp: "10.0.9.9",
    region: "us-east-1",
    pendingTime: "2026-11-20T09:00:00Z",
  });
  expect((await get("meta-data/not-there")).status).toBe(404);
});

test("its credentials are the instance's own, and are renewed before they end", async () => {
  expect(await text("meta-data/iam/security-credentials/")).toBe("Tester");
  const document = async () => JSON.parse(await text("meta-data/iam/security-credentials/Tester"));
  const first = await document();
  expect(first).toMatchObject({ Code: "Success", Type: "AWS-HMAC", Expiration: "2026-11-20T15:00:00Z" });
  expect(credentials.find(first.AccessKeyId)).toEqual({
    principal: {
      kind: "instance",
      arn: `arn:aws:sts::000000000000:assumed-role/Tester/${ID}`,
      userId: `${ROLE.id}:${ID}`,
      issuedAt: now,
    },
    secretAccessKey: first.SecretAccessKey,
    sessionToken: first.Token,
  });
  expect(await document()).toEqual(first);
  now += 5.9 * 3_600_000;
  expect((await document()).AccessKeyId).not.toBe(first.AccessKeyId);
});

test("nothing is told without a token, with a foreign one, or with one that has ended", async () => {
  expect((await fetch(`${endpoint}/latest/meta-data/instance-id`)).status).toBe(401);
  expect((await get("meta-data/instance-id", "made-up")).status).toBe(401);
  const held = await (await token("60")).text();
  now += 60_000;
  expect((await get("meta-data/instance-id", held)).status).toBe(401);
});

test("a token needs a lifetime from 1 to 21600 seconds, and no proxy in between", async () => {
  expect((await token("0")).status).toBe(400);
  expect((await token("21601")).status).toBe(400);
  expect((await fetch(`${endpoint}/latest/api/token`, { method: "PUT" })).status).toBe(400);
  expect((await token("60", { "x-forwarded-for": "10.0.0.1" })).status).toBe(403);
});
