import type { ResourceName, Uses } from "../../functions/shared/uses.ts";
import { POLICIES, type Policy, RIGHTS } from "../../operator/contract.ts";
import type { Arns } from "./arns.ts";
import type { Statement } from "./statement.ts";
import { usesRights } from "./steps.ts";

/** What people may do who have a policy: all that its commands ask for, and those of the policies before it. */
export function peopleRights(policy: Policy, arns: Arns): Statement[] {
  const held = POLICIES.slice(0, POLICIES.indexOf(policy) + 1);
  const commands = Object.values<{ policy: Policy; uses: Uses }>(RIGHTS).filter((one) => held.includes(one.policy));
  return usesRights(`the policy ${policy}`, together(commands.map(({ uses }) => uses)), arns);
}

/** The same resource once, with every action that is named on it. */
function together(all: readonly Uses[]): Record<string, readonly string[]> {
  const found: Record<string, string[]> = {};
  for (const [resource, actions] of all.flatMap((uses) => Object.entries(uses) as [ResourceName, string[]][])) {
    found[resource] = [...new Set([...(found[resource] ?? []), ...actions])];
  }
  return found;
}
