import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { Data } from "./data.ts";
import { namesIn } from "./in-stack.ts";
import { tableKeyPolicy, topicPolicy } from "./rights/policies.ts";

/** The topic that mails people. */
export class Alerts extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, { tableKey }: Data, emails: string[]) {
    super(scope, id);
    const { alertTopic, title } = namesIn(this);
    this.topic = new sns.Topic(this, "Topic", {
      topicName: alertTopic,
      displayName: title,
      masterKey: tableKey,
      enforceSSL: true,
    });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));

    for (const statement of topicPolicy(Stack.of(this).account, { alertTopic: this.topic.topicArn })) {
      this.topic.addToResourcePolicy(iam.PolicyStatement.fromJson(statement));
    }
    for (const statement of tableKeyPolicy()) tableKey.addToResourcePolicy(iam.PolicyStatement.fromJson(statement));
  }
}
