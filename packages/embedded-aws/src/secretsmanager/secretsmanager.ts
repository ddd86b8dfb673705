import type { Question, Service } from "../http/service.ts";
import { ResourceAttributes } from "../iam/resource-attributes.ts";
import type { KeyUse, Parts } from "../parts.ts";
import { arnOf } from "../place.ts";
import { randomPassword } from "./password.ts";
import { rotationOperations } from "./rotation-api.ts";
import { type RotationOptions, Rotations } from "./rotations.ts";
import { secretOperations } from "./secret-api.ts";
import { SecretStore } from "./secret-store.ts";
import { valueOperations } from "./value-api.ts";

/** What a right may depend on. */
interface SecretCall {
  SecretId?: unknown;
  Name?: unknown;
  KmsKeyId?: unknown;
  SecretString?: unknown;
  SecretBinary?: unknown;
  RotationLambdaARN?: unknown;
}

/** What whoever does something to a value must be allowed to do with the key that the secret is under. */
const KEY_OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  CreateSecret: ["GenerateDataKey", "Decrypt"],
  PutSecretValue: ["GenerateDataKey", "Decrypt"],
  UpdateSecret: ["GenerateDataKey", "Encrypt", "Decrypt"],
  GetSecretValue: ["Decrypt"],
};

/** Secrets Manager: secrets, their versions and labels, and their rotation by a function. */
export class SecretsManager {
  readonly service: Service;
  readonly #secrets: SecretStore;
  readonly #rotations: Rotations;
  readonly #attributes: ResourceAttributes;
  readonly #options: RotationOptions & { keys?: KeyUse };

  /** @param options.keys without it no secret can be under a key of its own */
  constructor(parts: Parts, options: RotationOptions & { keys?: KeyUse }) {
    this.#options = options;
    this.#secrets = new SecretStore(parts);
    this.#attributes = new ResourceAttributes(parts);
    this.#rotations = new Rotations(parts, this.#secrets, options);
    const changed = () => this.#rotations.armSchedules();
    this.service = {
      signingName: "secretsmanager",
      protocol: { kind: "json", version: "1.1" },
      operations: {
        ...secretOperations(parts, this.#secrets, { attributes: this.#attributes, keys: options.keys, changed }),
        ...valueOperations(parts, this.#secrets, changed),
        ...rotationOperations(parts, this.#secrets, this.#rotations),
        GetRandomPassword: (input: unknown) => randomPassword(input, parts.random),
      },
      needs: (operation, input: SecretCall) => this.#needs(operation, input),
    };
  }

  /** Begins with what a former process left; the functions are defined before. */
  start(): void {
    this.#rotations.start();
  }

  close(): void {
    this.#rotations.close();
  }

  #needs(operation: string, input: SecretCall): Question[] | undefined {
    const id = operation === "CreateSecret" ? input.Name : input.SecretId;
    // The others are about no secret.
    if (id === undefined) return undefined;
    const secret = this.#secrets.find(String(id))?.secret;
    const named = String(id).startsWith("arn:") ? String(id) : arnOf("secretsmanager", `secret:${id}`);
    const resource = secret?.arn ?? named;
    const action = `secretsmanager:${operation}`;
    return [
      { action, resource, policy: this.#attributes.policyOf(resource) ?? [] },
      ...this.#toUseKey(operation, input, secret?.arn),
      ...this.#toInvoke(operation, input, secret?.rotation?.functionArn),
    ];
  }

  /** The rights to the key that the secret is under, and to that under which it comes. */
  #toUseKey(operation: string, input: SecretCall, arn: string | undefined): Question[] {
    const { keys } = this.#options;
    const isAboutValue = operation === "PutSecretValue" || operation === "GetSecretValue";
    if (keys === undefined) return [];
    const hasKey = typeof input.KmsKeyId === "string" && input.KmsKeyId !== "";
    const changes = isAboutValue || hasKey || input.SecretString !== undefined || input.SecretBinary !== undefined;
    if (!changes) return [];
    const former = arn === undefined ? undefined : this.#attributes.keyOf(arn);
    const keyArn = hasKey ? known(keys, String(input.KmsKeyId)) : former;
    return keyArn === undefined ? [] : keys.through("secretsmanager", keyArn, KEY_OPERATIONS[operation] ?? []);
  }

  /** Who has a function rotate a secret must be allowed to invoke it. */
  #toInvoke(operation: string, { RotationLambdaARN }: SecretCall, former: string | undefined): Question[] {
    if (operation !== "RotateSecret") return [];
    const functionArn = RotationLambdaARN === undefined ? former : String(RotationLambdaARN);
    const question = functionArn === undefined ? undefined : this.#options.functions.toInvoke?.(functionArn);
    return question === undefined ? [] : [question];
  }
}

/** The ARN of a key; of one that is not there none: the operation says so. */
function known(keys: KeyUse, keyId: string): string | undefined {
  try {
    return keys.arnOf(keyId);
  } catch {
    return undefined;
  }
}
