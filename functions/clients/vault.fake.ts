import { createCipheriv, createDecipheriv } from "node:crypto";
import type { KeyName } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import type { Vault } from "./vault.ts";

/** A vault in memory that binds what it seals to its name, as KMS does with the encryption context. */
export function fakeVault(random: (bytes: number) => Buffer): Vault {
  const encryptionKey = random(32);
  const contextOf = ({ id, ec2InstanceId, generation }: KeyName) => Buffer.from(`${id} ${ec2InstanceId} ${generation}`);
  return {
    async seal(key, name) {
      const iv = random(12);
      const cipher = createCipheriv("aes-256-gcm", encryptionKey, iv).setAAD(contextOf(name));
      const sealed = Buffer.concat([cipher.update(key, "hex"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
    },

    async unseal(ciphertext, name) {
      const bytes = Buffer.from(ciphertext, "base64");
      try {
        const decipher = createDecipheriv("aes-256-gcm", encryptionKey, bytes.subarray(0, 12))
          .setAAD(contextOf(name))
          .setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("hex");
      } catch {
        // Node says no more than that authentication failed; the step's error is what callers know.
        throw new StepError("KeyUnreadable", `The stored key of generation ${name.generation} cannot be decrypted.`);
      }
    },
  };
}
