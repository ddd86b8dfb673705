import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventBridge } from "../../src/events/index.ts";
import { schedulerOver } from "../../src/scheduler/scheduler.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";
import { signedCall } from "../http/signed.ts";

const Target = {
  Arn: "arn:aws:states:us-east-1:000000000000:stateMachine:fleet",
  RoleArn: "arn:aws:iam::000000000000:role/schedule",
  Input: "{}",
};

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded((parts) => {
    const events = new EventBridge(parts);
    return [events.service, schedulerOver(events.rules)];
  });
  const client = new EventBridgeClient(aws.config);
  const rule = { Name: "nightly", ScheduleExpression: "rate(1 day)", State: "DISABLED", Description: "At night." };
  await client.send(new PutRuleCommand({ ...rule, State: "DISABLED" }));
  await client.send(new PutTargetsCommand({ Rule: "nightly", Targets: [{ Id: "target", ...Target }] }));
  await client.send(new PutRuleCommand({ Name: "by-event", EventPattern: '{"source":["a"]}' }));
});
afterAll(() => aws.close());

const get = (path: string, query = {}) => signedCall(aws.config, { service: "scheduler", method: "GET", path, query });

test("GetSchedule shows a rule that has a schedule", async () => {
  for (const query of [{}, { groupName: "default" }]) {
    const response = await get("/schedules/nightly", query);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      Arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly",
      GroupName: "default",
      Name: "nightly",
      Description: "At night.",
      State: "DISABLED",
      ScheduleExpression: "rate(1 day)",
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target,
    });
  }
});

test.each([
  ["/schedules/nowhere", {}],
  ["/schedules/by-event", {}],
  ["/schedules/nightly", { groupName: "another" }],
])("%s %j: there is no such schedule", async (path, query) => {
  const response = await get(path, query);
  expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([404, "ResourceNotFoundException"]);
});

test("what else it is asked for is not known", async () => {
  const response = await get("/schedule-groups");
  expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([404, "UnknownOperationException"]);
  expect(aws.log.at(-1)).toBe("The embedded AWS does not know scheduler's operation 'GET /schedule-groups'.");
});
