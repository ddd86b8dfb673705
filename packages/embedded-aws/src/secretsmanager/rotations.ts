import { AwsError, type Principal } from "../http/service.ts";
import type { Rights } from "../iam/rights.ts";
import type { FunctionInvoker, Invocation, Parts } from "../parts.ts";
import { type QueuedItem, RetryQueue } from "../retry-queue.ts";
import { uuid } from "../uuid.ts";
import { attach, CURRENT, detach, holderOf, isPending, PENDING } from "./labels.ts";
import { scheduleOf } from "./schedule.ts";
import type { SecretStore, Whole } from "./secret-store.ts";
import { makeRoom } from "./value-api.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/** What is asked for: the whole rotation, or the one step that tries how it is set up. */
type Kind = "rotation" | "test";

/** One run of a rotation. */
interface Run {
  arn: string;
  /** The ClientRequestToken, which is the ID of the new version. */
  token: string;
  /** Told to the function with each step, another for each run. */
  rotationToken: string;
  kind: Kind;
}

/** Secrets Manager as functions' policies name it. */
export const SECRETS_MANAGER: Principal = {
  kind: "service",
  arn: "secretsmanager.amazonaws.com",
  userId: "secretsmanager.amazonaws.com",
};

/** How long after each of its failures a rotation is tried again. AWS says that it does so, not how often or when. */
const RETRY_DELAYS_MS = [1, 2, 4, 8, 16].map((minutes) => minutes * 60_000);

export interface RotationOptions {
  functions: FunctionInvoker;
  /** Who may do what; without it everybody may do everything. */
  rights: Rights;
  /** Waits before the second and further tries of a rotation, in milliseconds. */
  retryDelaysMs?: readonly number[];
}

/** Rotations as they run: kept in the store, begun by a request or by a secret's schedule, tried again when they fail. */
export class Rotations {
  readonly #parts: Parts;
  readonly #secrets: SecretStore;
  readonly #options: RotationOptions;
  readonly #queue: RetryQueue<Run>;
  #cancelSchedule: (() => void) | undefined;
  #started = false;
  #closed = false;

  constructor(parts: Parts, secrets: SecretStore, options: RotationOptions) {
    this.#parts = parts;
    this.#secrets = secrets;
    this.#options = options;
    parts.store.db.exec(`CREATE TABLE IF NOT EXISTS secretsmanager_rotations (
      arn TEXT NOT NULL, token TEXT NOT NULL, run TEXT, PRIMARY KEY (arn, token)) STRICT`);
    this.#queue = new RetryQueue(parts, "secretsmanager_runs", (item) => this.#work(item));
  }

  /** Begins with what a former process left; a time of a schedule that was missed meanwhile comes now. */
  start(): void {
    this.#started = true;
    this.#queue.start();
    this.armSchedules();
  }

  close(): void {
    this.#closed = true;
    this.#cancelSchedule?.();
    this.#queue.close();
  }

  /** Why a function cannot be invoked by Secrets Manager for a secret; undefined when it can. */
  obstacle(functionArn: string, arn: string): string | undefined {
    const { functions, rights } = this.#options;
    if (functions.has?.(functionArn) === false) return `Function not found: ${functionArn}`;
    const question = functions.toInvoke?.(functionArn, arn);
    return question === undefined ? undefined : rights.denial(SECRETS_MANAGER, question);
  }

  /** Whether this was asked for before. */
  isKnown(arn: string, token: string): boolean {
    return this.#runOf(arn, token) !== undefined;
  }

