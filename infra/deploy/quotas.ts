import { type Quota, quotasTooSmall } from "../../operator/doctor/contract.ts";
import type { Place } from "../context-keys.ts";
import type { GivenSettings } from "../settings.ts";

/** What to raise for a fleet of that size: a sentence and a command for each quota that is too small. Nothing fails at once. */
export function quotasToRaise(
  { maxConcurrency, fleetSize }: GivenSettings,
  place: Place,
  there: { executions: Quota | undefined; nodes: Quota | undefined },
): string[] {
  const fleet = { instances: fleetSize, atOnce: maxConcurrency };
  return quotasTooSmall(fleet, place, there).map(({ of, there, needed, commands }) => {
    const says =
      of === "lambda"
        ? `Lambda runs ${there} functions at once in this account and Region, and a fleetSize of ${fleetSize} with a ` +
          `maxConcurrency of ${maxConcurrency} may need ${needed}. Until it is raised, rotations and registrations wait and ` +
          "try again, and some fail:"
        : `SSM manages ${there} hosts in this account and Region, and the fleetSize is ${fleetSize}. Beyond it hosts may ` +
          "lose their connection, and no push reaches them:";
    return [says, ...commands.map((command) => `  ${command}`)].join("\n");
  });
}
