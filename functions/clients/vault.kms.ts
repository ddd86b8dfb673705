import {
  DecryptCommand,
  DisabledException,
  EncryptCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
  KMSInvalidStateException,
  KMSServiceException,
  NotFoundException,
} from "@aws-sdk/client-kms";
import type { KeyName } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { Vault } from "./vault.ts";

/** Binds a ciphertext to the key that it holds. It stands in CloudTrail, so it is identifiers only. */
function contextOf({ id, ec2InstanceId, generation }: KeyName): Record<string, string> {
  return { id, ec2InstanceId, generation: String(generation) };
}

/**
 * The vault in KMS.
 *
 * @param keyId ID, ARN or alias of a symmetric key
 */
export function kmsVault(client: KMSClient, keyId: string): Vault {
  return {
    async seal(key, name) {
      const answer = await client.send(
        new EncryptCommand({
          KeyId: keyId,
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
            KeyId: keyId,
            CiphertextBlob: Buffer.from(ciphertext, "base64"),
            EncryptionContext: contextOf(name),
          }),
        );
        return Buffer.from(answer.Plaintext as Uint8Array).toString("hex");
      } catch (error) {
        if (isRefusal(error)) {
          throw new StepError(
            "KeyUnreadable",
            `The stored key of generation ${name.generation} of ${name.id} cannot be decrypted, since the KMS key cannot be ` +
              `used: ${error.name}: ${error.message} See the runbook, section KeyUnreadable.`,
          );
        }
        if (!(error instanceof InvalidCiphertextException || error instanceof IncorrectKeyException)) throw error;
        throw new StepError(
          "KeyUnreadable",
          `The stored key of generation ${name.generation} of ${name.id} cannot be decrypted: the record was altered ` +
            "or restored, or the KMS key was exchanged. See the runbook, section KeyUnreadable.",
        );
      }
    },
  };
}

/** Whether KMS says that its key is off, gone, or not ours to use: what is stored may be sound. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof DisabledException || error instanceof NotFoundException) return true;
  if (error instanceof KMSInvalidStateException) return true;
  return error instanceof KMSServiceException && error.name === "AccessDeniedException";
}

export const vault: Maker<"vault"> = ({ KEY_ENCRYPTION_KEY }) => kmsVault(new KMSClient(), KEY_ENCRYPTION_KEY);
