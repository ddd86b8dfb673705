import { createHash } from "node:crypto";

/** What goes wrong with a call: refused for its rate, done late, done and not answered, or done as the last of all. */
export type Fault = { kind: "throttle" } | { kind: "delay"; ms: number } | { kind: "lose-answer" } | { kind: "kill" };

/** Which calls a fault befalls: all of a service, or one operation, with a share from 0 to 1. */
export interface FaultRule {
  /** Signing name; every service where it is left out. */
  service?: string;
  operation?: string;
  share: number;
  fault: Fault;
}

/** Something of everything, rare enough that a fleet still gets on. */
const MILD: FaultRule[] = [
  { share: 0.03, fault: { kind: "throttle" } },
  { share: 0.02, fault: { kind: "lose-answer" } },
  { share: 0.05, fault: { kind: "delay", ms: 400 } },
];

/**
 * Faults on demand. What befalls the n-th call of an operation depends on the seed, the operation and n alone, so that
 * the same seed does the same again however the calls of different operations interleave.
 */
export class Faults {
  readonly #seed: string;
  readonly #rules: readonly FaultRule[];
  readonly #calls = new Map<string, number>();

  constructor(seed: string | number, rules: readonly FaultRule[] = MILD) {
    this.#seed = String(seed);
    this.#rules = rules;
  }

  /** What befalls the next call of this operation; of several rules the first. */
  next(service: string, operation: string): Fault | undefined {
    const name = `${service}.${operation}`;
    const call = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, call);
    return this.#rules.find((rule, index) => {
      if (rule.service !== undefined && rule.service !== service) return false;
      if (rule.operation !== undefined && rule.operation !== operation) return false;
      return this.#draw(`${name}/${call}/${index}`) < rule.share;
    })?.fault;
  }

  /** A number from 0 up to 1 that only the seed and `name` decide. */
  #draw(name: string): number {
    return createHash("sha256").update(`${this.#seed}/${name}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }
}
