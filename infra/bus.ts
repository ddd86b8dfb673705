import { CfnResource, Stack } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import { Construct } from "constructs";
import { arnAt } from "../protocol/index.ts";
import { namesIn } from "./in-stack.ts";
import { busPolicy } from "./rights/policies.ts";
import type { ResourceStatement } from "./rights/statement.ts";

/** Keyturn's own event bus. Whoever puts "Rotation Requested" on it has a key turned. */
export class Bus extends Construct {
  readonly bus: events.EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { eventBus: eventBusName } = namesIn(this);
    this.bus = new events.EventBus(this, "Bus", { eventBusName, description: "Keyturn's own events" });
  }

  /**
   * Refuses events of everybody else in the account, whatever their own policies allow.
   *
   * @param senders ARNs of the roles and users that may put events; `*` may stand in them
   */
  allowOnly(senders: string[]): void {
    const { partition, account } = Stack.of(this);
    const root = arnAt({ partition, account }, "iam", "root");
    const [allowed, denied] = busPolicy(root, senders, { eventBus: this.bus.eventBusArn });
    // Each statement is put by a call of its own: the order holds that the Deny never stands there alone.
    const first = this.put(allowed);
    this.put(denied).addResourceDependency(first);
  }

  /** Of CDK's own class cdk-nag asks for what is deprecated of it, which would warn whoever synthesizes. */
  private put({ Sid = "", ...Statement }: ResourceStatement): CfnResource {
    const properties = { EventBusName: this.bus.eventBusName, StatementId: Sid, Statement };
    return new CfnResource(this, Sid, { type: "AWS::Events::EventBusPolicy", properties });
  }
}
