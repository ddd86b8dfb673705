import { CfnOutput, Stack } from "aws-cdk-lib";
import { CfnManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { POLICIES, type Policy } from "../operator/contract.ts";
import { pascal } from "./flows.ts";
import { namesIn } from "./in-stack.ts";
import type { Arns } from "./rights/arns.ts";
import { peopleRights } from "./rights/people.ts";
import { accountWideNames } from "./wiring.ts";

/** Under which ID of the stack the policies for people are, with which their logical IDs begin. */
export const PEOPLE = "People";

const MAY: Record<Policy, string> = {
  reader: "look at the fleet, its findings and one subject",
  auditor: "look, and read the whole audit",
  operator: "look, read the audit, and start what turns, checks, quarantines and retires",
};

/** The rights of people, who work by `keyturn`: managed policies, which whoever looks after roles attaches to theirs. */
export class People extends Construct {
  constructor(scope: Construct, arns: Arns) {
    super(scope, PEOPLE);
    const { peoplePolicy } = accountWideNames(namesIn(this), Stack.of(this).region);
    for (const policy of POLICIES) {
      const made = new CfnManagedPolicy(this, pascal(policy), {
        managedPolicyName: peoplePolicy(policy),
        description: `${namesIn(this).title}: for people who ${MAY[policy]}.`,
        policyDocument: { Version: "2012-10-17", Statement: peopleRights(policy, arns) },
      });
      new CfnOutput(scope, `Policy${pascal(policy)}`, { value: made.ref, description: `May ${MAY[policy]}` });
    }
  }
}

/** Where in the stack the policies are that have what the commands of one of them need: that one, and those that hold it. */
export function peoplePathsOf(policy: Policy = "reader"): string[] {
  return POLICIES.slice(POLICIES.indexOf(policy)).map((one) => `${PEOPLE}/${pascal(one)}`);
}
