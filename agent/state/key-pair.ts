import { isUsablePublicKey, keyPair } from "../../protocol/index.ts";
import { Failure } from "../failure.ts";

/**
 * Draws an X25519 key pair with which a key can be agreed, 64 hexadecimal characters each; nothing is stored yet.
 *
 * @throws Failure where the system lets nobody use X25519: in FIPS mode it refuses to draw one, or to agree with it
 */
export function drawKeyPair(random: (bytes: number) => Buffer): ReturnType<typeof keyPair> {
  const raw = random(32);
  try {
    const pair = keyPair(() => raw);
    // One's own is never a low-order point.
    if (isUsablePublicKey(pair.publicKey)) return pair;
  } catch {
    // Said below.
  }
  throw new Failure(
    "No key can be agreed here: this system's OpenSSL refuses X25519, as it does in FIPS mode, since FIPS 140-3 does not " +
      "approve it. An instance needs to be without FIPS mode to register and to be rekeyed. Nothing was stored.",
  );
}
