import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { Data } from "./data.ts";
import { NAMES } from "./wiring.ts";

/** The topic that mails people. */
export class Alerts extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, { tableKey }: Data, emails: string[]) {
    super(scope, id);
    this.topic = new sns.Topic(this, "Topic", {
      topicName: NAMES.alertTopic,
      displayName: "Keyturn",
      masterKey: tableKey,
      enforceSSL: true,
    });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));

    // EventBridge mails of executions that ended unnoticed, CloudWatch of alarms. EventBridge names no source when it
    // publishes and when it uses the key, so a condition on one would shut it out.
    const eventBridge = new iam.ServicePrincipal("events.amazonaws.com");
    const cloudWatch = new iam.ServicePrincipal("cloudwatch.amazonaws.com");
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "Rules",
        principals: [eventBridge],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
      }),
    );
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "Alarms",
        principals: [cloudWatch],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    tableKey.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "AlertsOfServices",
        principals: [eventBridge, cloudWatch],
        actions: ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
        resources: ["*"],
      }),
    );
  }
}
