import { AwsError, type Principal, type Question } from "../http/service.ts";
import type { Rights } from "../iam/rights.ts";
import { assumedRole, roleName } from "../iam/role.ts";
import type { BusEvent, ExecutionStarter, Parts } from "../parts.ts";
import { machineArn } from "../place.ts";
import { type QueuedItem, RetryQueue } from "../retry-queue.ts";
import { uuid } from "../uuid.ts";
import { type Rule, ruleArn, type Target } from "./rule-store.ts";
import { inputFor } from "./target-input.ts";

/** What delivers events to Lambda functions. */
export interface AsynchronousInvoker {
  /** What EventBridge needs for that, on behalf of a rule; nothing where it does not say. */
  toInvoke?(functionArn: string, ruleArn: string): Question;
  /** @throws AwsError ResourceNotFoundException */
  invokeAsync(functionArn: string, payload: unknown): void;
}

/** What delivers events to topics. */
export interface Publisher {
  /** What EventBridge needs for that. It names no rule then, as AWS says. */
  toPublish?(topicArn: string): readonly Question[];
  /** @throws AwsError NotFound */
  publish(topicArn: string, message: string): unknown;
}

export interface Neighbours {
  functions: AsynchronousInvoker;
  executions: ExecutionStarter;
  topics: Publisher;
}

/** What could not be delivered, with what AWS writes beside it into the dead-letter queue. */
export interface UndeliveredEvent {
  queueArn: string | undefined;
  ruleArn: string;
  targetArn: string;
  errorCode: string;
  errorMessage: string;
  retryAttempts: number;
  input: string;
}

/** An event on its way to one target. */
interface Delivery {
  eventId: string;
  /** Makes the name of an execution that a repeated delivery does not start twice. */
  deliveryId: string;
  ruleArn: string;
  target: Target;
  input: string;
}

const EVENT_BRIDGE: Principal = { kind: "service", arn: "events.amazonaws.com", userId: "events.amazonaws.com" };
const DEFAULT_ATTEMPTS = 185;
const DEFAULT_AGE_SECONDS = 86_400;
/** Errors that another try would not mend. */
const FINAL = new Set([
  "ResourceNotFoundException",
  "StateMachineDoesNotExist",
  "InvalidArn",
  "AccessDeniedException",
  "NotFound",
]);

/** Takes events to targets: kept until they arrived, tried again after ever longer waits, then a dead letter. */
export class Deliveries {
  readonly #parts: Parts;
  readonly #neighbours: () => Neighbours;
  readonly #retryDelayMs: (attempt: number) => number;
  readonly #rights: Rights;
  readonly #queue: RetryQueue<Delivery>;
  #closed = false;

  constructor(
    parts: Parts,
    options: { neighbours: () => Neighbours; retryDelayMs: (attempt: number) => number; rights: Rights },
  ) {
    this.#parts = parts;
    this.#neighbours = options.neighbours;
    this.#retryDelayMs = options.retryDelayMs;
    this.#rights = options.rights;
    parts.store.db.exec("CREATE TABLE IF NOT EXISTS events_undelivered (body TEXT NOT NULL) STRICT");
    this.#queue = new RetryQueue(parts, "events_deliveries", (item) => this.#deliver(item));
  }

  start(): void {
    this.#queue.start();
  }

  close(): void {
    this.#closed = true;
    this.#queue.close();
  }