  /**
   * Puts AWSPENDING on a version that has no value yet, unless it is there, and has the function do its steps. Part of
   * the transaction that is open; keeps the secret.
   *
   * @throws AwsError LimitExceededException when the secret has too many versions
   */
  begin(whole: Whole, token: string, kind: Kind): void {
    const { secret, versions } = whole;
    const now = this.#parts.clock.now();
    let version = versions.find(({ id }) => id === token);
    if (version === undefined) {
      makeRoom(versions, now);
      version = { id: token, createdAt: now, stages: [] };
      versions.push(version);
    }
    attach(versions, PENDING, version);
    this.#secrets.save(whole);
    const rotationToken = uuid(this.#parts.random);
    this.#note(secret.arn, token, rotationToken);
    this.#queue.add({ arn: secret.arn, token, rotationToken, kind });
  }

  /** Has what runs for a secret end where it is. */
  cancel(arn: string): void {
    this.#parts.store.db.prepare("UPDATE secretsmanager_rotations SET run = NULL WHERE arn = ?").run(arn);
  }

  /** Sets the timer for the schedule that is due next, after schedules have changed. */
  armSchedules(): void {
    this.#cancelSchedule?.();
    const next = this.#secrets.scheduled()[0];
    if (next === undefined || !this.#started || this.#closed) return;
    const { clock } = this.#parts;
    this.#cancelSchedule = clock.after(next.nextAt - clock.now(), () => this.#fireSchedules());
  }

  #fireSchedules(): void {
    const now = this.#parts.clock.now();
    for (const { arn, nextAt } of this.#secrets.scheduled()) {
      if (nextAt > now) break;
      const whole = this.#secrets.find(arn);
      if (whole !== undefined) this.#rotateOnSchedule(whole, now);
    }
    this.armSchedules();
  }

  /** A new rotation, or where one has failed and its version stands, that one again. */
  #rotateOnSchedule(whole: Whole, now: number): void {
    const { secret, versions } = whole;
    const next = secret.rotation?.rules && scheduleOf(secret.rotation.rules)?.nextAfter(now);
    if (next === undefined) delete secret.nextAt;
    else secret.nextAt = next;
    this.#parts.store.transaction(() => {
      this.#secrets.save(whole);
      const token = isPending(versions) ? holderOf(versions, PENDING)?.id : undefined;
      if (token !== undefined && this.#runOf(secret.arn, token)) return;
      try {
        this.begin(whole, token ?? uuid(this.#parts.random), "rotation");
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        this.#parts.log(`The secret ${secret.name} was not rotated on its schedule: ${error.message}`);
      }
    });
  }

  async #work({ id, body, attempts }: QueuedItem<Run>): Promise<void> {
    const failure = await this.#runSteps(body);
    if (this.#closed) return;
    this.#parts.store.transaction(() => {
      const retryAfterMs = this.#isRunning(body) ? this.#settle(body, failure, attempts) : undefined;
      if (retryAfterMs === undefined) this.#queue.remove(id);
      else this.#queue.retry(id, retryAfterMs);
    });
    this.armSchedules();
  }

  /** Has the function do the steps in order. @returns what went wrong, without the function's own words */
  async #runSteps(run: Run): Promise<string | undefined> {
    const { arn, token, rotationToken, kind } = run;
    for (const Step of kind === "test" ? (["testSecret"] as const) : STEPS) {
      if (this.#closed || !this.#isRunning(run)) return undefined;
      const functionArn = this.#secrets.find(arn)?.secret.rotation?.functionArn;
      if (functionArn === undefined) return "the secret is gone";
      const event = { Step, SecretId: arn, ClientRequestToken: token, RotationToken: rotationToken };
      const done = await this.#invoke(functionArn, arn, event);
      if (!done.ok) return `${Step} ended with ${done.errorType}`;
    }
    return undefined;
  }

  async #invoke(functionArn: string, arn: string, event: object): Promise<Invocation> {
    const why = this.obstacle(functionArn, arn);
    if (why !== undefined) return { ok: false, errorType: "AccessDeniedException", errorMessage: why };
    try {
      return await this.#options.functions.invoke(functionArn, event);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { ok: false, errorType: error.code, errorMessage: error.message };
    }
  }

  /** Notes how a run ended. @returns after how many milliseconds it is to be tried again; undefined when it has ended */
  #settle(run: Run, failure: string | undefined, attempts: number): number | undefined {
    const whole = this.#secrets.find(run.arn);
    const isThere = whole !== undefined && whole.secret.goneAt === undefined;
    let retryAfterMs: number | undefined;
    if (isThere && run.kind === "test") this.#settleTest(whole, run, failure);
    if (isThere && run.kind === "rotation") retryAfterMs = this.#settleRotation(whole, run, failure, attempts);
    if (retryAfterMs === undefined) this.#note(run.arn, run.token, null);
    return retryAfterMs;
  }

  /** Takes away what was there for the test. */
  #settleTest({ secret, versions }: Whole, { token }: Run, failure: string | undefined): void {
    for (const version of versions.filter(({ id }) => id === token)) detach(version, PENDING);
    this.#secrets.save({ secret, versions });
    if (failure !== undefined) {
      this.#parts.log(`The test of the rotation of the secret ${secret.name} failed: ${failure}.`);
    }
  }

  #settleRotation(whole: Whole, { token }: Run, failure: string | undefined, attempts: number): number | undefined {
    const { secret, versions } = whole;
    const stages = versions.find(({ id }) => id === token)?.stages ?? [];
    if (failure === undefined && stages.includes(CURRENT)) {
      secret.rotatedAt = this.#parts.clock.now();
      const next = secret.rotation?.rules && scheduleOf(secret.rotation.rules)?.nextAfter(secret.rotatedAt);
      if (secret.rotation?.enabled && next !== undefined) secret.nextAt = next;
      this.#secrets.save(whole);
      return undefined;
    }
    const why = `The rotation of the secret ${secret.name} failed: ${failure ?? "no step has moved AWSCURRENT"}`;
    if (!stages.includes(PENDING) && !stages.includes(CURRENT)) {
      this.#parts.log(`${why}; it is given up, since its version is pending no more.`);
      return undefined;
    }
    const delayMs = (this.#options.retryDelaysMs ?? RETRY_DELAYS_MS)[attempts];
    const then = delayMs === undefined ? "not tried again before its schedule" : `tried again in ${delayMs / 1000} s`;
    this.#parts.log(`${why}; it is ${then}.`);
    return delayMs;
  }

  #isRunning({ arn, token, rotationToken }: Run): boolean {
    return this.#runOf(arn, token) === rotationToken;
  }

  /** The run of a rotation: undefined for one that nobody asked for, null for one that has ended. */
  #runOf(arn: string, token: string): string | null | undefined {
    const row = this.#parts.store.db
      .prepare("SELECT run FROM secretsmanager_rotations WHERE arn = ? AND token = ?")
      .get(arn, token);
    return row?.run as string | null | undefined;
  }

  #note(arn: string, token: string, run: string | null): void {
    this.#parts.store.db
      .prepare("INSERT OR REPLACE INTO secretsmanager_rotations VALUES (?, ?, ?)")
      .run(arn, token, run);
  }
}
