import { z } from "zod";
import { readInput } from "../http/input.ts";
import type { Question, Service } from "../http/service.ts";
import { ResourceAttributes } from "../iam/resource-attributes.ts";
import type { Outbox } from "../mail/outbox.ts";
import { pageToken, readPage } from "../page.ts";
import type { KeyUse, Parts } from "../parts.ts";
import { ACCOUNT } from "../place.ts";
import { sameText } from "../same-text.ts";
import { uuid } from "../uuid.ts";
import { invalid, type Subscription, Topics } from "./topics.ts";

const LONGEST_MESSAGE = 262_144;
/** Begins with a letter, a digit or a sign, then ASCII without line breaks; under 100 characters. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

/** One address: nothing in it that would make it several, or a name beside it. */
const ADDRESS = /^[^@\s,;:<>"()]+@[^@\s,;:<>"()]+$/;

const TOPIC_ARN = z.string().min(1);
const CREATE_TOPIC = z.strictObject({
  Name: z.string().regex(/^[\w-]{1,256}$/, "Topic Name"),
  Attributes: z.strictObject({ KmsMasterKeyId: z.string(), Policy: z.string() }).partial().default({}),
});
const SUBSCRIBE = z.strictObject({
  TopicArn: TOPIC_ARN,
  Protocol: z.string(),
  Endpoint: z.string(),
  ReturnSubscriptionArn: z.enum(["true", "false"]).optional(),
});
const CONFIRM = z.strictObject({
  TopicArn: TOPIC_ARN,
  Token: z.string(),
  // Whether the link in each mail unsubscribes without a signature; here there is no such link.
  AuthenticateOnUnsubscribe: z.enum(["true", "false"]).optional(),
});
const LIST_TOPICS = z.strictObject({ NextToken: z.string().optional() });
const LIST_SUBSCRIPTIONS = z.strictObject({ TopicArn: TOPIC_ARN, NextToken: z.string().optional() });
const PUBLISH = z.strictObject({ TopicArn: TOPIC_ARN, Message: z.string(), Subject: z.string().optional() });

/** SNS with subscriptions by e-mail, which are sent as mail. */
export class Sns {
  readonly service: Service;
  readonly #parts: Parts;
  readonly #outbox: Outbox;
  readonly #topics: Topics;

  readonly #attributes: ResourceAttributes;
  readonly #keys: KeyUse | undefined;

  /** @param keys without it no topic can be encrypted */
  constructor(parts: Parts, outbox: Outbox, keys?: KeyUse) {
    this.#parts = parts;
    this.#outbox = outbox;
    this.#keys = keys;
    this.#topics = new Topics(parts);
    this.#attributes = new ResourceAttributes(parts);
    this.service = {
      signingName: "sns",
      protocol: { kind: "query", xmlns: "http://sns.amazonaws.com/doc/2010-03-31/" },
      operations: {
        CreateTopic: (input: unknown) => this.#create(input),
        ListTopics: (input: unknown) => this.#listTopics(input),
        Subscribe: (input: unknown) => this.#subscribe(input),
        ConfirmSubscription: (input: unknown) => this.#confirm(input),
        ListSubscriptionsByTopic: (input: unknown) => this.#listSubscriptions(input),
        Publish: (input: unknown) => this.#publish(input),
      },
      needs: (operation, { TopicArn }: { TopicArn?: unknown }) => this.#needs(operation, String(TopicArn)),
    };
  }

