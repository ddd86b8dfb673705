import { setTimeout as pause } from "node:timers/promises";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { systemClock } from "../../consumer/clock.ts";
import { type Credential, LOGIN } from "../../consumer/credential.ts";
import type { Version } from "../../consumer/followed-secret.ts";
import { type UseProofs, useProofs } from "../../consumer/use-proofs.ts";
import type { ConsumerSettings } from "../../functions/shared/credential-settings.ts";
import { NAMES } from "../../infra/wiring.ts";
import { useRecordOf } from "../../protocol/index.ts";
import type { TestFleet } from "../flows/support.ts";
import { EC2 } from "../functions/support.ts";
import type { TurnedCredential } from "./lab.ts";

/** How an application comes by the secret, in the order of the table in docs/credentials.md. */
export const HABITS = {
  once: "reads it once, when it starts",
  cached: "keeps it for two seconds",
  refused: "reads it anew when it is refused",
  seldom: "connects seldom, with what it read the last time",
} as const;

export type Habit = keyof typeof HABITS;

export const ALL_HABITS = Object.keys(HABITS) as Habit[];

/** Each is seen by its proofs: a session of a few milliseconds is seen by nobody who looks. */
export const CONSUMERS: ConsumerSettings[] = ALL_HABITS.map((name) => ({ name, seenBy: "proofs" }));

const CACHE_MS = 2_000;
const OFTEN_MS = 50;
const SELDOM_MS = 1_700;

/** An application that opens a connection again and again, each for itself, and counts those that are refused. */
export class Consumer {
  readonly habit: Habit;
  connections = 0;
  /** The SQLSTATE of each refusal. */
  readonly refused: string[] = [];
  readonly #credential: TurnedCredential;
  readonly #proofs: UseProofs<Credential>;
  readonly #timestream: TimestreamWriteClient;
  #held: (Version<Credential> & { readAt: number }) | undefined;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(habit: Habit, credential: TurnedCredential, fleet: TestFleet) {
    const { endpoint, region, credentials } = fleet.aws;
    const timestream = new TimestreamWriteClient({ endpoint, region, credentials });
    const { timestreamDatabase: DatabaseName, timestreamTable: TableName } = NAMES;
    this.habit = habit;
    this.#credential = credential;
    this.#timestream = timestream;
    this.#proofs = useProofs({
      kind: LOGIN,
      consumer: habit,
      intervalMs: 1000,
      clock: systemClock,
      tell: (sentence) => {
        throw new Error(sentence);
      },
      writer: {
        async write(use) {
          const Records = [useRecordOf({ ...use, ec2InstanceId: EC2 })];
          await timestream.send(new WriteRecordsCommand({ DatabaseName, TableName, Records }));
        },
        close: () => timestream.destroy(),
      },
    });
    this.#running = this.#run();
  }

  /** As whoever restarts it does: it reads the secret anew. */
  restart(): void {
    this.#held = undefined;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await this.#proofs.settled();
    this.#timestream.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#connect();
      await pause(this.habit === "seldom" ? SELDOM_MS : OFTEN_MS);
    }
  }

  async #connect(): Promise<void> {
    const isOld = this.habit === "cached" && Date.now() - (this.#held?.readAt ?? 0) >= CACHE_MS;
    const held = isOld ? undefined : this.#held;
    const used = held ?? (await this.#read());
    const answer = await this.#credential.answerTo({
      user: used.value.username,
      password: used.value.password,
    });
    this.connections += 1;
    if (answer === "accepted") this.#proofs.note(used);
    else this.refused.push(answer);
    // Restarted meanwhile: what it held is gone.
    if (held !== undefined && this.#held === undefined) return;
    const readsNow = this.habit === "seldom" || (this.habit === "refused" && answer !== "accepted");
    this.#held = readsNow ? await this.#read() : used;
  }

  async #read(): Promise<Version<Credential> & { readAt: number }> {
    const { name: secret } = this.#credential.settings;
    const readAt = Date.now();
    const { text, versionId } = await this.#credential.text();
    return { secret, versionId, since: readAt, value: LOGIN.read(text, secret), readAt };
  }
}
