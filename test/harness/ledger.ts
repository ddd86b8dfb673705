import type { Nonces } from "../../functions/clients/nonces.ts";
import type { Vault } from "../../functions/clients/vault.ts";

/** What was seen in a world so far, for the invariants that compare one moment with those before. */
export class Ledger {
  /** Every key that was ever sealed, by its ciphertext. */
  readonly keyOf = new Map<string, string>();
  readonly nonces = new Set<string>();
  readonly #seen = new Map<string, string | number>();

  /** The same vault, of which every key is written down. */
  noting(vault: Vault): Vault {
    return {
      ...vault,
      seal: async (key, name) => {
        const ciphertext = await vault.seal(key, name);
        this.keyOf.set(ciphertext, key);
        return ciphertext;
      },
    };
  }

  /** The same nonces, each written down. */
  notingNonces(nonces: Nonces): Nonces {
    return {
      compute: async (name) => {
        const nonce = await nonces.compute(name);
        this.nonces.add(nonce);
        return nonce;
      },
    };
  }

  /** The number that was noted under a name last; 0 where none was. */
  last(name: string): number {
    return Number(this.#seen.get(name) ?? 0);
  }

  /** What was noted under a name before, if anything was; `value` is noted now. */
  note<Value extends string | number>(name: string, value: Value): Value | undefined {
    const before = this.#seen.get(name) as Value | undefined;
    this.#seen.set(name, value);
    return before;
  }
}
