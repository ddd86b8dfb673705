import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { frame } from "./bytes.ts";
import { demandHex64, demandHex64OrEmpty, demandKeyName, demandString, demandText, demandTimeMs } from "./check.ts";

/** What names a key: the instance's ID, EC2's name of it, and which of its keys this is, counted from 1. */
export interface KeyName {
  id: string;
  ec2InstanceId: string;
  generation: number;
}

function hmac(key: string, message: Buffer): string {
  // Node takes a key object several times as fast as the bytes of one, and whole fleets are judged by this.
  return createHmac("sha256", createSecretKey(key, "hex")).update(message).digest("hex");
}

/**
 * The key that follows `key`: SHA-256 over the key's text and the nonce's text. With the empty nonce this is
 * `sha256(key.encode()).hexdigest()`.
 *
 * @param key 64 lower-case hexadecimal characters
 * @param nonce 64 lower-case hexadecimal characters, or empty
 * @throws TypeError that names a malformed argument
 */
export function successor(key: string, nonce: string): string {
  demandHex64(key, "key");
  demandHex64OrEmpty(nonce, "nonce");
  return createHash("sha256")
    .update(key + nonce, "utf8")
    .digest("hex");
}

/**
 * What an instance writes to the time series to show at `timeMs` that it holds `key`. The time is part of it, so that a
 * sample proves one moment only.
 *
 * @throws TypeError that names a malformed argument
 */
export function sampleHash(sample: KeyName & { key: string; timeMs: number }): string {
  demandHex64(sample.key, "key");
  demandKeyName(sample);
  demandTimeMs(sample.timeMs);
  return hmac(
    sample.key,
    frame("keyturn/sample/v1", sample.id, sample.ec2InstanceId, sample.generation, sample.timeMs),
  );
}

/**
 * The control plane's proof, under the key that the instance holds, that a ticket is its own. Without it, whoever may
 * send the command could lock an instance out with a made-up nonce.
 *
 * @param ticket `key` is the key that the instance holds; `generation` the one that it is to reach
 * @throws TypeError that names a malformed argument
 */
export function ticketProof(ticket: KeyName & { key: string; nonce: string }): string {
  return pushProof("keyturn/ticket/v1", ticket);
}

/**
 * The instance's proof, under its new key, that it has turned.
 *
 * @param receipt `key` is the new key; `generation` the one reached
 * @throws TypeError that names a malformed argument
 */
export function receiptProof(receipt: KeyName & { key: string; nonce: string }): string {
  return pushProof("keyturn/receipt/v1", receipt);
}

function pushProof(label: string, push: KeyName & { key: string; nonce: string }): string {
  demandHex64(push.key, "key");
  demandKeyName(push);
  demandHex64OrEmpty(push.nonce, "nonce");
  return hmac(push.key, frame(label, push.id, push.ec2InstanceId, push.generation, push.nonce));
}

/**
 * What a consumer of a shared credential shows at `timeMs`: which version of it the consumer uses.
 *
 * @param use `credential` is the token or the database user's password, `secret` the secret's name in Secrets Manager,
 *   `versionId` the version of it that holds this credential, `consumer` the consumer's own name
 * @throws TypeError that names a malformed argument
 */
export function useProof(use: {
  credential: string;
  secret: string;
  versionId: string;
  consumer: string;
  timeMs: number;
}): string {
  for (const name of ["credential", "secret", "versionId", "consumer"] as const) demandText(use[name], name);
  demandTimeMs(use.timeMs);
  const key = createHash("sha256").update(use.credential, "utf8").digest("hex");
  return hmac(key, frame("keyturn/use/v1", use.secret, use.versionId, use.consumer, use.timeMs));
}

/**
 * Compares two secrets or proofs in a time that does not tell where they differ.
 *
 * @throws TypeError that names an argument that is no text
 */
export function sameSecret(one: string, other: string): boolean {
  // Node's own error would show what is no text.
  demandString(one, "one");
  demandString(other, "other");
  // Hashing first makes both sides equally long, which timingSafeEqual demands.
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(one), digest(other));
}
