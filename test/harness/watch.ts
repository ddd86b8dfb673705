import assert from "node:assert/strict";
import { isRetired } from "../../functions/record/record.ts";
import type { World } from "./world.ts";

/**
 * The invariants of the design that hold at every moment (docs/architecture.md), looked at after each call that took
 * effect: no lock-out, one successor, forward only, nothing promoted that the instance does not hold.
 */
export class Watch {
  readonly #world: World;
  /** Every key that was ever sealed, by its ciphertext. */
  readonly keyOf = new Map<string, string>();
  /** Nonce and key by `id generation`. */
  readonly #issued = new Map<string, string>();
  /** The highest generations seen, by `record id` and `host id`. */
  readonly #seen = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    const { seal } = world.vault;
    world.vault.seal = async (key, name) => {
      const ciphertext = await seal(key, name);
      this.keyOf.set(ciphertext, key);
      return ciphertext;
    };
  }

  async check(): Promise<void> {
    const { registry, hosts } = this.#world;
    // All of it is read in one go, so that it is what was there at one moment.
    const records = new Map(registry.records);
    const files = await Promise.all([...hosts.values()].map((host) => host.keyFile()));
    for (const file of files) {
      const record = file && records.get(file.id);
      if (file === undefined || record === undefined || isRetired(record)) continue;
      const known = [record.current, ...(record.pending ? [record.pending] : [])];
      const held = known.find(({ generation }) => generation === file.generation);
      assert(held && this.keyOf.get(held.ciphertext) === file.key, `${file.id} is locked out at ${file.generation}`);
      assert(record.current.generation <= file.generation, `${file.id}: promoted without the instance`);
      this.#forward(`host ${file.id}`, file.generation);
    }
    for (const record of records.values()) {
      if (isRetired(record)) {
        assert(!JSON.stringify(record).includes("ciphertext"), `${record.id} is retired and holds a key`);
        continue;
      }
      this.#forward(`record ${record.id}`, record.current.generation);
      for (const { generation, nonce, ciphertext } of [record.current, ...(record.pending ? [record.pending] : [])]) {
        const name: string = `${record.id} ${generation}`;
        const issued = `${nonce} ${this.keyOf.get(ciphertext)}`;
        assert.equal(this.#issued.get(name) ?? issued, issued, `${name} has two successors`);
        this.#issued.set(name, issued);
      }
    }
  }

  #forward(who: string, generation: number): void {
    assert(generation >= (this.#seen.get(who) ?? 0), `${who} went back to ${generation}`);
    this.#seen.set(who, generation);
  }
}
