import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import { cloudTrailOver } from "../src/cloudtrail/cloudtrail.ts";
import { Trail } from "../src/cloudtrail/trail.ts";
import { OPERATIONS as DYNAMODB } from "../src/dynamodb/dynamodb.ts";
import { Instances } from "../src/ec2/index.ts";
import { EventBridge } from "../src/events/index.ts";
import { Credentials } from "../src/http/credentials.ts";
import type { Service } from "../src/http/service.ts";
import { Iam } from "../src/iam/iam.ts";
import { Rights } from "../src/iam/rights.ts";
import { NO_RIGHTS } from "../src/iam/role.ts";
import { Kms } from "../src/kms/kms.ts";
import { LambdaFunctions } from "../src/lambda/index.ts";
import { logsOver } from "../src/logs/logs.ts";
import { Outbox } from "../src/mail/outbox.ts";
import type { Parts } from "../src/parts.ts";
import { schedulerOver } from "../src/scheduler/scheduler.ts";
import { SecretsManager } from "../src/secretsmanager/secretsmanager.ts";
import { Sns } from "../src/sns/sns.ts";
import { SystemsManager } from "../src/ssm/index.ts";
import { StepFunctions } from "../src/stepfunctions/index.ts";
import { Store } from "../src/store.ts";
import { stsOver } from "../src/sts/sts.ts";
import { Timestream } from "../src/timestream/timestream.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The operations that the README's table names for a service. */
function named(signingName: string): string[] {
  const row = README.split("\n").find((line) => line.startsWith(`| \`${signingName}\` |`)) ?? "";
  return [...(row.split("|")[2] ?? "").matchAll(/`(\w+)`/g)].map(([, operation = ""]) => operation);
}

/** What to do where the table and the code differ. */
const messageFor = (signingName: string) =>
  `README.md, Operations: let the row of \`${signingName}\` name the operations that are built, all of them and no others`;

function services(): Service[] {
  const parts: Parts = { store: new Store(), clock: systemClock, random: randomBytes, log: () => {} };
  const functions = new LambdaFunctions(parts, { logsFolder: "/nowhere", environment: () => ({}) });
  const events = new EventBridge(parts);
  const credentials = new Credentials(parts);
  const instances = new Instances(parts, { folder: "/nowhere", role: NO_RIGHTS, credentials, events });
  return [
    new StepFunctions(parts, { functions, events }).service,
    new Timestream(parts).service,
    new Kms(parts).service,
    new SecretsManager(parts, { functions, rights: new Rights() }).service,
    new SystemsManager(parts, { shell: instances, events }).service,
    events.service,
    new Sns(parts, new Outbox(parts)).service,
    instances.service,
    schedulerOver(events.rules),
    logsOver("/nowhere", () => false),
    new Iam(parts, { credentials, rights: new Rights() }).service,
    stsOver(parts, credentials),
    cloudTrailOver(new Trail(parts)),
  ];
}

test.each(services().map((service) => [service.signingName, Object.keys(service.operations)] as const))(
  "the README names the operations of %s, all of them and no others",
  (signingName, operations) => {
    expect(named(signingName).sort(), messageFor(signingName)).toEqual(operations.toSorted());
  },
);

test("the README names the operations of dynamodb, all of them and no others", () => {
  expect(named("dynamodb").sort(), messageFor("dynamodb")).toEqual(DYNAMODB.toSorted());
});

test("the README names the operations of lambda: beside function URLs, Invoke is the only one", async () => {
  expect(named("lambda"), messageFor("lambda")).toEqual(["Invoke", "InvokeFunctionUrl"]);
  const parts: Parts = { store: new Store(), clock: systemClock, random: randomBytes, log: () => {} };
  const { service } = new LambdaFunctions(parts, { logsFolder: "/nowhere", environment: () => ({}) });
  const request = { method: "GET", url: "/2015-03-31/functions/", headers: {}, body: Buffer.alloc(0) };
  const principal = { kind: "operator", arn: "", userId: "" } as const;
  await expect(service.handle(request, { principal, requestId: "" })).rejects.toThrow("only Lambda's Invoke");
});
