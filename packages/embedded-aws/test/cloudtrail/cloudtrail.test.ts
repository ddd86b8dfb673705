import { LookupEventsCommand, type LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import { ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateUserCommand, PutUserPolicyCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, EncryptCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { CreateSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { ACCOUNT, Faults } from "../../src/index.ts";
import { ALL, type Keys, startAccount } from "../account.ts";

const DAY_MS = 86_400_000;

async function startTrail(options: Parameters<typeof startAccount>[0] = {}) {
  const account = await startAccount(options);
  const look = (input: LookupEventsCommandInput) => account.operator.cloudtrail.send(new LookupEventsCommand(input));
  /** The calls signed with a key, the newest first. */
  const of = async ({ accessKeyId }: Keys, more: LookupEventsCommandInput = {}) => {
    const LookupAttributes = [{ AttributeKey: "AccessKeyId" as const, AttributeValue: accessKeyId }];
    return (await look({ LookupAttributes, ...more })).Events ?? [];
  };
  const namesOf = async (keys: Keys, more?: LookupEventsCommandInput) =>
    (await of(keys, more)).map(({ EventName }) => EventName);
  return { ...account, look, of, namesOf };
}

test("an event says who did what, when and from where, and nothing that is secret", async () => {
  const { clientsOf, newUser, of, clock } = await startTrail();
  const ann = await newUser("ann", ALL);
  const { iam, secrets } = clientsOf(ann);
  await clock.move(1500);
  await secrets.send(new CreateSecretCommand({ Name: "n", SecretString: "hunter2", Description: "hunter3" }));
  const PolicyDocument = JSON.stringify({ Statement: { ...ALL, Sid: "hunter4" } });
  await iam.send(new PutUserPolicyCommand({ UserName: "ann", PolicyName: "p", PolicyDocument }));
  const [put, created] = await of(ann);
  const time = new Date(Math.floor(clock.now() / 1000) * 1000);
  expect(put).toMatchObject({
    ...{ EventName: "PutUserPolicy", EventSource: "iam.amazonaws.com", EventTime: time, ReadOnly: "false" },
    ...{ Username: "ann", AccessKeyId: ann.accessKeyId, EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
  const event = JSON.parse(put?.CloudTrailEvent ?? "");
  expect(event).toMatchObject({
    userIdentity: {
      ...{ type: "IAMUser", arn: `arn:aws:iam::${ACCOUNT}:user/ann`, accountId: ACCOUNT, userName: "ann" },
      ...{ accessKeyId: ann.accessKeyId, principalId: expect.stringMatching(/^AIDA/) },
    },
    eventTime: time.toISOString().replace(".000", ""),
    ...{ eventSource: "iam.amazonaws.com", eventName: "PutUserPolicy", awsRegion: "us-east-1" },
    ...{ sourceIPAddress: "127.0.0.1", userAgent: expect.stringContaining("aws-sdk-js"), eventID: put?.EventId },
    requestParameters: { userName: "ann", policyName: "p" },
    ...{ readOnly: false, managementEvent: true, recipientAccountId: ACCOUNT },
  });
  expect(event).not.toHaveProperty("errorCode");
  expect(JSON.parse(created?.CloudTrailEvent ?? "")).toMatchObject({ requestParameters: { name: "n" } });
  expect(JSON.stringify([put, created])).not.toMatch(/hunter/);
});

test("a refused call is one, too, with what it was refused by; one whose key is not known is in no trail", async () => {
  const { operator, clientsOf, newUser, of } = await startTrail();
  const ann = await newUser("ann");
  const { iam, kms } = clientsOf(ann);
  const mallory = () => iam.send(new CreateUserCommand({ UserName: "mallory" }));
  await expect(mallory()).rejects.toThrow();
  const [refused] = await of(ann);
  expect(JSON.parse(refused?.CloudTrailEvent ?? "")).toMatchObject({
    ...{ eventName: "CreateUser", errorCode: "AccessDenied", requestParameters: { userName: "mallory" } },
    errorMessage: expect.stringContaining("is not authorized to perform: iam:CreateUser"),
  });
  const key = { UserName: "ann", AccessKeyId: ann.accessKeyId };
  await operator.iam.send(new UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
  await expect(mallory()).rejects.toThrow();
  await expect(kms.send(new ListKeysCommand({}))).rejects.toThrow();
  expect(await of(ann)).toHaveLength(1);
});

test("sessions and roles have keys and issuers of their own", async () => {
  const { aws, clientsOf, newUser, sessionOf, of } = await startTrail();
  const ann = await newUser("ann", ALL);
  const session = await sessionOf(ann);
  await clientsOf(session).kms.send(new ListKeysCommand({}));
  expect((await of(ann)).map(({ EventName }) => EventName)).toEqual(["GetSessionToken"]);
  const identityOf = async (keys: Keys) => JSON.parse((await of(keys))[0]?.CloudTrailEvent ?? "").userIdentity;
  const attributes = { creationDate: expect.stringMatching(/^\d{4}-.*:\d\dZ$/), mfaAuthenticated: "false" };
  expect(await identityOf(session)).toMatchObject({
    ...{ type: "IAMUser", userName: "ann", accessKeyId: session.accessKeyId, sessionContext: { attributes } },
  });
  const instance = aws.credentialsOf("i-1");
  await expect(clientsOf(instance).kms.send(new ListKeysCommand({}))).rejects.toThrow();
  expect(await identityOf(instance)).toMatchObject({
    ...{ type: "AssumedRole", arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Instance/i-1` },
    sessionContext: {
      sessionIssuer: { type: "Role", arn: `arn:aws:iam::${ACCOUNT}:role/Instance`, userName: "Instance" },
      attributes,
    },
  });
});

test("it has calls that manage, and none to data", async () => {
  const { clientsOf, newUser, namesOf } = await startTrail();
  const ann = await newUser("ann", ALL);
  const { dynamodb, secrets, kms } = clientsOf(ann);
  await dynamodb.send(new ListTablesCommand({}));
  await expect(dynamodb.send(new ScanCommand({ TableName: "none" }))).rejects.toThrow();
  await expect(secrets.send(new GetSecretValueCommand({ SecretId: "none" }))).rejects.toThrow();
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from("x") }));
  expect(await namesOf(ann)).toEqual(["Encrypt", "CreateKey", "GetSecretValue", "ListTables"]);
});

test("the newest comes first, in pages that miss nothing and show nothing twice, whatever is done meanwhile", async () => {
  const { clientsOf, newUser, look, of, clock } = await startTrail();
  const ann = await newUser("ann", ALL);
  const { iam } = clientsOf(ann);
  const create = async (from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      if (n % 3 === 0) await clock.move(400);
      await iam.send(new CreateUserCommand({ UserName: `u${n}` }));
    }
  };
  await create(0, 60);
  const LookupAttributes = [{ AttributeKey: "AccessKeyId" as const, AttributeValue: ann.accessKeyId }];
  const names: string[] = [];
  const sizes: number[] = [];
  let NextToken: string | undefined;
  do {
    const page = await look({ LookupAttributes, MaxResults: 25, ...(NextToken && { NextToken }) });
    for (const { CloudTrailEvent = "" } of page.Events ?? [])
      names.push(JSON.parse(CloudTrailEvent).requestParameters.userName);
    sizes.push(page.Events?.length ?? 0);
    NextToken = page.NextToken;
    if (sizes.length === 1) await create(60, 62);
  } while (NextToken !== undefined);
  expect(sizes).toEqual([25, 25, 10]);
  expect(names).toEqual(Array.from({ length: 60 }, (_, n) => `u${59 - n}`));
  expect(await of(ann)).toHaveLength(50);
  const first = await look({ LookupAttributes });
  const others = [{ AttributeKey: "Username" as const, AttributeValue: "ann" }];
  await expect(look({ LookupAttributes: others, NextToken: first.NextToken })).rejects.toMatchObject({
    name: "InvalidNextTokenException",
  });
});

test("a time is of the second in which it lies", async () => {
  const { clientsOf, newUser, namesOf, clock } = await startTrail();
  const ann = await newUser("ann", ALL);
  const { iam, kms } = clientsOf(ann);
  const start = clock.now();
  await clock.move(1700);
  await kms.send(new ListKeysCommand({}));
  await clock.move(2000);
  await iam.send(new CreateUserCommand({ UserName: "eve" }));
  const at = (ms: number) => new Date(start + ms);
  expect(await namesOf(ann, { StartTime: at(1000), EndTime: at(1000) })).toEqual(["ListKeys"]);
  expect(await namesOf(ann, { StartTime: at(1001) })).toEqual(["CreateUser"]);
  expect(await namesOf(ann, { EndTime: at(2999) })).toEqual(["ListKeys"]);
  expect(await namesOf(ann, { EndTime: at(999) })).toEqual([]);
  expect(await namesOf(ann)).toEqual(["CreateUser", "ListKeys"]);
  await expect(namesOf(ann, { StartTime: at(2000), EndTime: at(1000) })).rejects.toMatchObject({
    name: "InvalidTimeRangeException",
  });
});

test("calls are found by the names of operations and callers, too, and by nothing else", async () => {
  const { clientsOf, newUser, look } = await startTrail();
  const { kms } = clientsOf(await newUser("ann", ALL));
  await kms.send(new ListKeysCommand({}));
  const by = async (AttributeKey: "EventName" | "Username" | "EventSource", AttributeValue: string) =>
    (await look({ LookupAttributes: [{ AttributeKey, AttributeValue }] })).Events?.map((event) => event.EventName);
  expect(await by("EventName", "ListKeys")).toEqual(["ListKeys"]);
  expect(await by("Username", "ann")).toEqual(["ListKeys"]);
  expect((await look({})).Events).toHaveLength(6);
  const unknown = { name: "InvalidLookupAttributesException" };
  await expect(by("EventSource", "kms.amazonaws.com")).rejects.toMatchObject(unknown);
  const one = { AttributeKey: "EventName" as const, AttributeValue: "ListKeys" };
  await expect(look({ LookupAttributes: [one, one] })).rejects.toMatchObject(unknown);
  for (const MaxResults of [0, 51]) {
    await expect(look({ MaxResults })).rejects.toMatchObject({ name: "InvalidMaxResultsException" });
  }
});

test("who looks needs the right, and may be throttled", async () => {
  const rule = { service: "cloudtrail", operation: "LookupEvents", share: 1, fault: { kind: "throttle" } } as const;
  const { clientsOf, newUser, allow } = await startTrail({ faults: new Faults("seed", { calls: [rule] }) });
  const { cloudtrail } = clientsOf(await newUser("ann"));
  const look = () => cloudtrail.send(new LookupEventsCommand({}));
  await expect(look()).rejects.toMatchObject({ name: "AccessDeniedException" });
  await allow("ann", { Effect: "Allow", Action: "cloudtrail:LookupEvents", Resource: "*" });
  await expect(look()).rejects.toMatchObject({ name: "ThrottlingException" });
});

test("it may be late, and forgets after 90 days", async () => {
  const { clientsOf, newUser, namesOf, clock } = await startTrail({ trailDelayMs: 300_000 });
  const ann = await newUser("ann", ALL);
  const { kms } = clientsOf(ann);
  await kms.send(new ListKeysCommand({}));
  await clock.move(299_999);
  expect(await namesOf(ann)).toEqual([]);
  await clock.move(1);
  expect(await namesOf(ann)).toEqual(["ListKeys"]);
  await clock.move(90 * DAY_MS - 300_000);
  expect(await namesOf(ann)).toEqual(["ListKeys"]);
  await clock.move(1);
  expect(await namesOf(ann)).toEqual([]);
});

test("it outlives the process", async () => {
  const first = await startTrail();
  const ann = await first.newUser("ann", ALL);
  const { kms } = first.clientsOf(ann);
  await kms.send(new ListKeysCommand({}));
  const before = await first.of(ann);
  expect(before).toHaveLength(1);
  await kms.send(new ListKeysCommand({}));
  await first.close();
  const second = await startTrail({ folder: first.folder, clock: first.clock });
  const after = await second.of(ann);
  expect(after).toHaveLength(2);
  expect(after[1]).toEqual(before[0]);
  await second.close();
  await first.clock.move(90 * DAY_MS + 1);
  const third = await startTrail({ folder: first.folder, clock: first.clock });
  expect(await third.of(ann)).toEqual([]);
});
