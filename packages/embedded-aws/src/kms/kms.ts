import { createHmac } from "node:crypto";
import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError, type Question, type Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { REGION } from "../place.ts";
import { decrypt, encrypt, invalid, keyIdOf } from "./encryption.ts";
import { demandSpec, type Key, Keys, metadataOf } from "./keys.ts";

const KEY_NAME = z.string().min(1).max(2048);
const CONTEXT = z.record(z.string(), z.string()).default({});
const ALGORITHM = z.literal("SYMMETRIC_DEFAULT").default("SYMMETRIC_DEFAULT");

/** Bytes as base64, `longest` at most and one at least. */
function bytes(longest: number) {
  return z
    .base64()
    .transform((text) => Buffer.from(text, "base64"))
    .refine(({ length }) => length >= 1 && length <= longest, `must have 1 to ${longest} bytes`);
}

const DESCRIBE_KEY = z.strictObject({ KeyId: KEY_NAME });
const ENCRYPT = z.strictObject({
  KeyId: KEY_NAME,
  Plaintext: bytes(4096),
  EncryptionContext: CONTEXT,
  EncryptionAlgorithm: ALGORITHM,
});
const DECRYPT = z.strictObject({
  KeyId: KEY_NAME.optional(),
  CiphertextBlob: bytes(6144),
  EncryptionContext: CONTEXT,
  EncryptionAlgorithm: ALGORITHM,
});
const GENERATE_MAC = z.strictObject({
  KeyId: KEY_NAME,
  Message: bytes(4096),
  MacAlgorithm: z.enum(["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"]),
});

/** What a right to a key may depend on. */
interface KeyCall {
  KeyId?: string;
  CiphertextBlob?: string;
  EncryptionContext?: Record<string, string>;
  MacAlgorithm?: string;
}

/** KMS: real encryption and MACs, with keys that lie in the store. */
export class Kms {
  readonly service: Service;
  readonly #keys: Keys;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#keys = new Keys(parts);
    this.service = {
      signingName: "kms",
      protocol: { kind: "json", version: "1.1" },
      operations: {
        CreateKey: (input: unknown) => ({ KeyMetadata: metadataOf(this.#keys.create(input)) }),
        CreateAlias: (input: unknown) => this.#keys.createAlias(input),
        ListKeys: (input: unknown) => this.#keys.list(input),
        DescribeKey: (input: unknown) => this.#describe(input),
        Encrypt: (input: unknown) => this.#encrypt(input),
        Decrypt: (input: unknown) => this.#decrypt(input),
        GenerateMac: (input: unknown) => this.#generateMac(input),
      },
      needs: (operation, input: KeyCall) => this.#needs(operation, input),
    };
  }

  /** The ARN of a key that is named in any way. @throws AwsError NotFoundException */
  arnOf(name: string): string {
    return this.#keys.find(name).arn;
  }

  /** What somebody needs so that a service may use a key on his behalf. @param service e.g. `sns` */
  through(service: string, keyArn: string, operations: readonly string[]): Question[] {
    const about = { resource: keyArn, policy: this.#keys.policyOf(keyArn), alone: true };
    const context = { "kms:ViaService": `${service}.${REGION}.amazonaws.com` };
    return operations.map((operation) => ({ action: `kms:${operation}`, ...about, context }));
  }

  /** The key of a call: that which it names, or which has made its ciphertext. */
  #needs(operation: string, { KeyId, CiphertextBlob, EncryptionContext = {}, MacAlgorithm }: KeyCall) {
    if (operation.startsWith("Create") || operation === "ListKeys") return undefined;
    const made = () => this.#findMaker(keyIdOf(Buffer.from(String(CiphertextBlob), "base64"))).arn;
    const resource = KeyId === undefined ? made() : this.arnOf(String(KeyId));
    const names = Object.keys(EncryptionContext);
    const context = {
      ...(MacAlgorithm !== undefined && { "kms:MacAlgorithm": MacAlgorithm }),
      ...(names.length > 0 && { "kms:EncryptionContextKeys": names }),
      ...Object.fromEntries(names.map((name) => [`kms:EncryptionContext:${name}`, EncryptionContext[name]])),
    };
    return [{ action: `kms:${operation}`, resource, policy: this.#keys.policyOf(resource), alone: true, context }];
  }

  #describe(input: unknown): unknown {
    return { KeyMetadata: metadataOf(this.#keys.find(readInput(DESCRIBE_KEY, input).KeyId)) };
  }

  #encrypt(input: unknown): unknown {
    const { KeyId, Plaintext, EncryptionContext, EncryptionAlgorithm } = readInput(ENCRYPT, input);
    const key = this.#keys.find(KeyId);
    demandSpec(key, "SYMMETRIC_DEFAULT", "Encrypt");
    const CiphertextBlob = encrypt(key, Plaintext, EncryptionContext, this.#parts.random(12));
    return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm };
  }

  #decrypt(input: unknown): unknown {
    const { KeyId, CiphertextBlob, EncryptionContext, EncryptionAlgorithm } = readInput(DECRYPT, input);
    const named = KeyId === undefined ? undefined : this.#keys.find(KeyId);
    if (named) demandSpec(named, "SYMMETRIC_DEFAULT", "Decrypt");
    const keyId = keyIdOf(CiphertextBlob);
    if (named && named.keyId !== keyId) {
      const message = "The key ID in the request does not identify a CMK that can perform this operation.";
      throw new AwsError("IncorrectKeyException", message);
    }
    const key = named ?? this.#findMaker(keyId);
    return { Plaintext: decrypt(key, CiphertextBlob, EncryptionContext), KeyId: key.arn, EncryptionAlgorithm };
  }

  /** What says that a key made it which is not there is no ciphertext of ours. */
  #findMaker(keyId: string): Key {
    try {
      return this.#keys.find(keyId);
    } catch (error) {
      throw error instanceof AwsError ? invalid() : error;
    }
  }

  #generateMac(input: unknown): unknown {
    const { KeyId, Message, MacAlgorithm } = readInput(GENERATE_MAC, input);
    const key = this.#macKey(KeyId, MacAlgorithm, "GenerateMac");
    return { Mac: createHmac("sha256", key.material).update(Message).digest(), MacAlgorithm, KeyId: key.arn };
  }

  #macKey(name: string, algorithm: string, operation: string): Key {
    const key = this.#keys.find(name);
    demandSpec(key, "HMAC_256", operation);
    if (algorithm !== "HMAC_SHA_256") {
      const message = `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`;
      throw new AwsError("InvalidKeyUsageException", message);
    }
    return key;
  }
}
