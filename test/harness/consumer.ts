import type { FakeAuthority } from "../../functions/clients/authority.fake.ts";
import type { Login } from "../../functions/clients/authority.ts";
import type { FakeSecrets } from "../../functions/clients/secrets.fake.ts";
import type { fakeUses } from "../../functions/clients/uses.fake.ts";
import type { ConsumerSettings, DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import { useProof } from "../../protocol/index.ts";
import type { HandClock } from "./clock.ts";

/** How an application follows its credential: it asks at each use; it reads once, when it starts; or it comes seldom. */
export type Habit = "asks" | "holds" | "seldom";

interface Parts {
  clock: HandClock;
  secrets: FakeSecrets;
  authority: FakeAuthority;
  uses: ReturnType<typeof fakeUses>;
  credential: DatabaseCredential;
}

/** An application that uses a credential, on an instance. */
export class Consumer {
  readonly name: string;
  readonly habit: Habit;
  /** The name of its secret. */
  readonly secret: string;
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
    this.#turns += 1;
    if (this.habit === "seldom" && this.#turns % SELDOM !== 1) return;
    if (this.held === undefined || this.habit !== "holds") this.held = await this.#fetch();
    if (this.held === undefined) return;
    const { credential, authority, clock } = this.#parts;
    const [answer] = await authority.accepts(this.held);
    if (answer?.says === "UNREACHABLE") return;
    if (answer?.says === "REFUSED") {
      this.refused.push(`${this.name} was refused as ${this.held.user} at ${new Date(clock.now()).toISOString()}`);
      return;
    }
    if (this.#settings.seenBy === "proofs") this.#prove(this.held);
    else this.#connect(this.held, credential.hosts[0]);
  }

  /** It ends: its sessions do, too. */
  stop(): void {
    this.held = undefined;
    this.#disconnect();
  }

  async #fetch(): Promise<Consumer["held"]> {
    const { secrets, credential } = this.#parts;
    const versionId = (await secrets.stages(credential.name))?.current;
    const text = versionId && (await secrets.read(credential.name, versionId));
    if (versionId === undefined || !text) return undefined;
    const { username: user, password } = JSON.parse(text);
    return { user, password, versionId };
  }

  #prove({ password, versionId }: Login & { versionId: string }): void {
    const { uses, clock, credential } = this.#parts;
    const use = { secret: credential.name, versionId, consumer: this.name, timeMs: clock.now() };
    const proof = useProof({ credential: password, ...use });
    uses.write({ ...use, ec2InstanceId: this.#ec2InstanceId, proof });
  }

  /** A pool: it keeps the session that it has, and opens another one when its login is another. */
  #connect({ user }: Login, host: string): void {
    const { authority, clock } = this.#parts;
    const server = authority.servers.get(host);
    if (server === undefined || server.uses.some((use) => use.application === this.name && use.user === user)) return;
    this.#disconnect();
    server.uses.push({ user, application: this.name, address: "10.0.3.17", since: clock.now() });
  }

  #disconnect(): void {
    for (const server of this.#parts.authority.servers.values()) {
      server.uses = server.uses.filter(({ application }) => application !== this.name);
    }
  }
}

/** Of so many turns, one who comes seldom takes one. */
const SELDOM = 7;