  /** Keeps an event for a target, as part of the transaction that is open. */
  add(event: BusEvent, rule: Rule, target: Target): void {
    const arn = ruleArn(rule);
    const input = inputFor(target, event, { name: rule.name, arn });
    const deliveryId = uuid(this.#parts.random);
    this.#queue.add({ eventId: event.id, deliveryId, ruleArn: arn, target, input });
  }

  undelivered(): UndeliveredEvent[] {
    const rows = this.#parts.store.db.prepare("SELECT body FROM events_undelivered ORDER BY rowid").all();
    return rows.map((row) => JSON.parse(row.body as string) as UndeliveredEvent);
  }

  async #deliver(item: QueuedItem<Delivery>): Promise<void> {
    const { target, input } = item.body;
    try {
      const { functions, topics } = this.#neighbours();
      this.#demandRight(item.body);
      if (!target.Arn.startsWith("arn:aws:states:")) {
        // The target's own queue takes the event over in the transaction that removes it from this one.
        this.#parts.store.transaction(() => {
          if (target.Arn.startsWith("arn:aws:sns:")) topics.publish(target.Arn, input);
          else functions.invokeAsync(target.Arn, JSON.parse(input));
          this.#queue.remove(item.id);
        });
        return;
      }
      await this.#start(item.body);
      if (!this.#closed) this.#queue.remove(item.id);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (!this.#closed) this.#failed(item, error);
    }
  }

  /** @throws AwsError AccessDeniedException unless the rule may deliver to its target */
  #demandRight(delivery: Delivery): void {
    const { Arn, RoleArn } = delivery.target;
    const principal = Arn.startsWith("arn:aws:states:") ? ruleRole(RoleArn, delivery.ruleArn) : EVENT_BRIDGE;
    for (const question of this.#needed(delivery)) {
      const why = this.#rights.denial(principal, question);
      if (why !== undefined) throw new AwsError("AccessDeniedException", why, 403);
    }
  }

  #needed({ target: { Arn }, ruleArn: rule }: Delivery): readonly Question[] {
    const { functions, topics } = this.#neighbours();
    if (Arn.startsWith("arn:aws:sns:")) return topics.toPublish?.(Arn) ?? [];
    if (Arn.startsWith("arn:aws:states:")) return [{ action: "states:StartExecution", resource: machineArn(Arn) }];
    const invoke = functions.toInvoke?.(Arn, rule);
    return invoke === undefined ? [] : [invoke];
  }

  async #start({ target, input, eventId, deliveryId }: Delivery): Promise<void> {
    try {
      await this.#neighbours().executions.start(target.Arn, input, `${eventId}_${deliveryId}`);
    } catch (error) {
      // It was started before, by a process that died before it could note that.
      if (!(error instanceof AwsError) || error.code !== "ExecutionAlreadyExists") throw error;
    }
  }

  #failed({ id, attempts, since, body }: QueuedItem<Delivery>, error: AwsError): void {
    const { MaximumRetryAttempts = DEFAULT_ATTEMPTS, MaximumEventAgeInSeconds = DEFAULT_AGE_SECONDS } =
      body.target.RetryPolicy ?? {};
    const delayMs = this.#retryDelayMs(attempts);
    const tooOld = this.#parts.clock.now() + delayMs > since + MaximumEventAgeInSeconds * 1000;
    if (!FINAL.has(error.code) && attempts < MaximumRetryAttempts && !tooOld) {
      this.#queue.retry(id, delayMs);
      return;
    }
    const undelivered: UndeliveredEvent = {
      queueArn: body.target.DeadLetterConfig?.Arn,
      ruleArn: body.ruleArn,
      targetArn: body.target.Arn,
      errorCode: error.code,
      errorMessage: error.message,
      retryAttempts: attempts,
      input: body.input,
    };
    this.#parts.store.transaction(() => {
      const statement = this.#parts.store.db.prepare("INSERT INTO events_undelivered VALUES (?)");
      statement.run(JSON.stringify(undelivered));
      this.#queue.remove(id);
    });
    this.#parts.log(`An event of ${body.ruleArn} could not be delivered to ${body.target.Arn}: ${error.code}.`);
  }
}

/** The role of a rule's target as EventBridge has taken it on; AWS draws the session's name. */
function ruleRole(roleArn: string | undefined, rule: string): Principal {
  return assumedRole("events", { name: roleName(roleArn ?? "") }, rule.split("/").at(-1) ?? "");
}
