import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../functions/findings/finding.ts";
import { STACK_DESCRIPTION_WITHOUT_FLEET, typedNamesOf } from "../../../functions/shared/names.ts";
import type { Check } from "../../../operator/doctor/check.ts";
import { functionsNeeded, SHIPPED_AT_ONCE } from "../../../operator/doctor/contract.ts";
import { type FakeDeployment, fakeDeployment } from "../../../operator/doctor/deployment.fake.ts";
import { examine } from "../../../operator/doctor/examine.ts";
import { isFresh } from "../../../operator/doctor/proofs.ts";
import type { Output } from "../../../operator/output/output.ts";
import type { Place } from "../../../operator/place/place.ts";
import { DAY_MS, DRILL, ended, healthy, instance, MINUTE_MS, NOW, samples } from "./healthy.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PLACE: Place = {
  ...{ kind: "aws", said: "in eu-west-1, stack Keyturn", stack: "Keyturn", prefix: "keyturn" },
  ...{ names: typedNamesOf("keyturn"), region: "eu-west-1", profile: undefined, running: undefined, data: "" },
};
const QUIET = { progress: () => undefined } as unknown as Output;

const examined = (changes: Partial<FakeDeployment> = {}, place: Partial<Place> = {}) =>
  examine(fakeDeployment(healthy(changes)), { place: { ...PLACE, ...place }, out: QUIET, now: () => NOW });

/** All that is not well, by name. */
function ailing(checks: readonly Check[]): Record<string, Check["is"]> {
  return Object.fromEntries(checks.filter(({ is }) => is !== "ok").map(({ name, is }) => [name, is]));
}

const finding: Finding = {
  ...{ subject: "a1b2c3", cause: "MISMATCH", execution: "", facts: {}, times: 1, version: 1 },
  ...{ since: NOW - 3 * DAY_MS, seenAt: NOW },
};

const { endedAt: _, ...UNDER_WAY } = ended("watch", 0, "RUNNING");

test("where many looks are under way, the last that ended counts", async () => {
  const watch = [...Array(100).fill(UNDER_WAY), ended("watch", MINUTE_MS)];
  expect(ailing((await examined({ executions: { ...healthy().executions, watch } })).checks)).toEqual({});
});

test("a deployment that nothing is wrong with is well throughout", async () => {
  const { isThere, checks, leftOut } = await examined();
  expect([isThere, leftOut, ailing(checks)]).toEqual([true, [], {}]);
  expect(checks.map(({ name, says }) => `${name}: ${says}`).join("\n")).toMatchInlineSnapshot(`
    "credentials: arn:aws:iam::111122223333:user/me of account 111122223333, in eu-west-1
    tables: records, findings and audit can be read: 2 live instances
    mail: confirmed: on-call@example.com
    schedules: on: keyturn-schedule cron(0 3 * * ? *), keyturn-watch rate(5 minutes); no drill is scheduled
    watch: the last look ended 1 min ago; there is one every 5 min
    runs: the last run over the fleet succeeded 1 d ago
    drill: the last one was 1 d ago
    findings: nothing stands
    samples: the newest sample is 20 s old; 2 of 2 instances that proved last are fresh
    clocks: this computer's is AWS's; none of 2 instances asked is ahead
    ssm: SSM reaches all of 2 hosts
    agents: 0.2.0 on 2 instances
    stack: Keyturn is UPDATE_COMPLETE
    template: keyturn-instance: its newest version, 4, is the default
    quotas: Lambda runs 1000 functions at once, SSM manages 2400 hosts: enough for 2 instances
    alarms: none of 1 sounds"
  `);
});

