import { Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { namesIn } from "./in-stack.ts";

/** What could not be delivered or worked off waits here for a person; an alarm tells of it. */
export class DeadLetters extends Construct {
  /** Events that EventBridge and its scheduler could not hand to their targets. */
  readonly undelivered: sqs.Queue;
  /** Events that a function took and failed on. */
  readonly unworked: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const names = namesIn(this);
    this.undelivered = this.makeQueue("Undelivered", names.undeliveredEvents);
    this.unworked = this.makeQueue("Unworked", names.unworkedEvents);
  }

  /** Lets a rule put what it could not deliver into the queue. */
  acceptFromRule(ruleArn: string): void {
    this.undelivered.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [this.undelivered.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": ruleArn } },
      }),
    );
  }

  private makeQueue(id: string, queueName: string): sqs.Queue {
    return new sqs.Queue(this, id, {
      queueName,
      // Events hold identifiers and tickets, no keys: SQS's own key will do, and every sender may use it.
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }
}
