import { setTimeout as pause } from "node:timers/promises";
import { KMSClient } from "@aws-sdk/client-kms";
import { kmsVault } from "../../functions/clients/vault.kms.ts";
import type { InstanceRecord, SealedKey } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { successor } from "../../protocol/index.ts";
import type { TestFleet } from "../flows/support.ts";

/** A key file, as far as it matters here. */
interface HeldKey {
  id: string;
  generation: number;
  key: string;
  nonce: string | null;
}

const LOOK_AGAIN_MS = 20;

/** Looks at a fleet again and again while it turns its keys, and notes whatever breaks an invariant of the design. */
export class Watch {
  readonly #fleet: TestFleet;
  readonly #vault;
  /** By instance and generation, the key that the instance held. */
  readonly #keys = new Map<string, HeldKey>();
  /** By instance, the record's generation when it was last seen. */
  readonly #generations = new Map<string, number>();
  readonly #nonces = new Map<string, string>();
  readonly broken: string[] = [];

  constructor(fleet: TestFleet) {
    this.#fleet = fleet;
    const { endpoint, region, credentials } = fleet.aws;
    this.#vault = kmsVault(new KMSClient({ endpoint, region, credentials, maxAttempts: 10 }), NAMES.keyMaterialKey);
  }

  /** Looks until `isEnough`, and once more at what is left then. */
  async until(isEnough: (records: InstanceRecord[]) => boolean, timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const records = await this.#fleet.records();
      for (const { ec2InstanceId } of records) await this.#look(ec2InstanceId);
      if (isEnough(records)) return;
      if (Date.now() > end) throw new Error(`gave up: ${records.map((one) => one.current.generation).join(", ")}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  async #look(ec2InstanceId: string): Promise<void> {
    const before = this.#fleet.keyFile(ec2InstanceId) as HeldKey;
    const record = await this.#fleet.record(before.id);
    const after = this.#fleet.keyFile(ec2InstanceId) as HeldKey;
    this.#oneKeyAGeneration(after);
    this.#oneNonceAGeneration(record);
    this.#forwardOnly(record);
    // What the instance held all the while must be what the record knows.
    if (before.key === after.key) await this.#noLockOut(after, record);
  }

  async #noLockOut(held: HeldKey, record: InstanceRecord): Promise<void> {
    const { id, ec2InstanceId, current, pending } = record;
    const matches = async (sealed: SealedKey | undefined) =>
      sealed?.generation === held.generation &&
      (await this.#vault.unseal(sealed.ciphertext, { id, ec2InstanceId, generation: sealed.generation })) === held.key;
    if (!(await matches(current)) && !(await matches(pending))) {
      this.broken.push(`${id} holds a key of generation ${held.generation} that is neither current nor pending`);
    }
  }

  #oneKeyAGeneration(held: HeldKey): void {
    const known = this.#keys.get(`${held.id}/${held.generation}`);
    if (known !== undefined && known.key !== held.key) this.broken.push(`${held.id} had two keys of one generation`);
    this.#keys.set(`${held.id}/${held.generation}`, held);
    const former = this.#keys.get(`${held.id}/${held.generation - 1}`);
    if (former !== undefined && held.nonce !== null && successor(former.key, held.nonce) !== held.key) {
      this.broken.push(`the key of generation ${held.generation} of ${held.id} does not follow from the one before`);
    }
  }

  #oneNonceAGeneration({ id, current, pending }: InstanceRecord): void {
    for (const { generation, nonce } of [current, ...(pending === undefined ? [] : [pending])]) {
      const known = this.#nonces.get(`${id}/${generation}`);
      if (known !== undefined && known !== nonce) this.broken.push(`${id} had two nonces for generation ${generation}`);
      this.#nonces.set(`${id}/${generation}`, nonce);
    }
  }

  #forwardOnly({ id, current: { generation } }: InstanceRecord): void {
    const known = this.#generations.get(id);
    if (known !== undefined && generation < known) this.broken.push(`${id} went back to generation ${generation}`);
    this.#generations.set(id, generation);
  }
}
