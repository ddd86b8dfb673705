import * as events from "aws-cdk-lib/aws-events";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { busPolicy } from "./rights/policies.ts";
import { NAMES } from "./wiring.ts";

/** Keyturn's own event bus. Whoever puts "Rotation Requested" on it has a key turned. */
export class Bus extends Construct {
  readonly bus: events.EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new events.EventBus(this, "Bus", { eventBusName: NAMES.eventBus, description: "Keyturn's own events" });
  }

  /**
   * Refuses events of everybody else in the account, whatever their own policies allow.
   *
   * @param senders ARNs of the roles and users that may put events; `*` may stand in them
   */
  allowOnly(senders: string[]): void {
    for (const statement of busPolicy(senders, { eventBus: this.bus.eventBusArn })) {
      this.bus.addToResourcePolicy(iam.PolicyStatement.fromJson(statement));
    }
  }
}
