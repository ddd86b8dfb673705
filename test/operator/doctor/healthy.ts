import { STACK_DESCRIPTION } from "../../../functions/shared/names.ts";
import type { FakeDeployment } from "../../../operator/doctor/deployment.fake.ts";
import type { Execution } from "../../../operator/doctor/deployment.ts";
import type { Instance } from "../../../operator/reads/instances.ts";
import { OLDEST_AGENT } from "../../../protocol/index.ts";

export const NOW = Date.UTC(2026, 10, 26, 3, 4, 5);
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** An execution that ended so long ago. */
export function ended(flow: string, agoMs: number, status = "SUCCEEDED"): Execution & { input: string } {
  const endedAt = NOW - agoMs;
  const arn = `arn:aws:states:eu-west-1:111122223333:execution:keyturn-${flow}:at-${endedAt}`;
  return { arn, status, startedAt: endedAt - 1000, endedAt, input: "{}" };
}

export const DRILL = (agoMs: number) => ({ ...ended("operate", agoMs), input: '{"act":"drill","reason":"a try"}' });

export function instance(id: string, changes: Partial<Instance> = {}): Instance {
  const ec2InstanceId = `i-0000000000${id}0`;
  return { id, ec2InstanceId, status: "ACTIVE", agentVersion: OLDEST_AGENT, lastProofAt: NOW, ...changes };
}

/** Samples a minute apart, the newest so long ago. */
export function samples(agoMs: number) {
  return [0, 1, 2].map((n) => ({ timeMs: NOW - agoMs - n * MINUTE_MS, generation: 1, hash: "0".repeat(64) }));
}

/** A deployment of two instances that nothing is wrong with. */
export function healthy(changes: Partial<FakeDeployment> = {}): FakeDeployment {
  const instances = [instance("a1b2c3"), instance("0d0e0f")];
  return {
    caller: {
      ...{ arn: "arn:aws:iam::111122223333:user/me", partition: "aws", account: "111122223333" },
      ...{ region: "eu-west-1", aheadMs: 0 },
    },
    instances,
    findings: [],
    stacks: new Map([["Keyturn", { status: "UPDATE_COMPLETE", description: STACK_DESCRIPTION }]]),
    subscribers: [{ endpoint: "on-call@example.com", isConfirmed: true }],
    schedules: new Map([
      ["keyturn-schedule", { isOn: true, expression: "cron(0 3 * * ? *)" }],
      ["keyturn-watch", { isOn: true, expression: "rate(5 minutes)" }],
    ]),
    executions: {
      watch: [ended("watch", MINUTE_MS)],
      "fleet-rotation": [ended("fleet-rotation", DAY_MS)],
      operate: [DRILL(DAY_MS)],
    },
    samples: new Map(instances.map(({ id }) => [id, samples(20_000)])),
    hosts: new Map(instances.map(({ ec2InstanceId }) => [ec2InstanceId, { ping: "Online", pingedAt: NOW }])),
    template: { defaultVersion: 4, latestVersion: 4 },
    concurrentExecutions: { value: 1000, code: "L-B99A9384" },
    managedNodes: { value: 2400, code: "L-0000FAKE" },
    alarms: [{ name: "keyturn-WatchSilent", state: "OK", since: NOW - DAY_MS }],
    denied: new Set(),
    ...changes,
  };
}
