import { createHash } from "node:crypto";
import { Stack } from "aws-cdk-lib";
import { CfnManagedPolicy } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { arnAt } from "../protocol/index.ts";
import { arnIn, namesIn } from "./in-stack.ts";
import type { Arns } from "./rights/arns.ts";
import { consumerRights, consumerRolesOf } from "./rights/consumers.ts";
import type { Credential } from "./settings/credentials.ts";

/** The rights of consumers that run on no instance of the fleet: a policy for each role, which is somebody else's. */
export class Consumers extends Construct {
  constructor(scope: Construct, id: string, credentials: readonly Credential[], arns: Arns) {
    super(scope, id);
    for (const role of consumerRolesOf(credentials, arnIn(this), roleArnIn(this))) {
      new CfnManagedPolicy(this, consumerIdOf(role.name), {
        description: `${namesIn(this).title}: what a consumer of credentials may do that runs on no instance`,
        roles: [role.name],
        policyDocument: { Version: "2012-10-17", Statement: consumerRights(role, arns) },
      });
    }
  }
}

/** Gives the ARN of a role of the account, of its name after its path. */
function roleArnIn(scope: Construct): (role: string) => string {
  const { partition, account } = Stack.of(scope);
  return (role) => arnAt({ partition, account }, "iam", `role/${role}`);
}

/** Where in the stack the roles' policies are. */
export function consumerPathsOf(credentials: readonly Credential[]): string[] {
  const roles = consumerRolesOf(credentials, () => "", String);
  return roles.map(({ name }) => `Consumers/${consumerIdOf(name)}`);
}

/** Letters and digits, since a role's name has others. */
function consumerIdOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 10);
}
