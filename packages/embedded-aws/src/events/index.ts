import type { Question, Service } from "../http/service.ts";
import { Rights } from "../iam/rights.ts";
import { type CompiledStatement, compileStatements, type ResourceStatement } from "../iam/statement.ts";
import type { BusEvent, EventSink, Parts } from "../parts.ts";
import { uuid } from "../uuid.ts";
import { operations } from "./api.ts";
import { Deliveries, type Neighbours, type UndeliveredEvent } from "./deliveries.ts";
import { compilePattern, type Matcher } from "./pattern.ts";
import { busEvent, type Entry } from "./put-events.ts";
import { busArn, busName, DEFAULT_BUS, type Rule, RuleStore, ruleArn } from "./rule-store.ts";
import { periodOf, timesAround } from "./schedule.ts";

export type { AsynchronousInvoker, Neighbours, UndeliveredEvent } from "./deliveries.ts";

export interface EventBridgeOptions {
  /** Told of each event that a bus takes. */
  onEvent?: (event: BusEvent, bus: string) => void;
  /** Who may do what; without it everybody may do everything. */
  rights?: Rights;
  /** The wait before a delivery is tried again, in milliseconds; `attempt` counts from 0. */
  retryDelayMs?: (attempt: number) => number;
}

const LONGEST_WAIT_MS = 600_000;

/** EventBridge: buses, rules by pattern and by schedule, and the delivery of events to their targets. */
export class EventBridge implements EventSink {
  readonly service: Service;
  readonly rules: RuleStore;
  readonly #parts: Parts;
  readonly #options: EventBridgeOptions;
  readonly #deliveries: Deliveries;
  readonly #policies = new Map<string, readonly CompiledStatement[]>();
  readonly #matchers = new Map<string, Matcher>();
  #neighbours: Neighbours | undefined;
  #cancelSchedule: (() => void) | undefined;
  #started = false;

  /** @param neighbours where events are delivered to; `connect` may give them later, before `start` */
  constructor(parts: Parts, neighbours?: Neighbours, options: EventBridgeOptions = {}) {
    this.#parts = parts;
    this.#neighbours = neighbours;
    this.#options = options;
    this.rules = new RuleStore(parts);
    const jitter = () => 0.5 + parts.random(1).readUInt8(0) / 512;
    const backOff = (attempt: number) => Math.min(1000 * 2 ** attempt, LONGEST_WAIT_MS) * jitter();
    this.#deliveries = new Deliveries(parts, {
      neighbours: () => this.#connected(),
      retryDelayMs: options.retryDelayMs ?? backOff,
      rights: options.rights ?? new Rights(),
    });
    this.service = {
      signingName: "events",
      protocol: { kind: "json", version: "1.1" },
      operations: operations(this, parts),
      needs: (operation, input) => (operation === "PutEvents" ? this.#toPut(input) : undefined),
    };
  }

  /**
   * Puts the policy of a bus there, or replaces it.
   *
   * @param bus its name or ARN
   * @throws Error with one sentence when it cannot be enforced here; AwsError ResourceNotFoundException
   */
  putPolicy(bus: string, statements: readonly ResourceStatement[]): void {
    const name = this.rules.knownBus(bus);
    this.#policies.set(name, compileStatements(statements, "resource", `the policy of the bus ${name}`));
  }

  connect(neighbours: Neighbours): void {
    this.#neighbours = neighbours;
  }

  /** Goes on with what a former process left; a schedule that was missed meanwhile fires once. */
  start(): void {
    this.#started = true;
    this.#deliveries.start();
    this.armSchedules();
  }

  close(): void {
    this.#started = false;
    this.#cancelSchedule?.();
    this.#deliveries.close();
  }

  raise(event: Parameters<EventSink["raise"]>[0]): void {
    if (this.#parts.faults?.loses(event.source)) return;
    this.accept(busEvent({ id: uuid(this.#parts.random), ...event }, this.#parts.clock.now()), DEFAULT_BUS);
  }

  /** Takes an event and keeps it for each target of each rule that it matches, in one transaction. */
  accept(event: BusEvent, bus: string): void {
    this.#parts.store.transaction(() => {
      const twice = this.#parts.faults?.doubles() ?? false;
      for (const rule of this.rules.rules(bus)) {
        if (rule.state !== "ENABLED" || rule.pattern === null || !this.#matcher(rule.pattern)(event)) continue;
        this.#keepFor(rule, event);
        if (twice) this.#keepFor(rule, event);
      }
    });
    this.#options.onEvent?.(event, bus);
  }

  /** What could not be delivered, oldest first. */
  undelivered(): UndeliveredEvent[] {
    return this.#deliveries.undelivered();
  }

  /** Sets the timer for the schedule that is due next, after rules have changed. */
  armSchedules(): void {
    this.#cancelSchedule?.();
    const next = this.rules.scheduled()[0];
    if (next === undefined || !this.#started) return;
    const { clock } = this.#parts;
    this.#cancelSchedule = clock.after(next.nextAt - clock.now(), () => this.#fireSchedules());
  }

  #fireSchedules(): void {
    const now = this.#parts.clock.now();
    for (const rule of this.rules.scheduled()) {
      if (rule.nextAt > now) break;
      const { last, next } = timesAround(rule.nextAt, periodOf(rule.schedule), now);
      const id = uuid(this.#parts.random);
      const resources = [ruleArn(rule)];
      const event = busEvent(
        { id, source: "aws.events", "detail-type": "Scheduled Event", resources, detail: {} },
        last,
      );
      this.#parts.store.transaction(() => {
        this.#keepFor(rule, event);
        this.rules.setNext(rule, next);
      });
      this.#options.onEvent?.(event, rule.bus);
    }
    this.armSchedules();
  }

  #keepFor(rule: Rule, event: BusEvent): void {
    for (const target of this.rules.targets(rule)) this.#deliveries.add(event, rule, target);
  }

  #matcher(pattern: string): Matcher {
    let matcher = this.#matchers.get(pattern);
    if (matcher === undefined) {
      matcher = compilePattern(pattern);
      this.#matchers.set(pattern, matcher);
    }
    return matcher;
  }

  /** The bus of each entry. */
  #toPut({ Entries }: { Entries?: unknown }): Question[] {
    const entries = Array.isArray(Entries) ? (Entries as Entry[]) : [];
    const buses = new Set(entries.map((entry) => busName(entry.EventBusName)));
    const action = "events:PutEvents";
    return Array.from(buses, (bus) => ({ action, resource: busArn(bus), policy: this.#policies.get(bus) ?? [] }));
  }

  #connected(): Neighbours {
    if (this.#neighbours === undefined) throw new Error("EventBridge was started before it was connected.");
    return this.#neighbours;
  }
}
