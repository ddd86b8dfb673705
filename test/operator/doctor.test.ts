import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { ACCOUNT, arnOf } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import type { Check } from "../../operator/doctor/check.ts";
import { RUNNING_FILE } from "../../operator/place/running.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { envOf, keyturn, personWith, type Ran } from "./keyturn.ts";

let fleet: TestFleet;
let reader: Record<string, string>;
let config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
const data = mkdtempSync(join(tmpdir(), "keyturn-doctor-"));
beforeAll(async () => {
  fleet = await startTestFleet(2);
  reader = envOf(fleet, await personWith("reader", fleet));
  const { endpoint, region, credentials } = fleet.aws;
  config = { endpoint, region, credentials };
  const running = { pid: process.pid, account: ACCOUNT, ...config };
  writeFileSync(join(data, RUNNING_FILE), JSON.stringify(running));
});
afterAll(async () => {
  rmSync(data, { recursive: true });
  await fleet.close();
});

const states = ({ out }: Ran) => Object.fromEntries(JSON.parse(out).checks.map(({ name, is }: Check) => [name, is]));
const check = ({ out }: Ran, name: string): Check => JSON.parse(out).checks.find((one: Check) => one.name === name);

const WELL = {
  ...{ credentials: "ok", tables: "ok", mail: "ok", schedules: "ok", watch: "ok", runs: "ok", drill: "ok" },
  ...{ findings: "ok", samples: "ok", clocks: "ok", ssm: "ok", agents: "ok" },
};

test("a fleet that has been looked at and was drilled is well, here with what only an account has left out", async () => {
  await fleet.look();
  await fleet.ended(await fleet.start({ act: "drill" }, "operate"));
  const ran = await keyturn(["doctor", "--data", data, "--json"]);
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: "" });
  expect(states(ran)).toEqual(WELL);
  expect(JSON.parse(ran.out)).toMatchObject({
    place: { kind: "here", stack: "Keyturn" },
    leftOut: ["stack", "template", "quotas", "alarms"],
  });
  expect(check(ran, "drill").says).toMatch(/^the last one was \d+ s ago$/);
});

test("whoever may read may ask all of it, where AWS has it; what it has not is unknown, and no failure", async () => {
  const ran = await keyturn(["doctor", "--json"], { env: reader });
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: "" });
  const elsewhere = { stack: "unknown", template: "unknown", quotas: "unknown", alarms: "unknown" };
  expect(states(ran)).toEqual({ ...WELL, ...elsewhere });
  expect(check(ran, "credentials").says).toContain("user/person-with-reader");
  expect(ran.out).not.toContain(reader.AWS_SECRET_ACCESS_KEY);
});

test("what needs attention stands in the table, with what to do below, and is the exit code", async () => {
  await new EventBridgeClient(config).send(
    new PutRuleCommand({ Name: NAMES.watchSchedule, ScheduleExpression: "rate(1 hour)", State: "DISABLED" }),
  );
  const topic = { TopicArn: arnOf("sns", NAMES.alertTopic), Protocol: "email" };
  await new SNSClient(config).send(new SubscribeCommand({ ...topic, Endpoint: "new@keyturn.example" }));
  const { code, out, err } = await keyturn(["doctor", "--data", data]);
  expect({ code, err }).toEqual({ code: 5, err: "" });
  expect(out).toMatch(/^mail +attention +not confirmed: new@keyturn\.example; confirmed: on-call@keyturn\.example$/m);
  expect(out).toMatch(/^schedules +attention +keyturn-watch is off$/m);
  expect(out).toContain(`\nmail:\n  Whoever has that address`);
  expect(out).toContain("Left out, as they are on an AWS account only: stack, template, quotas, alarms.");
});

test("where there is no Keyturn, it says whose credentials these are, and that; 4", async () => {
  const ran = await keyturn(["doctor", "--stack", "Another", "--json"], { env: envOf(fleet) });
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 4, err: "" });
  expect(states(ran)).toEqual({ credentials: "ok", tables: "attention" });
});

test("whoever is nobody to AWS is told so as by every command; 4", async () => {
  const nobody = { ...reader, AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" };
  const { code, out, err } = await keyturn(["doctor"], { env: nobody });
  expect({ code, out }).toEqual({ code: 4, out: "" });
  expect(err).toMatch(/^keyturn: AWS does not take the credentials/);
});
