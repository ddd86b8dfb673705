import { createCipheriv, createDecipheriv } from "node:crypto";
import { AwsError } from "../http/service.ts";
import type { Key } from "./keys.ts";

// A ciphertext: format (1 byte), the key's ID (16), nonce (12), authentication tag (16), then as many bytes as the
// plaintext has.
const FORMAT = 1;
const NONCE_AT = 17;
const TAG_AT = NONCE_AT + 12;
const TEXT_AT = TAG_AT + 16;

export type EncryptionContext = Record<string, string>;

/** Encrypts with AES-256-GCM; the encryption context is authenticated with it and not part of the ciphertext. */
export function encrypt(key: Key, plaintext: Buffer, context: EncryptionContext, nonce: Buffer): Buffer {
  const head = Buffer.concat([Buffer.of(FORMAT), Buffer.from(key.keyId.replaceAll("-", ""), "hex")]);
  const cipher = createCipheriv("aes-256-gcm", key.material, nonce);
  cipher.setAAD(Buffer.concat([head, bytesOf(context)]));
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
}

/**
 * The ID of the key that a ciphertext was made with.
 *
 * @throws AwsError InvalidCiphertextException when it is none of ours
 */
export function keyIdOf(ciphertext: Buffer): string {
  if (ciphertext.length <= TEXT_AT || ciphertext[0] !== FORMAT) throw invalid();
  const hex = ciphertext.subarray(1, NONCE_AT).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @throws AwsError InvalidCiphertextException when the ciphertext was altered or the context is not the same */
export function decrypt(key: Key, ciphertext: Buffer, context: EncryptionContext): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key.material, ciphertext.subarray(NONCE_AT, TAG_AT));
  decipher.setAAD(Buffer.concat([ciphertext.subarray(0, NONCE_AT), bytesOf(context)]));
  decipher.setAuthTag(ciphertext.subarray(TAG_AT, TEXT_AT));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(TEXT_AT)), decipher.final()]);
  } catch {
    // The only way for it to fail; like AWS, it does not say what does not fit.
    throw invalid();
  }
}

/** The context in one form whatever the order of its entries. */
function bytesOf(context: EncryptionContext): Buffer {
  const entries = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(entries));
}

/** AWS gives this error without a message. */
export function invalid(): AwsError {
  return new AwsError("InvalidCiphertextException", "");
}
