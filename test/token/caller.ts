import { setTimeout as pause } from "node:timers/promises";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { NAMES } from "../../infra/wiring.ts";
import { useProof, useRecordOf } from "../../protocol/index.ts";
import type { TestFleet } from "../flows/support.ts";
import { EC2 } from "../functions/support.ts";
import { CONSUMER, type TurnedToken, type Version } from "./lab.ts";

const CALL_EVERY_MS = 20;
/** How long it keeps the secret: shorter than the quiet time, as every consumer's has to be. */
const CACHE_MS = 400;
const PROVE_EVERY_MS = 500;

/**
 * An application that calls the protected resource every 20 ms, whatever came of the call before, with the token as it has read
 * it at most 400 ms ago, and proves what it uses. It tries nothing again: what is refused is refused.
 */
export class Caller {
  calls = 0;
  /** Of each refusal: when, in milliseconds since 1970, and by which version. */
  readonly refused: { at: number; versionId: string; status: number }[] = [];
  readonly #token: TurnedToken;
  readonly #timestream: TimestreamWriteClient;
  readonly #underWay = new Set<Promise<void>>();
  readonly #following: Promise<void>;
  readonly #proved = new Map<string, number>();
  #held: Version | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(token: TurnedToken, fleet: TestFleet) {
    const { endpoint, region, credentials } = fleet.aws;
    this.#token = token;
    this.#timestream = new TimestreamWriteClient({ endpoint, region, credentials });
    this.#following = this.#follow();
  }

  /** Stops calling. @throws what a call or a proof has come to that neither was answered nor refused */
  async end(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#following;
    await Promise.all(this.#underWay);
    this.#timestream.destroy();
  }

  async #follow(): Promise<void> {
    while (!this.#isOver) {
      this.#held = await this.#token.version();
      this.#timer ??= setInterval(() => {
        const calling = this.#call().finally(() => this.#underWay.delete(calling));
        this.#underWay.add(calling);
      }, CALL_EVERY_MS);
      await pause(CACHE_MS);
    }
  }

  async #call(): Promise<void> {
    const used = this.#held;
    if (used === undefined) return;
    const status = await this.#token.answerTo(used);
    this.calls += 1;
    if (status === 200) return this.#prove(used);
    this.refused.push({ at: Date.now(), versionId: used.versionId, status });
  }

  async #prove({ versionId, password: credential }: Version): Promise<void> {
    const timeMs = Date.now();
    if (timeMs - (this.#proved.get(versionId) ?? 0) < PROVE_EVERY_MS) return;
    this.#proved.set(versionId, timeMs);
    const use = { secret: this.#token.settings.name, versionId, consumer: CONSUMER, timeMs };
    const proof = useProof({ ...use, credential });
    const Records = [useRecordOf({ ...use, proof, ec2InstanceId: EC2 })];
    const place = { DatabaseName: NAMES.timestreamDatabase, TableName: NAMES.timestreamTable };
    await this.#timestream.send(new WriteRecordsCommand({ ...place, Records }));
  }
}
