import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Faults } from "../../src/http/faults.ts";
import { AwsError } from "../../src/http/service.ts";
import { FUNCTION, HandClock, MACHINE, openBridge, Receivers, ROLE, stateChange, TOPIC } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
const THROTTLED = new AwsError("TooManyRequestsException", "Slow down.");
const QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead";
let clock: HandClock;
let receivers: Receivers;
let opened: ReturnType<typeof openBridge>;

beforeEach(() => {
  clock = new HandClock();
  receivers = new Receivers();
  opened = openBridge(receivers, { clock, retryDelayMs: () => 1000 });
  opened.bridge.start();
});

afterEach(() => opened.close());

type Call = (input: object) => unknown;

/** Puts a rule for stopped instances with one target. */
function rule(target: object, more: object = { EventPattern: '{"detail":{"state":["stopped"]}}' }): void {
  const { PutRule, PutTargets } = opened.bridge.service.operations as unknown as Record<string, Call>;
  PutRule?.({ Name: "stopped", ...more });
  PutTargets?.({ Rule: "stopped", Targets: [{ Id: "one", ...target }] });
}

describe("an event that matches", () => {
  test("reaches the function, and others do not", async () => {
    rule({ Arn: FUNCTION });
    opened.bridge.raise(stateChange("running"));
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect(receivers.received).toEqual([
      {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        account: "000000000000",
        region: "us-east-1",
        time: "2026-11-20T09:00:00Z",
        ...stateChange("stopped"),
      },
    ]);
  });

  test("starts an execution under a name of its own", async () => {
    rule({ Arn: MACHINE, RoleArn: ROLE, InputPath: "$.detail" });
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect([...receivers.executions.values()]).toEqual(['{"instance-id":"i-0123456789abcdef0","state":"stopped"}']);
    expect([...receivers.executions.keys()]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}_[0-9a-f-]{36}$/)]);
  });

  test("is published to a topic as the JSON text that it was made", async () => {
    rule({ Arn: TOPIC, InputPath: "$.detail.state" });
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect(receivers.received).toEqual(['"stopped"']);
  });

  test("does not reach the targets of a disabled rule", async () => {
    rule({ Arn: FUNCTION }, { EventPattern: '{"source":["aws.ec2"]}', State: "DISABLED" });
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect(receivers.received).toEqual([]);
  });

  test.each([
    [{ Input: '{"fixed":1}' }, { fixed: 1 }],
    [{ InputPath: "$.resources[0]" }, "arn:aws:ec2:us-east-1:000000000000:instance/i-0123456789abcdef0"],
    [{ InputPath: "$.detail.absent" }, null],
    [
      {
        InputTransformer: {
          InputPathsMap: { id: "$.detail.instance-id", detail: "$.detail", none: "$.detail.none" },
          InputTemplate: '{"id":<id>,"text":"the \\"<id>\\" of <aws.events.rule-name><none>","detail":<detail>}',
        },
      },
      {
        id: "i-0123456789abcdef0",
        text: 'the "i-0123456789abcdef0" of stopped',
        detail: { "instance-id": "i-0123456789abcdef0", state: "stopped" },
      },
    ],
    [{ InputTransformer: { InputPathsMap: { s: "$.detail.state" }, InputTemplate: '"It is <s>."' } }, "It is stopped."],
  ])("is turned by %j into what the target wants", async (input, expected) => {
    rule({ Arn: FUNCTION, ...input });
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect(receivers.received).toEqual([expected]);
  });
});

describe("a delivery that fails", () => {
  test("is tried again until it succeeds, once", async () => {
    rule({ Arn: FUNCTION });
    receivers.failure = THROTTLED;
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(2500);
    expect(receivers.tries).toBe(3);
    receivers.failure = undefined;
    await clock.move(10_000);
    expect([receivers.tries, receivers.received.length]).toEqual([4, 1]);
  });

  test("becomes a dead letter when its tries are used up", async () => {
    rule({ Arn: MACHINE, RoleArn: ROLE, RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: QUEUE } });
    receivers.failure = THROTTLED;
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(10_000);
    expect(receivers.tries).toBe(3);
    expect(opened.bridge.undelivered()).toEqual([
      {
        queueArn: QUEUE,
        ruleArn: "arn:aws:events:us-east-1:000000000000:rule/stopped",
        targetArn: MACHINE,
        errorCode: "TooManyRequestsException",
        errorMessage: "Slow down.",
        retryAttempts: 2,
        input: expect.stringContaining('"state":"stopped"'),
      },
    ]);
  });

  test("becomes a dead letter when the event is too old", async () => {
    rule({ Arn: FUNCTION, RetryPolicy: { MaximumEventAgeInSeconds: 3 } });
    receivers.failure = THROTTLED;
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(60_000);
    expect(receivers.tries).toBe(4);
    expect(opened.bridge.undelivered()).toHaveLength(1);
  });

  test("becomes a dead letter at once when the target is not there", async () => {
    rule({ Arn: FUNCTION });
    receivers.failure = new AwsError("ResourceNotFoundException", "Function not found.", 404);
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect(opened.bridge.undelivered()).toMatchObject([{ errorCode: "ResourceNotFoundException", retryAttempts: 0 }]);
  });
});

