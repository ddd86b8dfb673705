import {
  CreateEventBusCommand,
  type EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compilePattern } from "../../src/events/pattern.ts";
import { clientOf, FUNCTION, MACHINE, openBridge, Receivers, ROLE } from "./harness.ts";

const taken: { bus: string; type: string }[] = [];
const { bridge, parts, sentences, close } = openBridge(new Receivers(), {
  onEvent: (event, bus) => void taken.push({ bus, type: event["detail-type"] }),
});
let client: EventBridgeClient;
let closeServer: () => Promise<void>;

beforeAll(async () => {
  ({ client, close: closeServer } = await clientOf(bridge, parts));
});

afterAll(async () => {
  await closeServer();
  close();
});

const EVENT = {
  id: "1",
  account: "000000000000",
  time: "2026-11-20T09:00:00Z",
  region: "us-east-1",
  version: "0",
  source: "shop",
  "detail-type": "Key Turned",
  resources: ["arn:one", "arn:two"],
  detail: {
    name: "Rotation.Failed",
    count: 3,
    ok: true,
    nothing: null,
    inner: { list: ["a", "b"] },
    empty: [],
    "dotted.name": "x",
    bare: {},
    pairs: [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ],
  },
};

const matches = (pattern: object) => compilePattern(JSON.stringify(pattern))(EVENT);

describe("a pattern", () => {
  test.each<object>([
    { source: ["shop"] },
    { source: ["other", "shop"], "detail-type": ["Key Turned"] },
    { resources: ["arn:two"] },
    { detail: { count: [3], ok: [true], nothing: [null] } },
    { detail: { inner: { list: ["b", "c"] } } },
    { detail: { name: [{ prefix: "Rotation." }] } },
    { detail: { name: [{ suffix: ".Failed" }] } },
    { detail: { name: [{ prefix: { "equals-ignore-case": "rotation." } }] } },
    { detail: { name: [{ "equals-ignore-case": "rotation.failed" }] } },
    { detail: { name: [{ "anything-but": "Rotation" }] } },
    { detail: { name: [{ "anything-but": ["a", "b"] }] } },
    { detail: { name: [{ "anything-but": { prefix: "Shop." } }] } },
    { detail: { count: [{ "anything-but": [1, 2] }] } },
    { detail: { count: [{ numeric: [">", 2, "<=", 3] }] } },
    { detail: { count: [{ numeric: ["=", 3] }] } },
    { detail: { name: [{ exists: true }], absent: [{ exists: false }], empty: [{ exists: false }] } },
    // As AWS compares paths: names joined by dots, down to the values.
    { detail: { dotted: { name: ["x"] } } },
    { "detail.inner": { list: ["a"] } },
    { detail: { inner: [{ exists: false }], bare: [{ exists: false }] } },
    { detail: { pairs: { a: [3], b: [4] } } },
    { detail: { pairs: { a: [3], c: [{ exists: false }] } } },
  ])("%j matches", (pattern) => expect(matches(pattern)).toBe(true));

  test.each<object>([
    { source: ["key"] },
    { source: ["shop"], "detail-type": ["Other"] },
    { detail: { count: ["3"] } },
    { detail: { absent: [null] } },
    { detail: { name: [{ prefix: "rotation." }] } },
    { detail: { name: [{ "anything-but": { prefix: "Rotation." } }] } },
    { detail: { name: [{ "anything-but": { prefix: ["X", "Rotation."] } }] } },
    { detail: { absent: [{ "anything-but": "a" }] } },
    { detail: { count: [{ "anything-but": 3 }] } },
    { detail: { count: [{ numeric: ["<", 3] }] } },
    { detail: { name: [{ numeric: ["<", 3] }] } },
    { detail: { inner: [{ exists: true }] } },
    { detail: { inner: { list: [{ exists: false }] } } },
    { detail: { dotted: { name: [{ exists: false }] } } },
    { detail: { pairs: { a: [1], b: [4] } } },
    { detail: { toString: [{ exists: true }] } },
    { source: { inner: ["shop"] } },
  ])("%j does not match", (pattern) => expect(matches(pattern)).toBe(false));

  test.each([
    ["{", /no JSON/],
    ["[]", /must be an object/],
    [{}, /is empty/],
    [{ source: "shop" }, /"source" must be an object or an array/],
    [{ source: [] }, /is empty/],
    [{ source: [{ wildcard: "*" }] }, /Unrecognized match type wildcard/],
    [{ source: [{ prefix: 1 }] }, /needs a text/],
    [{ source: [{ prefix: "a", suffix: "b" }] }, /more than one operator/],
    [{ detail: { count: [{ numeric: [">"] }] } }, /list of comparisons/],
    [{ detail: { count: [{ numeric: ["~", 1] }] } }, /list of comparisons/],
    [{ detail: { count: [{ numeric: [">", 5, "<", 1] }] } }, /Bottom must be less than top/],
    [{ detail: { count: [{ numeric: [">=", 5, "<=", 5] }] } }, /Bottom must be less than top/],
    [{ detail: { count: [{ numeric: ["<", 5, ">", 1] }] } }, /list of comparisons/],
    [{ detail: { count: [{ numeric: ["=", 5, "<", 9] }] } }, /list of comparisons/],
    [{ source: [{ "anything-but": { prefix: "" } }] }, /Null prefix\/suffix not allowed/],
    [{ source: [{ "anything-but": { suffix: ["a", ""] } }] }, /Null prefix\/suffix not allowed/],
    [{ source: [{ "anything-but": ["a", 1] }] }, /mixed types are not supported/],
    [{ source: [{ exists: "yes" }] }, /true or false/],
    [{ source: [{ "anything-but": { wildcard: "*" } }] }, /Unrecognized match type wildcard/],
  ])("%j is refused", async (pattern, message) => {
    const EventPattern = typeof pattern === "string" ? pattern : JSON.stringify(pattern);
    await expect(client.send(new PutRuleCommand({ Name: "refused", EventPattern }))).rejects.toMatchObject({
      name: "InvalidEventPatternException",
      message: expect.stringMatching(message),
    });
  });
});

