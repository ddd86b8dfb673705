import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { arnOf } from "../place.ts";
import type { TargetInput } from "./target-input.ts";

export const DEFAULT_BUS = "default";

export interface Rule {
  bus: string;
  name: string;
  pattern: string | null;
  schedule: string | null;
  state: "ENABLED" | "DISABLED";
  description: string | null;
  /** When its schedule fires next, in milliseconds since 1970. */
  nextAt: number | null;
}

export interface Target extends TargetInput {
  Id: string;
  Arn: string;
  RoleArn?: string;
  RetryPolicy?: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number };
  DeadLetterConfig?: { Arn?: string };
}

/** Buses, rules and targets in the store. */
export class RuleStore {
  readonly #db: Parts["store"]["db"];

  constructor({ store }: Parts) {
    this.#db = store.db;
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY) STRICT;
       CREATE TABLE IF NOT EXISTS events_rules (
         bus TEXT NOT NULL, name TEXT NOT NULL, pattern TEXT, schedule TEXT, state TEXT NOT NULL, description TEXT,
         nextAt INTEGER, PRIMARY KEY (bus, name)) STRICT;
       CREATE TABLE IF NOT EXISTS events_targets (
         bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (bus, rule, id)) STRICT;
       INSERT OR IGNORE INTO events_buses VALUES ('${DEFAULT_BUS}')`,
    );
  }

  /** @returns whether it was not there before */
  addBus(name: string): boolean {
    return this.#db.prepare("INSERT OR IGNORE INTO events_buses VALUES (?)").run(name).changes > 0;
  }

  buses(): string[] {
    return this.#db
      .prepare("SELECT name FROM events_buses ORDER BY name")
      .all()
      .map((row) => row.name as string);
  }

  /**
   * The name of a bus that exists.
   *
   * @param nameOrArn the default bus if it is left out
   * @throws AwsError ResourceNotFoundException
   */
  knownBus(nameOrArn: string | undefined): string {
    const bus = busName(nameOrArn);
    if (this.buses().includes(bus)) return bus;
    throw new AwsError("ResourceNotFoundException", `Event bus ${bus} does not exist.`);
  }

  putRule({ bus, name, pattern, schedule, state, description, nextAt }: Rule): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO events_rules VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(bus, name, pattern, schedule, state, description, nextAt);
  }

  findRule(bus: string, name: string): Rule | undefined {
    return this.#db.prepare("SELECT * FROM events_rules WHERE bus = ? AND name = ?").get(bus, name) as Rule | undefined;
  }

  rules(bus: string): Rule[] {
    return this.#db.prepare("SELECT * FROM events_rules WHERE bus = ? ORDER BY name").all(bus) as unknown as Rule[];
  }

  /** The enabled rules with a schedule, the next one first. */
  scheduled(): (Rule & { schedule: string; nextAt: number })[] {
    const rows = this.#db
      .prepare("SELECT * FROM events_rules WHERE nextAt IS NOT NULL AND state = 'ENABLED' ORDER BY nextAt")
      .all();
    return rows as unknown as (Rule & { schedule: string; nextAt: number })[];
  }

  setNext(rule: Rule, nextAt: number): void {
    this.#db.prepare("UPDATE events_rules SET nextAt = ? WHERE bus = ? AND name = ?").run(nextAt, rule.bus, rule.name);
  }

  putTarget(rule: Rule, target: Target): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO events_targets VALUES (?, ?, ?, ?)")
      .run(rule.bus, rule.name, target.Id, JSON.stringify(target));
  }

  targets(rule: Rule): Target[] {
    const rows = this.#db
      .prepare("SELECT body FROM events_targets WHERE bus = ? AND rule = ? ORDER BY id")
      .all(rule.bus, rule.name);
    return rows.map((row) => JSON.parse(row.body as string) as Target);
  }
}

/** The name in a bus's name or ARN; the default bus without one. The ARN of another place is the name of no bus here. */
export function busName(nameOrArn: string = DEFAULT_BUS): string {
  const here = busArn("");
  return nameOrArn.startsWith(here) ? nameOrArn.slice(here.length) : nameOrArn;
}

export function busArn(bus: string): string {
  return bus.startsWith("arn:") ? bus : arnOf("events", `event-bus/${bus}`);
}

export function ruleArn({ bus, name }: Pick<Rule, "bus" | "name">): string {
  return arnOf("events", bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);
}
