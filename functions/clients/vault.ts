import type { KeyName } from "../../protocol/index.ts";

/** Encrypts key material for the record, and computes nonces; the keys for both never leave KMS. */
export interface Vault {
  /**
   * Encrypts an instance's key, bound to which key it is.
   *
   * @param key 64 hexadecimal characters
   * @returns base64
   */
  seal(key: string, name: KeyName): Promise<string>;

  /**
   * Decrypts what `seal` gave for the same name.
   *
   * @throws StepError KeyUnreadable when it was sealed under another name or key, or altered
   */
  unseal(ciphertext: string, name: KeyName): Promise<string>;

  /** The nonce of a generation: 64 hexadecimal characters, always the same for the same name. */
  nonce(name: KeyName): Promise<string>;
}
