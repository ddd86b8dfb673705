import { readLogin } from "../../../functions/credential/secret-value.ts";
import type {
  CredentialSettings,
  DatabaseCredential,
  TokenCredential,
} from "../../../functions/shared/credential-settings.ts";
import { hex64Of } from "../../functions/support.ts";
import type { Consumer, Habit } from "../../harness/consumer.ts";
import type { Expectations } from "../expectations.ts";
import type { Ground } from "../ground.ts";
import { A_DAY_MS, A_MINUTE_MS, AN_HOUR_MS } from "../times.ts";
import { troublesOf } from "./troubles.ts";

/** How often Secrets Manager's schedule has a secret rotated. */
const TURNS_EVERY_MS = A_DAY_MS;
/** When it does so first: then nothing is turned just at the end of the last day. */
const TURNS_FROM_MS = 7 * AN_HOUR_MS;
/** How often it is looked what people should be told of. */
const LOOKS_EVERY_MS = 10 * A_MINUTE_MS;
/** How long use proofs are kept: longer than any flow looks back. */
const PROOFS_KEPT_MS = 2 * A_DAY_MS;

/** Longer than it takes until the one who comes most seldom has come round. */
const PATIENCE = { quietSeconds: 7200, deadlineSeconds: 6 * 3600 };

/** The consumers of each credential, with their habits. */
const CONSUMERS: Record<string, [name: string, habit: Habit][]> = {
  "orders/db": [
    ["web", "asks"],
    ["pool", "asks"],
    ["batch", "seldom"],
  ],
  "shop/api-token": [
    ["web", "asks"],
    ["batch", "seldom"],
  ],
  "post/api-token": [["mailer", "asks"]],
};

/** What of a fleet it needs. */
interface Parts extends Ground {
  readonly expectations: Expectations;
  /** Has something started so often by a schedule. */
  every(ms: number, run: () => void): void;
}

/** The credentials that machines of the fleet share, who uses them, and the schedule that has them turned. */
export class Shared {
  readonly #fleet: Parts;
  readonly all: CredentialSettings[] = [];
  /** Since when a consumer does not run. */
  readonly offSince = new Map<Consumer, number>();
  /** When the schedule had a secret rotated last that could be. */
  readonly askedAt = new Map<string, number>();
  readonly #habits = new Map<Consumer, Habit>();
  /** What is wrong by now, each time that it is so something else. */
  readonly #standing = new Map<string, object>();
  #versions = 0;

  constructor(fleet: Parts) {
    this.#fleet = fleet;
    fleet.later(1, () => void this.#begin());
    fleet.later(TURNS_FROM_MS, () => {
      fleet.every(TURNS_EVERY_MS, () => this.#turn());
      this.#turn();
    });
    fleet.every(LOOKS_EVERY_MS, () => this.#look());
    fleet.every(A_DAY_MS, () => this.#forget());
  }

  get consumers(): Consumer[] {
    return this.#fleet.world.consumers;
  }

  /** The one with a number; whichever it is, there is one. */
  consumer(number: number): Consumer {
    return this.consumers[number % this.consumers.length] as Consumer;
  }

  /** The credential with a number; whichever it is, there is one. */
  credential(number: number): CredentialSettings {
    return this.all[number % this.all.length] as CredentialSettings;
  }

  /** The only database. */
  get database(): DatabaseCredential {
    return this.all.find((one): one is DatabaseCredential => one.kind === "database") as DatabaseCredential;
  }

  /** The token with a number; whichever it is, there is one. */
  token(number: number): TokenCredential {
    const tokens = this.all.filter((one): one is TokenCredential => one.kind === "token");
    return tokens[number % tokens.length] as TokenCredential;
  }

  /** An ID of a version, or of an event, that was none before. */
  newVersion(): string {
    this.#versions += 1;
    const hex = hex64Of(`version ${this.#versions}`);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  }

  /** Has Secrets Manager rotate a secret, as a person or its schedule does; it refuses while another version is pending. */
  async rotate({ name }: Pick<CredentialSettings, "name">): Promise<boolean> {
    const { secrets } = this.#fleet.world;
    return (await secrets.askForRotation(name, this.newVersion())) === "asked";
  }

  /** Somebody asks for a turn by an event. */
  request(detail: { secret: string; force?: boolean; heal?: boolean }): void {
    const { world } = this.#fleet;
    const event = { source: "by.hand", "detail-type": "Credential Rotation Requested", resources: [] };
    world.raise({ ...event, id: this.newVersion(), detail });
  }

  /**
   * Who forces a turn locks out whoever uses what is turned; of a token, it ends whatever there is.
   *
   * @param times how often he asks: the second turn is of what was current before the first
   */
  async lockOut(settings: CredentialSettings, times = 1): Promise<void> {
    const { secrets, forced, credentials } = this.#fleet.world;
    const { current, pending, predecessor } = (await secrets.stages(settings.name)) ?? {};
    const known = credentials.records.get(settings.name);
    const noted = [known?.current?.versionId, known?.predecessor?.versionId];
    const ended = settings.kind === "token" || times > 1 ? [current, pending] : [];
    for (const version of new Set([predecessor, ...noted.filter((one) => one !== current), ...ended])) {
      const login = readLogin(version && (await secrets.read(settings.name, version)), settings);
      if (login !== undefined) forced.add(login.password);
    }
  }

  /** Once nobody is served by the current token, another one is fetched at once; of one a key, that ends what others hold. */
  async hurry(settings: CredentialSettings): Promise<void> {
    if (settings.kind === "token" && settings.tokensPerKey === "one") await this.lockOut(settings);
  }

  /** A consumer is started again, and reads its credential anew; one that does not run is left alone. */
  restart(consumer: Consumer): void {
    if (!consumer.isOff) consumer.stop();
  }

  /** A consumer goes on with what it holds, until it is started again as it was before. */
  hold(consumer: Consumer, ms: number): void {
    consumer.habit = "holds";
    this.#fleet.later(ms, () => {
      consumer.habit = this.#habits.get(consumer) ?? "asks";
      this.restart(consumer);
    });
  }

  /** A consumer does not run for a while. */
  shutDown(consumer: Consumer, ms: number): void {
    if (consumer.isOff) return;
    consumer.stop();
    consumer.isOff = true;
    this.offSince.set(consumer, this.#fleet.now);
    this.#fleet.later(ms, () => {
      consumer.isOff = false;
      this.offSince.delete(consumer);
    });
  }

  /** Somebody whom the settings do not name uses a credential for a while. */
  async intrude(credential: CredentialSettings, { habit, ms }: { habit: Habit; ms: number }): Promise<void> {
    const { world } = this.#fleet;
    const consumer = await world.consumer(credential, `stranger-${this.newVersion().slice(0, 4)}`, habit);
    this.#fleet.later(ms, () => this.#remove(consumer));
  }

  /** From here on each consumer runs as it did at first, and nobody else uses anything. */
  calm(): void {
    for (const consumer of [...this.consumers]) {
      const habit = this.#habits.get(consumer);
      if (habit === undefined) {
        this.#remove(consumer);
        continue;
      }
      Object.assign(consumer, { habit, isOff: false });
      this.offSince.delete(consumer);
      this.restart(consumer);
    }
  }

  #remove(consumer: Consumer): void {
    consumer.stop();
    const at = this.consumers.indexOf(consumer);
    if (at !== -1) this.consumers.splice(at, 1);
  }

