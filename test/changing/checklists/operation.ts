import { after, before, type Checklist, made } from "../checklist.ts";

const NAME = "Unsubscribe";
const SNS = "packages/embedded-aws/src/sns/sns.ts";

const served = [
  before(SNS, "const PUBLISH = ", "const UNSUBSCRIBE = z.strictObject({ SubscriptionArn: z.string().min(1) });\n"),
  before(
    SNS,
    "        Publish: (input: unknown) =>",
    `        ${NAME}: (input: unknown) => this.#topics.unsubscribe(read(UNSUBSCRIBE, input).SubscriptionArn),\n`,
  ),
  before(
    "packages/embedded-aws/src/sns/topics.ts",
    "  subscriptions(topicArn: string): Subscription[] {\n",
    `  /** Takes a subscription away; one that is not there is away already, as on AWS. */
  unsubscribe(arn: string): object {
    this.#parts.store.db.prepare("DELETE FROM sns_subscriptions WHERE arn = ?").run(arn);
    return {};
  }

`,
  ),
];

const called = made(
  "packages/embedded-aws/test/sns/unsubscribe.test.ts",
  `
    import {
      CreateTopicCommand,
      ListSubscriptionsByTopicCommand,
      SNSClient,
      UnsubscribeCommand,
    } from "@aws-sdk/client-sns";
    import { afterAll, beforeAll, expect, test } from "vitest";
    import { Outbox } from "../../src/mail/outbox.ts";
    import { Sns } from "../../src/sns/sns.ts";
    import { type Embedded, startEmbedded } from "../http/embedded.ts";

    let aws: Embedded;
    let sns: Sns;
    beforeAll(async () => {
      aws = await startEmbedded((parts) => {
        sns = new Sns(parts, new Outbox(parts));
        return [sns.service];
      });
    });
    afterAll(() => aws.close());

    test("a subscription that is taken away is no longer listed", async () => {
      const client = new SNSClient(aws.config);
      const { TopicArn = "" } = await client.send(new CreateTopicCommand({ Name: "test" }));
      const SubscriptionArn = sns.subscribeConfirmed(TopicArn, "you@example.com");
      await client.send(new UnsubscribeCommand({ SubscriptionArn }));
      const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      expect(Subscriptions).toEqual([]);
    });
  `,
);

const listed = after("packages/embedded-aws/README.md", "`ListSubscriptionsByTopic` `Publish`", ` \`${NAME}\``);

const needed = before(
  "docs/runbook.md",
  "### EventsUndelivered\n",
  "To hear no more of them: `aws sns unsubscribe --subscription-arn ARN`.\n\n",
);

const reason = after(
  "test/embedded-aws/reasons.ts",
  "  sns: {\n",
  `    ${NAME}: { command: "aws sns unsubscribe", in: "docs/runbook.md" },\n`,
);

const MEMBERS_TEST = "packages/embedded-aws/test/members.test.ts";
const heeded = before(
  MEMBERS_TEST,
  '  ["sns", "Publish", "Message Subject TopicArn"],\n',
  `  ["sns", "${NAME}", "SubscriptionArn"],\n`,
);

const README_TEST = "packages/embedded-aws/test/readme.test.ts";
const CEILING_TEST = "test/embedded-aws/ceiling.test.ts";

/** An operation of a service that is there already, for a command that the runbook tells. */
export const operation: Checklist = {
  title: "An operation of the embedded AWS",
  places: [
    { at: "packages/embedded-aws/src/SERVICE", test: README_TEST, names: NAME, edits: served },
    {
      at: "packages/embedded-aws/test/SERVICE/NAME.test.ts",
      test: "test/shape/operations.test.ts",
      names: NAME,
      edits: [called],
    },
    { at: "packages/embedded-aws/README.md", test: README_TEST, names: NAME, edits: [listed] },
    { at: MEMBERS_TEST, test: MEMBERS_TEST, names: `sns.${NAME}`, edits: [heeded] },
    { at: "test/embedded-aws/reasons.ts", test: CEILING_TEST, names: `sns.${NAME}`, edits: [reason] },
    { at: "docs/runbook.md", test: CEILING_TEST, names: "docs/runbook.md does not tell", edits: [needed] },
  ],
};
