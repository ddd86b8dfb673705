import type { FakeAuthority } from "../../functions/clients/authority.fake.ts";
import type { Answer, Login } from "../../functions/clients/authority.ts";
import type { FakeSecrets } from "../../functions/clients/secrets.fake.ts";
import type { fakeUses } from "../../functions/clients/uses.fake.ts";
import { readLogin } from "../../functions/credential/secret-value.ts";
import type { ConsumerSettings, CredentialSettings } from "../../functions/shared/credential-settings.ts";
import { useProof } from "../../protocol/index.ts";
import type { HandClock } from "./clock.ts";

/**
 * How an application follows its credential: it asks at each use; it reads once, when it starts, and a token once more where
 * that is refused; or it comes seldom.
 */
export type Habit = "asks" | "holds" | "seldom";

interface Parts {
  clock: HandClock;
  secrets: FakeSecrets;
  /** Whoever honours the credential. */
  judge: { accepts: (login: Login) => Promise<Answer[]> };
  /** The database that shows its sessions; none for a token. */
  authority: FakeAuthority | undefined;
  uses: ReturnType<typeof fakeUses>;
  credential: CredentialSettings;
  /** Whether somebody has ended a password or a token by hand: whoever holds it is refused, and that is his doing. */
  isEndedByHand: (password: string) => boolean;
}

/** An application that uses a credential, on an instance. */
export class Consumer {
  readonly name: string;
  habit: Habit;
  /** The name of its secret. */
  readonly secret: string;
  /** Whether it does not run. */
  isOff = false;
  /** The login that it holds; none before its first use. */
  held: (Login & { versionId: string }) | undefined;
  /** Sentences: when it was refused. */
  readonly refused: string[] = [];
  readonly #settings: ConsumerSettings;
  readonly #parts: Parts;
  readonly #ec2InstanceId: string;
  #turns = 0;

  constructor(settings: ConsumerSettings, habit: Habit, ec2InstanceId: string, parts: Parts) {
    this.name = settings.name;
    this.habit = habit;
    this.secret = parts.credential.name;
    this.#settings = settings;
    this.#ec2InstanceId = ec2InstanceId;
    this.#parts = parts;
  }

  /** Uses the credential once, if its habit says so: logs in, and is seen. */
  async use(): Promise<void> {
    if (this.isOff) return;
    this.#turns += 1;
    if (this.habit === "seldom" && this.#turns % SELDOM !== 1) return;
    if (this.held === undefined || this.habit !== "holds") this.held = await this.#fetch();
    let says = await this.#asks();
    if (says === "REFUSED" && this.#parts.credential.kind === "token") {
      this.held = await this.#fetch();
      says = await this.#asks();
    }
    if (this.held === undefined || says === "UNREACHABLE") return;
    if (says === "REFUSED") {
      if (this.#parts.isEndedByHand(this.held.password)) return;
      const at = new Date(this.#parts.clock.now()).toISOString();
      this.refused.push(`${this.name} was refused as ${this.held.user} at ${at}`);
      return;
    }
    if (this.#settings.seenBy === "proofs") this.#prove(this.held);
    else this.#connect(this.held);
  }

  /** What its credential's authority says of what it holds. */
  async #asks(): Promise<Answer["says"] | undefined> {
    if (this.held === undefined) return undefined;
    const [answer] = await this.#parts.judge.accepts(this.held);
    return answer?.says;
  }

  /** It ends: its sessions do, too. */
  stop(): void {
    this.held = undefined;
    this.#disconnect();
  }

  async #fetch(): Promise<Consumer["held"]> {
    const { secrets, credential } = this.#parts;
    const versionId = (await secrets.stages(credential.name))?.current;
    if (versionId === undefined) return undefined;
    const login = readLogin(await secrets.read(credential.name, versionId), credential);
    return login && { ...login, versionId };
  }

  #prove({ password, versionId }: Login & { versionId: string }): void {
    const { uses, clock, credential } = this.#parts;
    const use = { secret: credential.name, versionId, consumer: this.name, timeMs: clock.now() };
    const proof = useProof({ credential: password, ...use });
    uses.write({ ...use, ec2InstanceId: this.#ec2InstanceId, proof });
  }

  /** A pool: it keeps the session that it has, and opens another one when its login is another. */
  #connect({ user }: Login): void {
    const { authority, clock, credential } = this.#parts;
    const host = credential.kind === "database" ? credential.hosts[0] : "";
    const server = authority?.servers.get(host);
    if (server === undefined || server.uses.some((use) => use.application === this.name && use.user === user)) return;
    this.#disconnect();
    server.uses.push({ user, application: this.name, address: "10.0.3.17", since: clock.now() });
  }

  #disconnect(): void {
    for (const server of this.#parts.authority?.servers.values() ?? []) {
      server.uses = server.uses.filter(({ application }) => application !== this.name);
    }
  }
}

/** Of so many turns, one who comes seldom takes one. */
const SELDOM = 7;
