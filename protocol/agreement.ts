import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";
import { frame } from "./bytes.ts";
import { demandHex64, demandKeyName, isHex64 } from "./check.ts";
import type { KeyName } from "./proofs.ts";

// RFC 8410: what stands before the 32 raw bytes of an X25519 key in its DER form. (Node's JWK import wants the public
// half beside the private one; DER does not.)
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI_HEAD = Buffer.from("302a300506032b656e032100", "hex");

function privateKeyOf(raw: string): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, Buffer.from(raw, "hex")]), format: "der", type: "pkcs8" });
}

/**
 * An X25519 key pair (RFC 7748) from 32 random bytes.
 *
 * @param random gives that many random bytes, e.g. `randomBytes` of node:crypto
 * @returns both halves as the 64 hexadecimal characters of their 32 raw bytes
 */
export function keyPair(random: (bytes: number) => Buffer): { privateKey: string; publicKey: string } {
  const privateKey = random(32).toString("hex");
  const spki = createPublicKey(privateKeyOf(privateKey)).export({ format: "der", type: "spki" });
  return { privateKey, publicKey: spki.subarray(SPKI_HEAD.length).toString("hex") };
}

/**
 * The key that agent and control plane agree on without sending it: X25519 (RFC 7748), then HKDF-SHA-256 (RFC 5869)
 * bound to who it is for and to both public keys.
 *
 * @param agreement `privateKey` is one's own raw scalar, `publicKey` the other side's; all keys are 64 hexadecimal
 *   characters
 * @returns 64 hexadecimal characters
 * @throws TypeError that names a malformed argument, or `publicKey` if it is a low-order point (which would make the
 *   shared secret known to everyone)
 */
export function agreedKey(
  agreement: KeyName & {
    purpose: "first-key" | "rekey";
    privateKey: string;
    publicKey: string;
    agentPublic: string;
    serverPublic: string;
  },
): string {
  const { purpose, id, ec2InstanceId, generation, agentPublic, serverPublic } = agreement;
  if (purpose !== "first-key" && purpose !== "rekey") throw new TypeError('purpose must be "first-key" or "rekey"');
  for (const name of ["privateKey", "publicKey", "agentPublic", "serverPublic"] as const) {
    demandHex64(agreement[name], name);
  }
  demandKeyName(agreement);
  const info = frame(`keyturn/${purpose}/v1`, id, ec2InstanceId, generation, agentPublic, serverPublic);
  const shared = sharedSecret(agreement.privateKey, agreement.publicKey);
  return Buffer.from(hkdfSync("sha256", shared, Buffer.alloc(0), info, 32)).toString("hex");
}

/** Whether a public key is one to agree with: with a low-order point everyone would know the secret. */
export function isUsablePublicKey(publicKey: string): boolean {
  if (!isHex64(publicKey)) return false;
  try {
    // Which private key does not matter: a low-order point gives zeros with every one.
    sharedSecret("01".repeat(32), publicKey);
    return true;
  } catch {
    // The one error that a well-formed key can give.
    return false;
  }
}

function sharedSecret(privateKey: string, publicKey: string): Buffer {
  const spki = Buffer.concat([SPKI_HEAD, Buffer.from(publicKey, "hex")]);
  let shared: Buffer;
  try {
    shared = diffieHellman({
      privateKey: privateKeyOf(privateKey),
      publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
    });
  } catch {
    // OpenSSL itself refuses low-order points.
    throw new TypeError("publicKey must not be a low-order point");
  }
  if (shared.every((byte) => byte === 0)) throw new TypeError("publicKey must not be a low-order point");
  return shared;
}
