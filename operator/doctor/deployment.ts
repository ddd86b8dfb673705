import type { SampleRead } from "../../functions/clients/time-series.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import type { Instance } from "../reads/instances.ts";
import type { Quotas } from "./quotas.aws.ts";

/** Who asks, where, and by how much this computer's clock is ahead of AWS's, to a second or two. */
export interface Caller {
  arn: string;
  partition: string;
  account: string;
  region: string;
  /** Milliseconds; below 0 where it is behind. */
  aheadMs: number;
}

/** A stack of CloudFormation. */
export interface Stack {
  /** E.g. `UPDATE_COMPLETE`. */
  status: string;
  description: string;
}

/** Somebody to whom mails go, or will go once the address is confirmed. */
export interface Subscriber {
  endpoint: string;
  isConfirmed: boolean;
}

export interface Schedule {
  isOn: boolean;
  /** As EventBridge Scheduler writes it, e.g. `rate(5 minutes)`. */
  expression: string;
}

/** The flows whose executions are looked at. */
export type LookedAtFlow = "watch" | "fleet-rotation" | "operate";

/** An execution of a flow. Times are milliseconds since 1970. */
export interface Execution {
  arn: string;
  /** As Step Functions says it, e.g. `SUCCEEDED`. */
  status: string;
  startedAt: number;
  endedAt?: number;
}

/** A host as Systems Manager sees it. */
export interface ManagedHost {
  /** `Online`, `ConnectionLost` or `Inactive`. */
  ping: string;
  /** Milliseconds since 1970. */
  pingedAt?: number;
}

export interface Template {
  defaultVersion: number;
  latestVersion: number;
}

export interface Alarm {
  name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  state: string;
  /** Milliseconds since 1970. */
  since: number;
}

/**
 * What AWS says of a deployment, as far as it shows whether all is set up. Each question throws what AWS answers when it may
 * not be asked, or cannot be. `undefined` is what there is not.
 */
export interface Deployment extends Quotas {
  caller(): Promise<Caller>;

  /** The records of all instances, the retired ones too. @throws ResourceNotFoundException where there is no such table */
  instances(): Promise<Instance[]>;

  /** What stands, and what has ended and is not told yet. */
  findings(): Promise<Finding[]>;

  /** Asks the audit for something that need not be there. */
  askAudit(): Promise<void>;

  stack(): Promise<Stack | undefined>;

  /** Whoever is subscribed to the topic of the mails. */
  subscribers(): Promise<Subscriber[] | undefined>;

  schedule(name: string): Promise<Schedule | undefined>;

  /** The newest executions of a flow, the latest start first. */
  executions(flow: LookedAtFlow, most: number): Promise<Execution[] | undefined>;

  /** With what an execution was started, as JSON text. */
  inputOf(execution: Execution): Promise<string>;

  /** The newest samples of an instance in a window, newest first, from whichever store has some. */
  samples(window: {
    id: string;
    ec2InstanceId: string;
    from: number;
    to: number;
    limit: number;
  }): Promise<SampleRead[]>;

  /** Of these hosts those that Systems Manager knows. */
  managedHosts(ec2InstanceIds: readonly string[]): Promise<Map<string, ManagedHost>>;

  template(): Promise<Template | undefined>;

  /** The deployment's alarms. */
  alarms(): Promise<Alarm[]>;
}
