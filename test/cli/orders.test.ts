import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ORDERS_SECRET } from "../../local/orders/orders.ts";
import { type Orders, startOrders } from "../../local/orders/start-orders.ts";
import { Visitors } from "../../local/orders/visitors.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import type { PostgresServer } from "../../local/postgres/server.ts";
import { flowArn } from "../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { serverFolder } from "../functions/postgres/under-test.ts";

// The credential that npm start has turned, as somebody sees and turns it with Debian's AWS CLI.

const AWS = "/usr/bin/aws";
const programs = findPrograms();
const missing = existsSync(AWS) ? undefined : `Debian's awscli is not installed at ${AWS}`;
const why = "missing" in programs ? programs.missing : missing;

const place = serverFolder();
let orders: Orders & { server: PostgresServer };
let fleet: TestFleet;
let visitors: Visitors;
beforeAll(async () => {
  if (why !== undefined) return;
  const started = await startOrders(place.folder, { quietSeconds: 1, deadlineSeconds: 60 }, { outlasts: false });
  if ("missing" in started) throw new Error(started.missing);
  orders = started;
  fleet = await startTestFleet(1, { orders });
  visitors = new Visitors({ ports: orders.ports, tell: () => {} });
  visitors.start();
});
afterAll(async () => {
  visitors?.stop();
  await fleet?.close();
  await orders?.server.remove();
  place.remove();
});
beforeEach(({ skip }) => skip(why !== undefined, why));

/** Runs a command on the secret, which must succeed: what it prints. */
async function answer(command: string, ...more: string[]): Promise<Record<string, unknown>> {
  const { endpoint, region, credentials } = fleet.aws;
  const env = {
    ...{ PATH: "/usr/bin:/bin", HOME: fleet.folder, AWS_PAGER: "", AWS_DEFAULT_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
  };
  const args = [
    "--endpoint-url",
    endpoint,
    "--output",
    "json",
    "secretsmanager",
    command,
    "--secret-id",
    ORDERS_SECRET,
  ];
  return new Promise((resolve, reject) => {
    execFile(AWS, [...args, ...more], { env }, (error, out, err) =>
      error === null ? resolve(JSON.parse(out)) : reject(new Error(err)),
    );
  });
}

/** Waits until a version is current and none is pending. @returns the versions with their labels */
const settledOn = (isIt: (version: string) => boolean) =>
  until(async () => {
    const { VersionIdsToStages } = (await answer("describe-secret")) as {
      VersionIdsToStages: Record<string, string[]>;
    };
    const labels = Object.entries(VersionIdsToStages);
    const current = labels.find(([, all]) => all.includes("AWSCURRENT"))?.[0] ?? "";
    const isPending = labels.some(([id, all]) => all.includes("AWSPENDING") && id !== current);
    return isIt(current) && !isPending ? { current, labels: VersionIdsToStages } : undefined;
  }, "the version to be current");

test("rotate-secret turns it, each time under another VersionId; what is current and what was before it is shown", async () => {
  const asked: string[] = [];
  const { current: first } = await settledOn((version) => version !== "");
  for (let n = 0; n < 2; n += 1) {
    const former = await answer("get-secret-value");
    const { VersionId } = await answer("rotate-secret");
    asked.push(String(VersionId));
    const { labels } = await settledOn((version) => version === VersionId);
    expect(labels).toMatchObject({ [String(former.VersionId)]: ["AWSPREVIOUS"] });
    const { SecretString } = await answer("get-secret-value");
    const [before, after] = [former.SecretString, SecretString].map((text) => JSON.parse(String(text)));
    expect(after).toMatchObject({ engine: "postgres", host: "127.0.0.1", dbname: "orders" });
    expect(after.password).toMatch(/^[A-Za-z0-9]{41}$/);
    expect([after.username, before.username].sort()).toEqual(["orders_a", "orders_b"]);
    await until(
      () => fleet.aws.executions.list(flowArn("credential"), 10).every(({ status }) => status !== "RUNNING"),
      "the former user to be shut",
    );
  }
  const { Versions } = (await answer("list-secret-version-ids")) as { Versions: { VersionId: string }[] };
  expect(new Set([first, ...asked]).size).toBe(3);
  expect(Versions.map(({ VersionId }) => VersionId)).toEqual(expect.arrayContaining(asked));
});
