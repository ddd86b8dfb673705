import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { arnOf } from "../place.ts";

export interface Subscription {
  arn: string;
  topicArn: string;
  endpoint: string;
  /** What confirms it; it stands in the mail that asks for that. */
  token: string;
  confirmed: boolean;
}

const ON_A_PAGE = 100;

/** The topics and who is subscribed to them, in the store. */
export class Topics {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(`
      CREATE TABLE IF NOT EXISTS sns_topics (arn TEXT PRIMARY KEY) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS sns_subscriptions (arn TEXT PRIMARY KEY, topicArn TEXT NOT NULL, endpoint TEXT NOT NULL,
        token TEXT NOT NULL, confirmed INTEGER NOT NULL, UNIQUE (topicArn, endpoint)) WITHOUT ROWID`);
  }

  create(name: string): string {
    const arn = arnOf("sns", name);
    this.#parts.store.db.prepare("INSERT OR IGNORE INTO sns_topics VALUES (?)").run(arn);
    return arn;
  }

  /** A page of the topics' ARNs, after the one at `position`. */
  list(position = ""): { arns: string[]; next?: string } {
    const rows = this.#parts.store.db
      .prepare("SELECT arn FROM sns_topics WHERE arn > ? ORDER BY arn LIMIT ?")
      .all(position, ON_A_PAGE + 1);
    const arns = rows.slice(0, ON_A_PAGE).map(({ arn }) => String(arn));
    return rows.length > ON_A_PAGE ? { arns, next: arns.at(-1) ?? "" } : { arns };
  }

  /** @throws AwsError NotFound */
  demand(topicArn: string): void {
    if (!/^arn:aws:sns:[^:]*:[^:]*:[^:]+$/.test(topicArn)) throw invalid("TopicArn");
    const row = this.#parts.store.db.prepare("SELECT 1 FROM sns_topics WHERE arn = ?").get(topicArn);
    if (row === undefined) throw new AwsError("NotFound", "Topic does not exist", 404);
  }

  /** The subscription of an address, made as not confirmed if there is none. */
  subscribe(topicArn: string, endpoint: string, id: string, token: string): Subscription {
    this.#parts.store.db
      .prepare("INSERT OR IGNORE INTO sns_subscriptions VALUES (?, ?, ?, ?, 0)")
      .run(`${topicArn}:${id}`, topicArn, endpoint, token);
    const row = this.#parts.store.db
      .prepare("SELECT * FROM sns_subscriptions WHERE topicArn = ? AND endpoint = ?")
      .get(topicArn, endpoint);
    if (row === undefined) throw new Error("a subscription is not there that was just made");
    return subscriptionOf(row);
  }

  confirm(arn: string): void {
    this.#parts.store.db.prepare("UPDATE sns_subscriptions SET confirmed = 1 WHERE arn = ?").run(arn);
  }

  subscriptions(topicArn: string): Subscription[] {
    const rows = this.#parts.store.db
      .prepare("SELECT * FROM sns_subscriptions WHERE topicArn = ? ORDER BY arn")
      .all(topicArn);
    return rows.map(subscriptionOf);
  }

  /** A page of a topic's subscriptions, after the one at `position`. */
  subscriptionPage(topicArn: string, position = ""): { subscriptions: Subscription[]; next?: string } {
    const after = this.subscriptions(topicArn).filter(({ arn }) => arn > position);
    const subscriptions = after.slice(0, ON_A_PAGE);
    const last = subscriptions.at(-1)?.arn;
    return after.length > ON_A_PAGE && last !== undefined ? { subscriptions, next: last } : { subscriptions };
  }
}

/** @param name the parameter that is wrong; @param reason why, where AWS says so */
export function invalid(name: string, reason = ""): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${name}${reason && ` Reason: ${reason}`}`);
}

function subscriptionOf(row: Record<string, unknown>): Subscription {
  return { ...(row as unknown as Subscription), confirmed: row.confirmed === 1 };
}
