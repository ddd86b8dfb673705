import {
  DecryptCommand,
  EncryptCommand,
  GenerateMacCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { type KeyName, nonceMessage } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import type { Vault } from "./vault.ts";

/** Binds a ciphertext to the key that it holds. It stands in CloudTrail, so it is identifiers only. */
function contextOf({ id, ec2InstanceId, generation }: KeyName): Record<string, string> {
  return { id, ec2InstanceId, generation: String(generation) };
}

/**
 * The vault in KMS.
 *
 * @param keys.encryption a symmetric key; @param keys.nonce an HMAC_256 key
 */
export function kmsVault(client: KMSClient, keys: { encryption?: string; nonce?: string }): Vault {
  return {
    async seal(key, name) {
      const answer = await client.send(
        new EncryptCommand({
          KeyId: keys.encryption,
          Plaintext: Buffer.from(key, "hex"),
          EncryptionContext: contextOf(name),
        }),
      );
      return Buffer.from(answer.CiphertextBlob as Uint8Array).toString("base64");
    },

    async unseal(ciphertext, name) {
      try {
        const answer = await client.send(
          new DecryptCommand({
            KeyId: keys.encryption,
            CiphertextBlob: Buffer.from(ciphertext, "base64"),
            EncryptionContext: contextOf(name),
          }),
        );
        return Buffer.from(answer.Plaintext as Uint8Array).toString("hex");
      } catch (error) {
        if (!(error instanceof InvalidCiphertextException || error instanceof IncorrectKeyException)) throw error;
        throw new StepError(
          "KeyUnreadable",
          `The stored key of generation ${name.generation} of ${name.id} cannot be decrypted: the record was altered ` +
            "or restored, or the KMS key was exchanged. See the runbook, section KeyUnreadable.",
        );
      }
    },

    async nonce(name) {
      const answer = await client.send(
        new GenerateMacCommand({ KeyId: keys.nonce, MacAlgorithm: "HMAC_SHA_256", Message: nonceMessage(name) }),
      );
      return Buffer.from(answer.Mac as Uint8Array).toString("hex");
    },
  };
}