describe("what needs attention is told, with what to do; and nothing else", () => {
  test.each<[string, Partial<FakeDeployment>, says: string, todo: string]>([
    ["mail", { subscribers: [] }, "nobody is subscribed", "alertEmails"],
    ["mail", { subscribers: undefined }, "no topic keyturn-alerts", "npm run deploy"],
    [
      "mail",
      { subscribers: [{ endpoint: "me@example.com", isConfirmed: false }] },
      "not confirmed: me@example.com",
      "--topic-arn arn:aws:sns:eu-west-1:111122223333:keyturn-alerts ",
    ],
    [
      "schedules",
      { schedules: new Map() },
      "keyturn-schedule is not there; keyturn-watch is not there",
      "Deploy again",
    ],
    [
      "schedules",
      {
        schedules: new Map([...healthy().schedules, ["keyturn-watch", { isOn: false, expression: "rate(5 minutes)" }]]),
      },
      "keyturn-watch is off",
      "EventBridge Scheduler",
    ],
    [
      "schedules",
      { schedules: new Map([...healthy().schedules, ["keyturn-drill", { isOn: false, expression: "rate(90 days)" }]]) },
      "keyturn-drill is off",
      "EventBridge Scheduler",
    ],
    [
      "watch",
      { executions: { ...healthy().executions, watch: [ended("watch", 17 * MINUTE_MS)] } },
      "the last look ended 17 min ago; there is one every 5 min",
      "WatchSilent",
    ],
    ["watch", { executions: { ...healthy().executions, watch: [] } }, "has not looked yet", "every 5 min"],
    [
      "watch",
      { executions: { ...healthy().executions, watch: Array(30).fill(UNDER_WAY) } },
      "has come to the end of none of its last 30 looks",
      "WatchSilent",
    ],
    [
      "watch",
      { executions: { ...healthy().executions, watch: [ended("watch", 0, "FAILED"), ended("watch", MINUTE_MS)] } },
      "the last look ended 0 s ago as FAILED",
      "execution:keyturn-watch:",
    ],
    [
      "runs",
      { executions: { ...healthy().executions, "fleet-rotation": [ended("fleet-rotation", DAY_MS, "TIMED_OUT")] } },
      "the last run over the fleet ended 1 d ago as TIMED_OUT",
      "keyturn findings",
    ],
    ["runs", { executions: { watch: [ended("watch", 0)], operate: [DRILL(0)] } }, "no state machine", "deploy"],
    [
      "drill",
      { executions: { ...healthy().executions, operate: [ended("operate", 0), DRILL(91 * DAY_MS)] } },
      "the last one was 91 d ago",
      "keyturn drill",
    ],
    [
      "drill",
      { executions: { ...healthy().executions, operate: [...Array(20).fill(ended("operate", 0)), DRILL(0)] } },
      "none is among the last 20 acts",
      "keyturn drill",
    ],
    [
      "findings",
      { findings: [finding, { ...finding, subject: "0d0e0f" }, { ...finding, cause: "STALE", endedAt: NOW }] },
      "2 findings stand, the oldest for 3 d: 2 MISMATCH",
      "keyturn findings",
    ],
    [
      "samples",
      { samples: new Map([["a1b2c3", samples(10 * MINUTE_MS)]]) },
      "none of 2 instances that proved last is fresh: the newest sample is 10 min old",
      "keyturn findings",
    ],
    ["samples", { samples: new Map() }, "nothing in a day", "keyturn findings"],
    [
      "clocks",
      { caller: { ...healthy().caller, aheadMs: 240_000 }, samples: new Map([["a1b2c3", samples(260_000)]]) },
      "this computer's is 4 min ahead",
      "NTP",
    ],
    [
      "clocks",
      { samples: new Map([...healthy().samples, ["0d0e0f", samples(-5 * MINUTE_MS)]]) },
      "1 instance of 2 asked writes times to come: 0d0e0f",
      "chronyc",
    ],
    [
      "ssm",
      { hosts: new Map([[instance("a1b2c3").ec2InstanceId, { ping: "ConnectionLost", pingedAt: NOW - DAY_MS }]]) },
      "SSM does not know 1 host: 0d0e0f (i-00000000000d0e0f0); it has lost 1 host, the first 1 d ago: a1b2c3 (i-0000000000a1b2c30)",
      "amazon-ssm-agent",
    ],
    [
      "agents",
      { instances: [instance("a1b2c3"), instance("0d0e0f", { agentVersion: "0.1.0" })] },
      "0.2.0 on 1 instance, 0.1.0 on 1 instance; at least 0.2.0 is needed: 0d0e0f",
      "--document-name Keyturn-Install --document-version '$LATEST' --targets Key=tag:keyturn,Values=instance",
    ],
    ["stack", { stacks: new Map() }, "has no stack Keyturn", "npm run deploy"],
    [
      "stack",
      { stacks: new Map([["Keyturn", { status: "UPDATE_ROLLBACK_COMPLETE", description: "" }]]) },
      "the last deployment failed and was taken back",
      "describe-stack-events --stack-name Keyturn",
    ],
    [
      "stack",
      { stacks: new Map([["Keyturn", { status: "CREATE_COMPLETE", description: "A shop" }]]) },
      'somebody else\'s: "A shop"',
      "--stack",
    ],
    [
      "template",
      { template: { defaultVersion: 1, latestVersion: 4 } },
      "who names no version launches 1, and the newest is 4",
      "--launch-template-name keyturn-instance --default-version 4",
    ],
    [
      "quotas",
      { concurrentExecutions: { value: 10, code: "L-B99A9384" } },
      `Lambda runs 10 functions at once, and 2 instances may need ${functionsNeeded({ instances: 2, atOnce: 20 })}`,
      "--service-code lambda --quota-code L-B99A9384 --desired-value 1000",
    ],
    [
      "quotas",
      { managedNodes: { value: 1, code: "L-1" } },
      "SSM manages 1 hosts",
      "--quota-code L-1 --desired-value 2",
    ],
    ["alarms", { alarms: [] }, "no alarm", "deploy"],
    [
      "alarms",
      { alarms: [{ name: "keyturn-WatchSilent", state: "ALARM", since: NOW - DAY_MS }] },
      "keyturn-WatchSilent sounds since 1 d",
      "docs/runbook.md, section WatchSilent",
    ],
  ])("%s %#", async (name, changes, says, todo) => {
    const { checks, isThere } = await examined(changes);
    expect([isThere, ailing(checks)]).toEqual([true, { [name]: "attention" }]);
    const check = checks.find((one) => one.name === name);
    expect(check?.says).toContain(says);
    expect(check?.todo?.join("\n")).toContain(todo);
  });
});

