import { createHash } from "node:crypto";

/**
 * What goes wrong with a call: refused for its rate, since an instance's credentials have expired, or in any words; done late, done
 * and not answered, or done as the last of all.
 */
export type Fault =
  | { kind: "throttle" }
  | { kind: "expired" }
  | { kind: "refuse"; code: string; message: string }
  | { kind: "delay"; ms: number }
  | { kind: "lose-answer" }
  | { kind: "kill" };

/** Which calls a fault befalls: all of a service, or one operation, with a share from 0 to 1. */
export interface FaultRule {
  /** Signing name; every service where it is left out. */
  service?: string;
  operation?: string;
  share: number;
  fault: Fault;
}

/**
 * What may lag behind what was done: what Systems Manager says of commands, EC2 of instances, DynamoDB's indexes, and
 * Secrets Manager of labels and values.
 */
export type Lagging = "commands" | "instances" | "indexes" | "secrets";

/** What goes wrong, and how often. */
export interface FaultPlan {
  /** What befalls calls; of several rules the first. */
  calls?: readonly FaultRule[];
  /** The share of all events that are delivered twice. */
  doubled?: number;
  /** The share of a service's own events that never come, by their source, e.g. `aws.ssm`. */
  lost?: Readonly<Record<string, number>>;
  /** By how many milliseconds at the most what is read may be older than what was done. */
  lagMs?: Readonly<Partial<Record<Lagging, number>>>;
}

/** Something of everything, rare enough that a fleet still gets on. */
export const MILD: FaultPlan = {
  calls: [
    { share: 0.03, fault: { kind: "throttle" } },
    { share: 0.01, fault: { kind: "expired" } },
    { share: 0.02, fault: { kind: "lose-answer" } },
    { share: 0.05, fault: { kind: "delay", ms: 400 } },
    // Systems Manager does not know a new instance yet, and of a new command it knows no invocation.
    refusal("ssm", "SendCommand", "InvalidInstanceId", "Instances not in a valid state for account"),
    refusal("ssm", "GetCommandInvocation", "InvocationDoesNotExist", "There is no such invocation."),
    refusal("ec2", "DescribeInstances", "InvalidInstanceID.NotFound", "The instance ID does not exist"),
  ],
  doubled: 0.3,
  lost: { "aws.ssm": 0.05 },
  lagMs: { commands: 500, instances: 500, indexes: 500, secrets: 500 },
};

function refusal(service: string, operation: string, code: string, message: string): FaultRule {
  return { service, operation, share: 0.03, fault: { kind: "refuse", code, message } };
}

/**
 * Faults on demand. What befalls the n-th call of an operation depends on the seed, the operation and n alone, so that
 * the same seed does the same again however the calls of different operations interleave; likewise with events and reads.
 */
export class Faults {
  readonly #seed: string;
  readonly #plan: FaultPlan;
  readonly #counts = new Map<string, number>();

  constructor(seed: string | number, plan: FaultPlan = MILD) {
    this.#seed = String(seed);
    this.#plan = plan;
  }

  /** What befalls the next call of this operation. */
  next(service: string, operation: string): Fault | undefined {
    const call = this.#following(`${service}.${operation}`);
    return this.#plan.calls?.find((rule, index) => {
      if (rule.service !== undefined && rule.service !== service) return false;
      if (rule.operation !== undefined && rule.operation !== operation) return false;
      return this.#draw(`${call}/${index}`) < rule.share;
    })?.fault;
  }

  /** Whether the next event is delivered twice, as EventBridge may. */
  doubles(): boolean {
    return this.#draw(this.#following("double")) < (this.#plan.doubled ?? 0);
  }

  /** Whether the next event of a service's own is lost: EventBridge gets most of them as best the service can. */
  loses(source: string): boolean {
    return this.#draw(this.#following(`lose ${source}`)) < (this.#plan.lost?.[source] ?? 0);
  }

  /** By how many milliseconds the next read is older than what was done. */
  lagMs(what: Lagging): number {
    return this.#draw(this.#following(`lag ${what}`)) * (this.#plan.lagMs?.[what] ?? 0);
  }

  /** A name for the next of its kind. */
  #following(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}/${count}`;
  }

  /** A number from 0 up to 1 that only the seed and `name` decide. */
  #draw(name: string): number {
    return createHash("sha256").update(`${this.#seed}/${name}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }
}