describe("rules and targets", () => {
  const EventPattern = '{"source":["shop"]}';

  test("a rule is put and listed, and given targets", async () => {
    const put = await client.send(
      new PutRuleCommand({ Name: "turned", EventPattern, Description: "a key was turned" }),
    );
    expect(put.RuleArn).toBe("arn:aws:events:us-east-1:000000000000:rule/turned");
    const rule = { Name: "turned", Arn: put.RuleArn, EventPattern, State: "ENABLED", EventBusName: "default" };
    const [putRule] = bridge.rules.rules("default").filter(({ name }) => name === "turned");
    if (putRule === undefined) throw new Error("the rule is not in the store");
    const listed = await client.send(new ListRulesCommand({ NamePrefix: "turn" }));
    expect(listed.Rules).toEqual([{ ...rule, Description: "a key was turned" }]);

    const Targets = [{ Id: "one", Arn: FUNCTION, RetryPolicy: { MaximumRetryAttempts: 2 } }];
    await client.send(new PutTargetsCommand({ Rule: "turned", Targets }));
    expect(bridge.rules.targets(putRule)).toEqual(Targets);
    await expect(client.send(new PutTargetsCommand({ Rule: "absent", Targets }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Rule absent does not exist on EventBus default.",
    });
  });

  test("a bus of one's own has rules of its own", async () => {
    const { EventBusArn } = await client.send(new CreateEventBusCommand({ Name: "shop" }));
    const put = await client.send(new PutRuleCommand({ Name: "own", EventBusName: EventBusArn, EventPattern }));
    expect(put.RuleArn).toBe("arn:aws:events:us-east-1:000000000000:rule/shop/own");
    const namesOn = async (EventBusName: string) =>
      (await client.send(new ListRulesCommand({ EventBusName }))).Rules?.map(({ Name }) => Name);
    expect(await namesOn("shop")).toEqual(["own"]);
    expect(await namesOn("default")).not.toContain("own");
    await expect(namesOn("nowhere")).rejects.toThrow("Event bus nowhere does not exist");
    await expect(client.send(new CreateEventBusCommand({ Name: "shop" }))).rejects.toMatchObject({
      name: "ResourceAlreadyExistsException",
    });
  });

  test.each([
    [{ Name: "a b", EventPattern }, "Parameter Name is not valid."],
    [{ Name: "a" }, "Parameter(s) EventPattern or ScheduleExpression must be specified."],
    [{ Name: "a", ScheduleExpression: "rate(1 minutes)" }, "Parameter ScheduleExpression is not valid."],
    [{ Name: "a", ScheduleExpression: "rate(0 minutes)" }, "Parameter ScheduleExpression is not valid."],
    [{ Name: "a", ScheduleExpression: "cron(0 9 * * ? *)" }, "Parameter ScheduleExpression is not valid. The embedded"],
  ])("the rule %j is refused", async (input, message) => {
    await expect(client.send(new PutRuleCommand(input))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [{ Arn: "arn:aws:sqs:us-east-1:000000000000:queue" }, "does not deliver to"],
    [{ Arn: MACHINE }, "RoleArn is required"],
    [{ Arn: MACHINE, RoleArn: ROLE, Input: "{" }, "Input is not valid JSON"],
    [{ Arn: FUNCTION, Input: "{}", InputPath: "$" }, "Only one of Input"],
    [{ Arn: FUNCTION, InputPath: "$..a" }, "does not know the JSON path"],
    [{ Arn: FUNCTION, SqsParameters: { MessageGroupId: "a" } }, "does not know the member SqsParameters"],
  ])("the target %j is refused", async (target, message) => {
    await client.send(new PutRuleCommand({ Name: "refusing", EventPattern }));
    const command = new PutTargetsCommand({ Rule: "refusing", Targets: [{ Id: "one", ...target }] });
    await expect(client.send(command)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });
});

describe("PutEvents", () => {
  const entry = { Source: "shop", DetailType: "Key Turned", Detail: "{}" };

  test("takes what is right and says of each entry what is wrong", async () => {
    taken.length = 0;
    const { Detail, ...withoutDetail } = entry;
    const Entries = [
      entry,
      { ...entry, Source: undefined },
      withoutDetail,
      { ...entry, Detail: "no JSON" },
      { ...entry, Detail: "[]" },
      { ...entry, Source: "aws.ec2" },
    ];
    const result = await client.send(new PutEventsCommand({ Entries }));
    expect(result.FailedEntryCount).toBe(5);
    expect(result.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      "InvalidArgument",
      "InvalidArgument",
      "MalformedDetail",
      "MalformedDetail",
      "NotAuthorizedForSourceException",
    ]);
    expect(taken).toEqual([{ bus: "default", type: "Key Turned" }]);
  });

  test("refuses more than ten entries and more than 256 KB", async () => {
    const tooMany = new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) });
    await expect(client.send(tooMany)).rejects.toMatchObject({ name: "ValidationException" });
    const tooLarge = { ...entry, Detail: JSON.stringify({ text: "x".repeat(256 * 1024) }) };
    await expect(client.send(new PutEventsCommand({ Entries: [tooLarge] }))).rejects.toThrow("over the limit");
  });

  test("takes an event for a bus that is not there, which nobody receives", async () => {
    taken.length = 0;
    const result = await client.send(new PutEventsCommand({ Entries: [{ ...entry, EventBusName: "nowhere" }] }));
    expect(result.FailedEntryCount).toBe(0);
    expect(taken).toEqual([]);
    expect(sentences.at(-1)).toBe("An event was put on the bus nowhere, which does not exist; nobody receives it.");
  });
});
