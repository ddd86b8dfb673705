import type { KeyName } from "../../protocol/index.ts";

/** Computes nonces; the key for them never leaves KMS. */
export interface Nonces {
  /** The nonce of a generation: 64 hexadecimal characters, always the same for the same name. */
  compute(name: KeyName): Promise<string>;
}
