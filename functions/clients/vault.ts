import type { KeyName } from "../../protocol/index.ts";

/** Encrypts key material for the record; the key for it never leaves KMS. */
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
   * @throws StepError KeyUnreadable when it was sealed under another name or key, or altered; or when the key for it cannot
   *   be used as things stand
   */
  unseal(ciphertext: string, name: KeyName): Promise<string>;
}
