import { frame } from "./bytes.ts";
import { demandKeyName } from "./check.ts";
import type { KeyName } from "./proofs.ts";

/**
 * The message over which the control plane computes the nonce of a generation, under an HMAC key of its own that never
 * leaves KMS: nobody can foretell it, and computing it again gives the same.
 *
 * @throws TypeError that names a malformed argument
 */
export function nonceMessage(key: KeyName): Buffer {
  demandKeyName(key);
  return frame("keyturn/nonce/v1", key.id, key.ec2InstanceId, key.generation);
}