test("what may not be asked is unknown, in AWS's words, and all else is asked", async () => {
  const denied: FakeDeployment["denied"] = new Set(["subscribers", "samples", "alarms", "stack"]);
  const { checks } = await examined({ denied });
  expect(ailing(checks)).toEqual({ mail: "unknown", samples: "unknown", alarms: "unknown", stack: "unknown" });
  expect(checks.find(({ name }) => name === "mail")?.says).toContain("not authorized to ask for subscribers");
});

test("where records cannot be read, what rests on them is unknown, and it is not said that there is no Keyturn", async () => {
  const { checks, isThere } = await examined({ denied: new Set(["instances"]) });
  expect(isThere).toBe(true);
  expect(Object.values(ailing(checks))).toEqual(Array(5).fill("unknown"));
});

test("where there is no Keyturn, that is said, and who asks; and nothing else", async () => {
  const { checks, isThere } = await examined({ instances: undefined, stacks: new Map(), subscribers: undefined });
  expect(isThere).toBe(false);
  expect(checks.map(({ name, is }) => [name, is])).toEqual([
    ["credentials", "ok"],
    ["tables", "attention"],
  ]);
});

test("who is nobody to AWS learns so as of every command", async () => {
  await expect(examined({ denied: new Set(["caller"]) })).rejects.toThrow("not authorized");
});

test("on this computer, what is on an account only is left out, and nobody need have drilled", async () => {
  const here = { kind: "here" } as const;
  const none = { stacks: new Map(), template: undefined, alarms: [] };
  const { checks, leftOut } = await examined({ ...none, executions: { ...healthy().executions, operate: [] } }, here);
  expect(ailing(checks)).toEqual({});
  expect(leftOut).toEqual(["stack", "template", "quotas", "alarms"]);
  expect(checks.map(({ name }) => name)).not.toEqual(expect.arrayContaining(["stack"]));
});

test("of a deployment without a fleet, nothing is asked that only a fleet has", async () => {
  const { checks } = await examined({
    stacks: new Map([["Keyturn", { status: "CREATE_COMPLETE", description: STACK_DESCRIPTION_WITHOUT_FLEET }]]),
    ...{ instances: [], samples: new Map(), template: undefined },
    executions: { watch: [ended("watch", 0)] },
    schedules: new Map([["keyturn-watch", { isOn: true, expression: "rate(5 minutes)" }]]),
  });
  expect(ailing(checks)).toEqual({});
});

test("a fleet of nobody yet is well", async () => {
  const none = { instances: [], samples: new Map(), hosts: new Map() };
  expect(ailing((await examined(none)).checks)).toEqual({});
});

test("whether samples are fresh follows from how far apart they are", () => {
  const each = (gapMs: number, agoMs: number) => ({
    id: "a1b2c3",
    times: [0, 1, 2].map((n) => NOW - agoMs - n * gapMs),
  });
  expect(isFresh(each(3600_000, 2 * 3600_000), NOW)).toBe(true);
  expect(isFresh(each(3600_000, 3 * 3600_000), NOW)).toBe(false);
  expect(isFresh(each(1000, 170_000), NOW)).toBe(true);
  expect(isFresh(each(1000, 180_000), NOW)).toBe(false);
  expect(isFresh({ id: "a1b2c3", times: [] }, NOW)).toBe(false);
});

test("how many keys are turned at once as shipped is what cdk.json ships", () => {
  const shipped = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8"));
  expect(JSON.stringify(shipped)).toContain(`"maxConcurrency":${SHIPPED_AT_ONCE},`);
});
