import { afterEach, expect, test } from "vitest";
import { metadataIdentity } from "../../consumer/instance.ts";
import { type Received, type Reply, type Server, serve } from "../agent/fakes/server.ts";

let server: Server | undefined;
afterEach(() => server?.close());

const DOCUMENT = {
  instanceId: "i-0123456789abcdef0",
  accountId: "111122223333",
  region: "cn-north-1",
  version: "2017-09-30",
};

/** A metadata service that wants a token, as version 2 does. */
async function metadata(answers: { document?: string; partition?: string; down?: () => boolean } = {}) {
  const asked: string[] = [];
  const handle = ({ method, path, headers }: Received): Reply => {
    asked.push(`${method} ${path}`);
    if (answers.down?.()) return undefined;
    if (method === "PUT" && path === "/latest/api/token" && headers["x-aws-ec2-metadata-token-ttl-seconds"]) {
      return { status: 200, body: "a token" };
    }
    if (headers["x-aws-ec2-metadata-token"] !== "a token") return { status: 401, body: "" };
    if (path === "/latest/dynamic/instance-identity/document") {
      return { status: 200, body: answers.document ?? JSON.stringify(DOCUMENT) };
    }
    if (path === "/latest/meta-data/services/partition") return { status: 200, body: answers.partition ?? "aws-cn\n" };
    return { status: 404, body: "" };
  };
  server = await serve(handle);
  return { asked, identity: metadataIdentity(server.url) };
}

test("an instance learns who it is, and asks once", async () => {
  const { asked, identity } = await metadata();
  const who = {
    ec2InstanceId: "i-0123456789abcdef0",
    account: "111122223333",
    region: "cn-north-1",
    partition: "aws-cn",
  };
  expect(await Promise.all([identity(), identity()])).toEqual([who, who]);
  expect(await identity()).toEqual(who);
  expect(asked).toHaveLength(3);
});

test("a service that is away is told, and asked again", async () => {
  let down = true;
  const { identity } = await metadata({ down: () => down });
  await expect(identity()).rejects.toThrow(/The metadata service at http:\/\/127\.0\.0\.1:\d+ was not reached/);
  down = false;
  expect(await identity()).toMatchObject({ region: "cn-north-1" });
});

test.each([
  ["no JSON", { document: "<html>" }],
  ["null", { document: "null" }],
  ["no instance's ID", { document: JSON.stringify({ ...DOCUMENT, instanceId: "other" }) }],
  ["no account", { document: JSON.stringify({ ...DOCUMENT, accountId: 1 }) }],
  ["no Region", { document: JSON.stringify({ ...DOCUMENT, region: "" }) }],
  ["no partition", { partition: "<html>" }],
])("an answer that does not say it: %s", async (_, answers) => {
  const { identity } = await metadata(answers);
  await expect(identity()).rejects.toThrow("does not say which instance this is");
});
