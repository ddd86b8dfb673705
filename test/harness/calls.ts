import type { HandClock } from "./clock.ts";

/**
 * What befalls a call of a neighbour, just before it or just after it took effect:
 * - `outage`: from then on no call reaches a neighbour, until the outage is lifted
 * - `blackout`: the caller dies, and from then on no function can be started either, until it is lifted
 * - `dies`: the caller dies, this once; an agent that dies at its disk loses what lies there unsynced
 * - `loses`: the call, or its answer, is lost, this once
 * - `aborted`: somebody stops the execution, and the caller dies
 */
export const KINDS = ["outage", "blackout", "dies", "loses", "aborted"] as const;
export type Kind = (typeof KINDS)[number];

/**
 * Nor is a call always taken at once:
 * - `throttled`: AWS says that it is asked too often, as the SDK says it once it has tried often enough
 * - `hangs`: the answer, or the call itself, takes a quarter of an hour, whoever waits for it
 */
export const SLOW_KINDS = ["throttled", "hangs"] as const;

export interface Fault {
  /** The call's number, counted from 1, or its name (`registry.promote`): then it is the first of that name. */
  call: number | string;
  when: "before" | "after";
  what: Kind | (typeof SLOW_KINDS)[number];
}

/** Whose turn it is at each await. fast-check has one that tries all orders; `inOrder` is the plain one. */
export interface Scheduler {
  schedule<T>(task: Promise<T>, label?: string): Promise<T>;
  waitIdle(): Promise<void>;
  count?(): number;
}

/** Everything happens in the order in which it was asked for. */
export const inOrder: Scheduler = { schedule: (task) => task, waitIdle: async () => undefined };

/** Longer than any function may live. */
const HANGS_MS = 15 * 60_000;

/** The process that made the call is dead: nothing after the call happens. */
export class Died extends Error {
  readonly when: Fault["when"];

  constructor(name: string, when: Fault["when"]) {
    super(name);
    this.when = when;
  }
}

/** What the SDK throws when a neighbour cannot be reached. */
export function unreachable(name: string): Error {
  return Object.assign(new Error(`connect ECONNREFUSED (${name})`), { name: "TimeoutError" });
}

interface CallParts {
  clock: HandClock;
  scheduler: Scheduler;
  /** Called after each call that took effect, with its name. */
  check: (name: string) => Promise<void>;
  /** Stops the execution under way. */
  abort: () => Promise<void>;
}

/** Every call that a function or an agent makes of a neighbour passes here: it is written down, and faults strike. */
export class Calls {
  /** `caller: neighbour.method`, of those that were not forgotten. */
  readonly made: string[] = [];
  /** How many were made. */
  count = 0;
  readonly faults: Fault[] = [];
  #countedFrom = 0;
  /** Who was struck by a fault. */
  readonly struck: string[] = [];
  away: "outage" | "blackout" | undefined;
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /** From here on calls are counted anew; those before stay written down. */
  countAnew(): void {
    this.#countedFrom = this.made.length;
  }

  /** The calls since they were last counted anew. */
  get counted(): string[] {
    return this.made.slice(this.#countedFrom);
  }

  /**
   * Makes a call, unless something befalls it.
   *
   * @param name `registry.promote`; what begins with `disk.` can be reached also while AWS is away
   * @throws Died, or what the SDK throws when nobody answers, or whatever the call throws
   */
  async pass<T>(caller: string, name: string, call: () => Promise<T>): Promise<T> {
    const { clock, scheduler, check } = this.#parts;
    if (this.away !== undefined && !name.startsWith("disk.")) throw unreachable(name);
    this.made.push(`${caller}: ${name}`);
    this.count += 1;
    const fault = this.#faultOf(this.made.length - this.#countedFrom, name);
    if (fault?.when === "before") await this.#strike(fault, caller, name);
    clock.tick();
    const answer = call();
    // A neighbour's own errors are answers, too.
    await scheduler.schedule(
      answer.then(
        () => undefined,
        () => undefined,
      ),
      name,
    );
    await check(name);
    if (fault?.when === "after") await this.#strike(fault, caller, name);
    return answer;
  }

  /**
   * Makes a call that itself comes to others. Its way there, and that of its answer back, are each a call: were all of it one,
   * the others would wait for their turn without end.
   */
  async passThrough<T>(caller: string, name: string, call: () => Promise<T>): Promise<T> {
    await this.pass(caller, name, async () => undefined);
    const answer = await call();
    await this.pass(caller, `${name} answers`, async () => undefined);
    return answer;
  }

  /** A neighbour of which every method is such a call. */
  watch<Neighbour extends object>(caller: string, title: string, neighbour: Neighbour): Neighbour {
    return new Proxy(neighbour, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        return (...given: unknown[]) =>
          this.pass(caller, `${title}.${String(name)}`, () => member.apply(target, given));
      },
    });
  }

  #faultOf(number: number, name: string): Fault | undefined {
    const index = this.faults.findIndex(({ call }) => call === number || call === name);
    return index === -1 ? undefined : this.faults.splice(index, 1)[0];
  }

  /** @throws what the caller is told, or Died; not where the call is only slow */
  async #strike({ what, when }: Fault, caller: string, name: string): Promise<void> {
    this.struck.push(caller);
    if (what === "hangs") return this.#parts.clock.sleep(HANGS_MS);
    if (what === "throttled")
      throw Object.assign(new Error(`Rate exceeded (${name})`), { name: "ThrottlingException" });
    if (what === "outage" || what === "blackout") this.away = what;
    if (what === "aborted") await this.#parts.abort();
    // A disk does not lose calls: its host goes down.
    if ((what === "outage" || what === "loses") && !name.startsWith("disk.")) throw unreachable(name);
    throw new Died(name, when);
  }
}