  #needs(operation: string, topicArn: string): Question[] | undefined {
    if (operation === "Publish") return this.toPublish(topicArn);
    if (operation !== "ListSubscriptionsByTopic") return undefined;
    return [{ action: "sns:ListSubscriptionsByTopic", resource: topicArn }];
  }

  /** What somebody needs to publish: the right to the topic, and that SNS may use the topic's key for him. */
  toPublish(topicArn: string): Question[] {
    const topic = { action: "sns:Publish", resource: topicArn, policy: this.#attributes.policyOf(topicArn) ?? [] };
    const keyArn = this.#attributes.keyOf(topicArn);
    if (keyArn === undefined || this.#keys === undefined) return [topic];
    const key = this.#keys.through("sns", keyArn, ["GenerateDataKey", "Decrypt"]);
    return [topic, ...key.map((question) => ({ ...question, code: "KMSAccessDenied" }))];
  }

  /**
   * Subscribes an address without asking its owner: for the inbox that belongs to this machine.
   *
   * @returns the subscription's ARN
   */
  subscribeConfirmed(topicArn: string, address: string): string {
    this.#topics.demand(topicArn);
    const { arn } = this.#topics.subscribe(topicArn, address, uuid(this.#parts.random), this.#newToken());
    this.#topics.confirm(arn);
    return arn;
  }

  /**
   * Sends a message to everyone who is subscribed, as part of the transaction that is open, if one is.
   *
   * @returns the message's ID
   * @throws AwsError NotFound or InvalidParameter
   */
  publish(topicArn: string, message: string, subject?: string): string {
    this.#topics.demand(topicArn);
    if (message === "") throw invalid("Empty message");
    if (Buffer.byteLength(message) > LONGEST_MESSAGE) throw invalid("Message too long");
    if (subject !== undefined && !SUBJECT.test(subject)) throw invalid("Subject");
    this.#parts.store.transaction(() => {
      for (const { confirmed, endpoint } of this.#topics.subscriptions(topicArn)) {
        if (confirmed)
          this.#outbox.add({ to: endpoint, subject: subject ?? "AWS Notification Message", text: message });
      }
    });
    return uuid(this.#parts.random);
  }

  /** Makes a topic, or finds it; the attributes that are given replace what it had. */
  #create(input: unknown): unknown {
    const { Name, Attributes } = read(CREATE_TOPIC, input);
    const { KmsMasterKeyId: key, Policy } = Attributes;
    const TopicArn = this.#parts.store.transaction(() => {
      const arn = this.#topics.create(Name);
      if (key !== undefined && this.#keys === undefined) throw invalid("KmsMasterKeyId");
      if (key !== undefined) this.#attributes.putKey(arn, this.#keys?.arnOf(key));
      if (Policy !== undefined) this.#attributes.putPolicy(arn, Policy, "InvalidParameter");
      return arn;
    });
    return { TopicArn };
  }

  #publish(input: unknown): unknown {
    const { TopicArn, Message, Subject } = read(PUBLISH, input);
    return { MessageId: this.publish(TopicArn, Message, Subject) };
  }

  #listTopics(input: unknown): unknown {
    const listing = "topics";
    const position = readPage(read(LIST_TOPICS, input).NextToken, listing, invalid("NextToken"));
    const { arns, next } = this.#topics.list(position);
    const NextToken = next === undefined ? undefined : pageToken(listing, next);
    return { Topics: arns.map((TopicArn) => ({ TopicArn })), NextToken };
  }

  #subscribe(input: unknown): unknown {
    const { TopicArn, Protocol, Endpoint, ReturnSubscriptionArn } = read(SUBSCRIBE, input);
    if (Protocol !== "email") throw invalid(`Does not support this protocol string: ${Protocol}`);
    if (!ADDRESS.test(Endpoint)) throw invalid("Email address");
    this.#topics.demand(TopicArn);
    const { arn, confirmed } = this.#parts.store.transaction(() => {
      const one = this.#topics.subscribe(TopicArn, Endpoint, uuid(this.#parts.random), this.#newToken());
      if (!one.confirmed) this.#outbox.add(confirmationMail(one));
      return one;
    });
    return { SubscriptionArn: confirmed || ReturnSubscriptionArn === "true" ? arn : "pending confirmation" };
  }

  #confirm(input: unknown): unknown {
    const { TopicArn, Token } = read(CONFIRM, input);
    this.#topics.demand(TopicArn);
    const found = this.#topics.subscriptions(TopicArn).find(({ token }) => sameText(Token, token));
    if (found === undefined) throw invalid("Token");
    this.#topics.confirm(found.arn);
    return { SubscriptionArn: found.arn };
  }

  #listSubscriptions(input: unknown): unknown {
    const { TopicArn, NextToken } = read(LIST_SUBSCRIPTIONS, input);
    this.#topics.demand(TopicArn);
    const listing = `subscriptions ${TopicArn}`;
    const position = readPage(NextToken, listing, invalid("NextToken"));
    const { subscriptions, next } = this.#topics.subscriptionPage(TopicArn, position);
    const Subscriptions = subscriptions.map(({ arn, endpoint, confirmed }) => ({
      SubscriptionArn: confirmed ? arn : "PendingConfirmation",
      Owner: ACCOUNT,
      Protocol: "email",
      Endpoint: endpoint,
      TopicArn,
    }));
    return { Subscriptions, NextToken: next === undefined ? undefined : pageToken(listing, next) };
  }

  #newToken(): string {
    return this.#parts.random(48).toString("hex");
  }
}

function read<T>(schema: z.ZodType<T>, input: unknown): T {
  return readInput(schema, input, "InvalidParameter");
}

function confirmationMail({ topicArn, endpoint, token }: Subscription): { to: string; subject: string; text: string } {
  const text = [
    `You have chosen to subscribe to the topic:\n${topicArn}`,
    "To confirm this subscription, run:",
    `aws sns confirm-subscription --topic-arn ${topicArn} --token ${token}`,
    "If you did not ask for this, ignore this mail.",
  ];
  return { to: endpoint, subject: "AWS Notification - Subscription Confirmation", text: text.join("\n\n") };
}
