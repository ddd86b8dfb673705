// How large a fleet AWS's quotas are for: `keyturn doctor` and `npm run deploy` say the same of it.

/** How much of something an account may have in a Region. */
export interface Quota {
  value: number;
  /** By which Service Quotas knows it, e.g. `L-B99A9384`. */
  code: string;
}

/** What AWS lets an account have that nobody has asked for more. A fresh account has 10 executions at once until it has grown. */
const USUAL_EXECUTIONS = 1000;
const USUAL_NODES = 2400;

/** The setting `maxConcurrency` as shipped: what it was set to is known to the deployment alone. */
export const SHIPPED_AT_ONCE = 20;

/** A fleet, as far as quotas concern it: of how many instances, and how many keys are turned at once. */
export interface FleetSize {
  instances: number;
  atOnce: number;
}

/**
 * How many functions may run at once: one for each rotation under way; while the whole fleet registers within ten minutes, as
 * after an outage, two for each registration, of half a second each; and a few for the watch, the runs and the events.
 */
export function functionsNeeded({ instances, atOnce }: FleetSize): number {
  const registering = (instances * 2 * 0.5) / 600;
  return atOnce + Math.ceil(registering) + 5;
}

/** The quotas that are too small for a fleet: each with what is there, what it takes, and the command that asks AWS for more. */
export function quotasTooSmall(
  fleet: FleetSize,
  { region }: { region: string },
  { executions, nodes }: { executions: Quota | undefined; nodes: Quota | undefined },
): { of: "lambda" | "ssm"; there: number; needed: number; commands: string[] }[] {
  const needed = functionsNeeded(fleet);
  const raise = (service: string, code: string, value: number) =>
    `aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} ` +
    `--desired-value ${value}`;
  const nodesThere = nodes?.value ?? USUAL_NODES;
  return [
    ...(executions !== undefined && executions.value < needed
      ? [
          {
            ...{ of: "lambda" as const, there: executions.value, needed },
            commands: [raise("lambda", executions.code, Math.max(needed, USUAL_EXECUTIONS))],
          },
        ]
      : []),
    ...(nodesThere < fleet.instances
      ? [
          {
            ...{ of: "ssm" as const, there: nodesThere, needed: fleet.instances },
            commands: [
              ...(nodes === undefined
                ? [
                    `aws service-quotas list-service-quotas --region ${region} --service-code ssm   # names the quota's code`,
                  ]
                : []),
              raise("ssm", nodes?.code ?? "CODE", fleet.instances),
            ],
          },
        ]
      : []),
  ];
}
