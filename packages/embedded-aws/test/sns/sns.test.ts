import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Inbox, type Mail } from "../../src/mail/inbox.ts";
import { Outbox } from "../../src/mail/outbox.ts";
import { Sns } from "../../src/sns/sns.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

const IN_TIME = { timeout: 10_000 };

let aws: Embedded;
let sns: Sns;
let inbox: Inbox;
let outbox: Outbox;
let client: SNSClient;
let topic = "";
const arrived: Mail[] = [];

beforeAll(async () => {
  aws = await startEmbedded((parts) => {
    inbox = new Inbox(parts, (mail) => arrived.push(mail));
    outbox = new Outbox(parts);
    sns = new Sns(parts, outbox);
    return [sns.service];
  });
  outbox.start((await inbox.start()).port);
  client = new SNSClient(aws.config);
});
afterAll(async () => {
  outbox.close();
  await inbox.close();
  await aws.close();
});
beforeEach(async ({ task }) => {
  arrived.length = 0;
  const { TopicArn } = await client.send(new CreateTopicCommand({ Name: `test-${task.id.replace(/\W/g, "-")}` }));
  topic = TopicArn ?? "";
});

const publish = (Message: string, Subject?: string) =>
  client.send(new PublishCommand({ TopicArn: topic, Message, ...(Subject !== undefined && { Subject }) }));

async function nextMail(): Promise<Mail> {
  await expect.poll(() => arrived.length, IN_TIME).toBeGreaterThan(0);
  const mail = arrived.shift();
  if (mail === undefined) throw new Error("no mail");
  return mail;
}

test("a topic is made once and listed", async () => {
  expect(topic).toMatch(/^arn:aws:sns:us-east-1:\d{12}:test-/);
  const again = await client.send(new CreateTopicCommand({ Name: topic.split(":").at(-1) }));
  expect(again.TopicArn).toBe(topic);
  const { Topics } = await client.send(new ListTopicsCommand({}));
  expect(Topics?.filter(({ TopicArn }) => TopicArn === topic)).toHaveLength(1);
  await expect(client.send(new CreateTopicCommand({ Name: "no name" }))).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
});

test("a subscription gets mail once it is confirmed by the token in its first mail", async () => {
  const subscribe = new SubscribeCommand({ TopicArn: topic, Protocol: "email", Endpoint: "ops@example.com" });
  expect((await client.send(subscribe)).SubscriptionArn).toBe("pending confirmation");
  const list = async () => (await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }))).Subscriptions;
  expect(await list()).toMatchObject([
    { SubscriptionArn: "PendingConfirmation", Endpoint: "ops@example.com", Protocol: "email" },
  ]);
  await publish("nobody hears this");

  const asked = await nextMail();
  expect(asked).toMatchObject({ to: "ops@example.com", subject: "AWS Notification - Subscription Confirmation" });
  const Token = asked.text.match(/--token (\S+)/)?.[1];
  const wrong = new ConfirmSubscriptionCommand({ TopicArn: topic, Token: "ü".repeat(96) });
  await expect(client.send(wrong)).rejects.toMatchObject({ name: "InvalidParameterException" });
  const confirm = new ConfirmSubscriptionCommand({ TopicArn: topic, Token, AuthenticateOnUnsubscribe: "true" });
  const { SubscriptionArn } = await client.send(confirm);
  expect(SubscriptionArn?.startsWith(`${topic}:`)).toBe(true);
  expect(await list()).toMatchObject([{ SubscriptionArn }]);
  expect((await client.send(subscribe)).SubscriptionArn).toBe(SubscriptionArn);

  await publish("Line one.\n\nLine two: ü.", "Key mismatch on 0a1b2c");
  expect(await nextMail()).toMatchObject({
    from: "no-reply@sns.amazonaws.com",
    to: "ops@example.com",
    subject: "Key mismatch on 0a1b2c",
    text: "Line one.\n\nLine two: ü.",
  });
  expect(inbox.list().map(({ text }) => text)).not.toContain("nobody hears this");
});

test("the deployment subscribes the inbox of this machine without asking it", async () => {
  const arn = sns.subscribeConfirmed(topic, "you@example.test");
  expect(sns.subscribeConfirmed(topic, "you@example.test")).toBe(arn);
  await publish("text");
  expect(await nextMail()).toMatchObject({
    to: "you@example.test",
    subject: "AWS Notification Message",
    text: "text",
  });
});

test.each([
  ["two lines", "a\nb"],
  ["100 characters", "x".repeat(100)],
  ["no ASCII", "Schlüssel"],
  ["a blank at its beginning", " a"],
])("a subject is refused that has %s", async (_what, subject) => {
  await expect(publish("text", subject)).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "Invalid parameter: Subject",
  });
});

test("a subject of 99 characters and a message of 256 KB are taken, one byte more is not", async () => {
  sns.subscribeConfirmed(topic, "you@example.test");
  const message = "x".repeat(262_144);
  await publish(message, "s".repeat(99));
  const mail = await nextMail();
  expect(mail.subject).toBe("s".repeat(99));
  expect(mail.text).toBe(message);
  await expect(publish(`${message}x`)).rejects.toMatchObject({ message: "Invalid parameter: Message too long" });
  await expect(publish("")).rejects.toMatchObject({ message: "Invalid parameter: Empty message" });
});

test("what is not there, or not known, is refused in SNS's words", async () => {
  const send = (TopicArn: string) => client.send(new PublishCommand({ TopicArn, Message: "m" }));
  await expect(send(`${topic}-none`)).rejects.toMatchObject({
    name: "NotFoundException",
    message: "Topic does not exist",
  });
  await expect(send("no-arn")).rejects.toMatchObject({ name: "InvalidParameterException" });
  const subscribe = (Protocol: string, Endpoint: string) =>
    client.send(new SubscribeCommand({ TopicArn: topic, Protocol, Endpoint }));
  await expect(subscribe("sms", "+1555")).rejects.toMatchObject({ name: "InvalidParameterException" });
  for (const address of ["no-address", "a@b, c@d", "<a@b>", "a@b\nBcc: c@d"]) {
    await expect(subscribe("email", address)).rejects.toMatchObject({ message: "Invalid parameter: Email address" });
  }
  const structured = new PublishCommand({ TopicArn: topic, Message: "{}", MessageStructure: "json" });
  await expect(client.send(structured)).rejects.toMatchObject({ name: "InvalidParameterException" });
});

test("150 subscriptions are listed in pages, each once", async () => {
  const addresses = Array.from({ length: 150 }, (_, n) => `you-${n}@example.test`);
  for (const address of addresses) sns.subscribeConfirmed(topic, address);
  const seen: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic, NextToken }));
    expect(page.Subscriptions?.length).toBeLessThanOrEqual(100);
    seen.push(...(page.Subscriptions ?? []).map(({ Endpoint }) => Endpoint));
    const foreign = new ListTopicsCommand({ NextToken: page.NextToken ?? topic });
    await expect(client.send(foreign)).rejects.toMatchObject({ message: "Invalid parameter: NextToken" });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(seen.sort()).toEqual(addresses.sort());
});