  async #begin(): Promise<void> {
    const { world } = this.#fleet;
    const named = (name: string, seenBy: "proofs" | "sessions" = "proofs") => ({ name, seenBy });
    const database = { consumers: [named("web"), named("pool", "sessions"), named("batch")], ...PATIENCE };
    this.all.push(await world.settledCredential(database));
    const own = { consumers: [named("web"), named("batch")], lifetimeSeconds: (50 * AN_HOUR_MS) / 1000 };
    this.all.push(await world.settledToken({ ...own, ...PATIENCE }));
    const { halfLife: _, ...scheduled } = await world.settledToken({
      ...{ name: "post/api-token", tokensPerKey: "many", keys: ["post/api-key"], consumers: [named("mailer")] },
      ...{ lifetimeSeconds: (4 * A_DAY_MS) / 1000, ...PATIENCE },
    });
    world.credentialSettings.splice(-1, 1, scheduled);
    this.all.push(scheduled);
    for (const credential of this.all) {
      for (const [name, habit] of CONSUMERS[credential.name] ?? []) {
        this.#habits.set(await world.consumer(credential, name, habit), habit);
      }
    }
  }

  /** Secrets Manager's schedule: of a token with a half-life there is none. */
  #turn(): void {
    for (const credential of this.all) {
      if ("halfLife" in credential) continue;
      void this.#turnOne(credential);
    }
  }

  async #turnOne(credential: CredentialSettings): Promise<void> {
    const { world, now } = this.#fleet;
    const { name } = credential;
    if ((await world.secrets.oversight(name))?.rotatedBy === undefined) return;
    if (await this.rotate(credential)) this.askedAt.set(name, now);
  }

  /** What has gone wrong with a credential, people must be told of, unless it is over before anybody could notice. */
  async #look(): Promise<void> {
    const { expectations } = this.#fleet;
    for (const credential of this.all) {
      const now = new Map(
        (await troublesOf(credential, this.#fleet, this)).map((one) => [`${credential.name}: ${one.because}`, one]),
      );
      for (const standing of this.#standing.keys()) {
        if (standing.startsWith(`${credential.name}: `) && !now.has(standing)) this.#standing.delete(standing);
      }
      for (const [key, { causes, because, withinMs }] of now) {
        if (this.#standing.has(key)) continue;
        const once = {};
        this.#standing.set(key, once);
        const unless = () => this.#standing.get(key) !== once;
        expectations.add({ subjects: [credential.name], causes, because, unless }, withinMs);
      }
    }
  }

  /** The time series keeps nothing for good. */
  #forget(): void {
    const { uses } = this.#fleet.world;
    const from = this.#fleet.now - PROOFS_KEPT_MS;
    const kept = uses.written.filter((one) => ((one as { timeMs?: number }).timeMs ?? 0) >= from);
    uses.written.splice(0, uses.written.length, ...kept);
  }
}