describe("a schedule", () => {
  test("fires each period, with the time that was meant", async () => {
    rule({ Arn: FUNCTION }, { ScheduleExpression: "rate(5 minutes)" });
    await clock.move(11 * 60_000);
    expect(receivers.received).toMatchObject([
      { source: "aws.events", "detail-type": "Scheduled Event", time: "2026-11-20T09:05:00Z", detail: {} },
      { resources: ["arn:aws:events:us-east-1:000000000000:rule/stopped"], time: "2026-11-20T09:10:00Z" },
    ]);
  });

  test("keeps its time when the rule is put again, and starts anew when it is changed", async () => {
    rule({ Arn: FUNCTION }, { ScheduleExpression: "rate(60 seconds)" });
    await clock.move(40_000);
    rule({ Arn: FUNCTION }, { ScheduleExpression: "rate(60 seconds)" });
    await clock.move(20_000);
    expect(receivers.received).toHaveLength(1);
    rule({ Arn: FUNCTION }, { ScheduleExpression: "rate(50 seconds)" });
    await clock.move(49_000);
    expect(receivers.received).toHaveLength(1);
    await clock.move(1_000);
    expect(receivers.received).toHaveLength(2);
  });
});

describe("after a restart", () => {
  const reopen = () => {
    opened.close();
    opened = openBridge(receivers, { clock, folder, retryDelayMs: () => 1000 });
    opened.bridge.start();
  };

  beforeEach(reopen);
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("what was taken and not delivered is delivered", async () => {
    rule({ Arn: MACHINE, RoleArn: ROLE });
    opened.bridge.raise(stateChange("stopped"));
    reopen();
    await clock.move(0);
    reopen();
    await clock.move(10_000);
    expect(receivers.executions.size).toBe(1);
  });

  test("a schedule that was missed fires once, and then at its times", async () => {
    rule({ Arn: FUNCTION }, { ScheduleExpression: "rate(1 minute)" });
    opened.close();
    await clock.move(3.5 * 60_000);
    opened = openBridge(receivers, { clock, folder });
    opened.bridge.start();
    await clock.move(0);
    expect(receivers.received).toMatchObject([{ time: "2026-11-20T09:03:00Z" }]);
    await clock.move(30_000);
    expect(receivers.received).toMatchObject([{}, { time: "2026-11-20T09:04:00Z" }]);
  });

  test("an execution that was started and not noted is not started twice", async () => {
    rule({ Arn: MACHINE, RoleArn: ROLE });
    const started = receivers.starter.start;
    let hold = () => {};
    receivers.starter.start = async (...call) => {
      await started(...call);
      // The process dies before it hears of it.
      await new Promise<void>((resolve) => {
        hold = resolve;
      });
    };
    opened.bridge.raise(stateChange("stopped"));
    await clock.move(0);
    expect(receivers.executions.size).toBe(1);
    opened.close();
    hold();
    receivers.starter.start = started;
    opened = openBridge(receivers, { clock, folder });
    opened.bridge.start();
    await clock.move(10_000);
    expect([receivers.executions.size, receivers.tries]).toEqual([1, 2]);
    expect(opened.bridge.undelivered()).toEqual([]);
  });
});

test("a seed decides which events are delivered twice, and decides the same again", async () => {
  const draws = (seed: string) => {
    const faults = new Faults(seed, { doubled: 0.5 });
    return Array.from({ length: 20 }, () => faults.doubles());
  };
  expect(draws("a")).toEqual(draws("a"));
  expect(draws("a")).not.toEqual(draws("b"));
  opened.close();
  opened = openBridge(receivers, { clock, faults: new Faults("a", { doubled: 1 }) });
  opened.bridge.start();
  rule({ Arn: MACHINE, RoleArn: ROLE });
  opened.bridge.raise(stateChange("stopped"));
  await clock.move(0);
  expect(receivers.executions.size).toBe(2);
  expect(new Set([...receivers.executions.keys()].map((name) => name.split("_")[0])).size).toBe(1);
});
