import type { SampleRead } from "../../functions/clients/time-series.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import type { Instance } from "../reads/instances.ts";
import type { Quota } from "./contract.ts";
import type {
  Alarm,
  Caller,
  Deployment,
  Execution,
  LookedAtFlow,
  ManagedHost,
  Schedule,
  Stack,
  Subscriber,
  Template,
} from "./deployment.ts";

/** What there is. */
export interface FakeDeployment {
  caller: Caller;
  /** None where there is no table. */
  instances: Instance[] | undefined;
  findings: Finding[];
  stacks: Map<string, Stack>;
  subscribers: Subscriber[] | undefined;
  schedules: Map<string, Schedule>;
  /** Each with its input, the newest first. */
  executions: Partial<Record<LookedAtFlow, (Execution & { input: string })[]>>;
  /** By instance's ID. */
  samples: Map<string, SampleRead[]>;
  hosts: Map<string, ManagedHost>;
  template: Template | undefined;
  concurrentExecutions: Quota | undefined;
  managedNodes: Quota | undefined;
  alarms: Alarm[];
  /** What may not be asked. */
  denied: Set<keyof Deployment>;
}

/** A deployment in memory, of the stack of that name. */
export function fakeDeployment(has: FakeDeployment, stack = "Keyturn"): Deployment {
  const ask = <Answer>(name: keyof Deployment, answer: () => Answer): Promise<Answer> =>
    has.denied.has(name) ? Promise.reject(denial(name)) : Promise.resolve().then(answer);
  const prefix = `${stack.toLowerCase()}-`;
  return {
    caller: () => ask("caller", () => has.caller),
    instances: () =>
      ask("instances", () => {
        if (has.instances === undefined) throw named("ResourceNotFoundException", "Requested resource not found");
        return has.instances;
      }),
    findings: () => ask("findings", () => has.findings),
    askAudit: () => ask("askAudit", () => undefined),
    stack: () =>
      ask("stack", () => {
        const found = has.stacks.get(stack);
        return found?.status === "REVIEW_IN_PROGRESS" ? undefined : found;
      }),
    subscribers: () => ask("subscribers", () => has.subscribers),
    schedule: (name) => ask("schedule", () => has.schedules.get(name)),
    executions: (flow, most) =>
      ask("executions", () => has.executions[flow]?.map(({ input: _, ...one }) => one).slice(0, most)),
    inputOf: ({ arn }) =>
      ask("inputOf", () => {
        const all = Object.values(has.executions).flat();
        return all.find((one) => one.arn === arn)?.input ?? "";
      }),
    samples: ({ id, from, to, limit }) =>
      ask("samples", () => {
        const found = (has.samples.get(id) ?? []).filter(({ timeMs }) => timeMs >= from && timeMs <= to);
        return found.toSorted((one, other) => other.timeMs - one.timeMs).slice(0, limit);
      }),
    managedHosts: (ids) => ask("managedHosts", () => new Map([...has.hosts].filter(([id]) => ids.includes(id)))),
    template: () => ask("template", () => has.template),
    concurrentExecutions: () => ask("concurrentExecutions", () => has.concurrentExecutions),
    managedNodes: () => ask("managedNodes", () => has.managedNodes),
    alarms: () => ask("alarms", () => has.alarms.filter(({ name }) => name.startsWith(prefix))),
  };
}

function denial(what: string): Error {
  return named("AccessDeniedException", `User: arn:aws:iam::111122223333:user/me is not authorized to ask for ${what}`);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, $metadata: {} });
}
