import type { Place } from "../context-keys.ts";
import type { GivenSettings } from "../settings.ts";
import type { Quota } from "./account.ts";

/** What AWS lets an account have that nobody has asked for more. A fresh account has 10 executions at once until it has grown. */
const USUAL_EXECUTIONS = 1000;
const USUAL_NODES = 2400;

/**
 * How many functions may run at once: one for each rotation under way; while the whole fleet registers within ten minutes, as
 * after an outage, two for each registration, of half a second each; and a few for the watch, the runs and the events.
 */
export function executionsNeeded({ maxConcurrency, fleetSize }: GivenSettings): number {
  const registering = (fleetSize * 2 * 0.5) / 600;
  return maxConcurrency + Math.ceil(registering) + 5;
}

/** What to raise for a fleet of that size: a sentence and a command for each quota that is too small. Nothing fails at once. */
export function quotasToRaise(
  settings: GivenSettings,
  { region }: Place,
  { executions, nodes }: { executions: Quota | undefined; nodes: Quota | undefined },
): string[] {
  const { maxConcurrency, fleetSize } = settings;
  const needed = executionsNeeded(settings);
  const raise = (service: string, code: string, value: number) =>
    `  aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} ` +
    `--desired-value ${value}`;
  const nodesThere = nodes?.value ?? USUAL_NODES;
  return [
    ...(executions !== undefined && executions.value < needed
      ? [
          `Lambda runs ${executions.value} functions at once in this account and Region, and a fleetSize of ${fleetSize} with a ` +
            `maxConcurrency of ${maxConcurrency} may need ${needed}. Until it is raised, rotations and registrations wait and ` +
            `try again, and some fail:\n${raise("lambda", executions.code, Math.max(needed, USUAL_EXECUTIONS))}`,
        ]
      : []),
    ...(nodesThere < fleetSize
      ? [
          `SSM manages ${nodesThere} hosts in this account and Region, and the fleetSize is ${fleetSize}. Beyond it hosts may ` +
            "lose their connection, and no push reaches them:\n" +
            (nodes === undefined
              ? `  aws service-quotas list-service-quotas --region ${region} --service-code ssm   # names the quota's code\n`
              : "") +
            raise("ssm", nodes?.code ?? "CODE", fleetSize),
        ]
      : []),
  ];
}
