import { z } from "zod";
import { AwsError } from "../http/service.ts";
import type { ResourceAttributes } from "../iam/resource-attributes.ts";
import { pageToken, readPage } from "../page.ts";
import type { KeyUse, Parts } from "../parts.ts";
import { uuid } from "../uuid.ts";
import { DESCRIPTION, KEY_ID, PAGE, SECRET_ID, TOKEN, VALUE } from "./inputs.ts";
import { CURRENT } from "./labels.ts";
import { invalidParameter, invalidRequest, notFound, read, tokenInUse } from "./refusals.ts";
import { scheduleOf } from "./schedule.ts";
import type { Secret, SecretStore, Whole } from "./secret-store.ts";
import { demandValue, isSame, put } from "./value-api.ts";

const DAY_MS = 86_400_000;

const CREATE = z.strictObject({
  Name: z.string().regex(/^[\w/+=.@-]{1,512}$/, "must be ASCII letters, digits and /_+=.@-"),
  ClientRequestToken: TOKEN.optional(),
  Description: DESCRIPTION.optional(),
  KmsKeyId: KEY_ID.optional(),
  ...VALUE,
});
const UPDATE = z.strictObject({
  SecretId: SECRET_ID,
  ClientRequestToken: TOKEN.optional(),
  Description: DESCRIPTION.optional(),
  KmsKeyId: KEY_ID.optional(),
  ...VALUE,
});
const ONE = z.strictObject({ SecretId: SECRET_ID });
const LIST = z.strictObject({
  IncludePlannedDeletion: z.boolean().default(false),
  Filters: z.array(z.strictObject({ Key: z.literal("name"), Values: z.array(z.string().min(1)).min(1) })).default([]),
  ...PAGE,
});
const DELETE = z.strictObject({
  SecretId: SECRET_ID,
  RecoveryWindowInDays: z.int().min(7).max(30).optional(),
  ForceDeleteWithoutRecovery: z.boolean().optional(),
});
const PUT_POLICY = z.strictObject({
  SecretId: SECRET_ID,
  ResourcePolicy: z.string().min(1).max(20_480),
  BlockPublicPolicy: z.boolean().default(false),
});

interface Neighbours {
  attributes: ResourceAttributes;
  /** Without it no secret can be under a key of its own. */
  keys: KeyUse | undefined;
  /** Called when schedules may have changed. */
  changed: () => void;
}

/** The operations about secrets as wholes. */
export function secretOperations(parts: Parts, secrets: SecretStore, { attributes, keys, changed }: Neighbours) {
  /** Notes under which key a secret is. @throws AwsError EncryptionFailure for one that is not there */
  function setKey(secret: Secret, keyId: string): void {
    const arn = keyId === "" ? undefined : keyArn(keyId, keys);
    attributes.putKey(secret.arn, arn);
    if (arn === undefined) delete secret.keyId;
    else secret.keyId = keyId;
  }

  return {
    CreateSecret(input: unknown): unknown {
      const { Name: name, ClientRequestToken, Description, KmsKeyId, ...given } = read(CREATE, input);
      const hasOne = Object.values(given).some((one) => one !== undefined);
      const value = hasOne ? demandValue(given) : undefined;
      const id = ClientRequestToken ?? uuid(parts.random);
      const there = secrets.find(name);
      if (there !== undefined) return answerOf(sameCreation(there, id, value), value && id);
      const now = parts.clock.now();
      const secret: Secret = { arn: secrets.newArn(name), name, createdAt: now, changedAt: now };
      if (Description !== undefined) secret.description = Description;
      const whole: Whole = { secret, versions: [] };
      parts.store.transaction(() => {
        if (KmsKeyId !== undefined) setKey(secret, KmsKeyId);
        if (value !== undefined) put(parts, whole, { id, value, labels: [CURRENT] });
        secrets.save(whole);
      });
      return answerOf(secret, value && id);
    },

    UpdateSecret(input: unknown): unknown {
      const { SecretId, ClientRequestToken, Description, KmsKeyId, ...given } = read(UPDATE, input);
      const whole = secrets.demand(SecretId);
      const { secret, versions } = whole;
      const hasOne = Object.values(given).some((one) => one !== undefined);
      const id = ClientRequestToken ?? uuid(parts.random);
      const value = hasOne ? demandValue(given) : undefined;
      if (value !== undefined && versions.some((version) => version.id === id)) throw tokenInUse(id, secret.arn);
      parts.store.transaction(() => {
        if (Description !== undefined) secret.description = Description;
        if (KmsKeyId !== undefined) setKey(secret, KmsKeyId);
        if (value !== undefined) put(parts, whole, { id, value, labels: [CURRENT] });
        secret.changedAt = parts.clock.now();
        secrets.save(whole);
      });
      changed();
      return answerOf(secret, value && id);
    },

    DescribeSecret(input: unknown): unknown {
      const whole = secrets.seen(read(ONE, input).SecretId);
      return { ...described(whole), VersionIdsToStages: stagesOf(whole) };
    },

    ListSecrets(input: unknown): unknown {
      const { IncludePlannedDeletion, Filters, MaxResults, NextToken } = read(LIST, input);
      const listing = "secrets";
      const refusal = new AwsError("InvalidNextTokenException", "The NextToken value is invalid.");
      let position = Number(readPage(NextToken, listing, refusal) ?? 0);
      const listed: Whole[] = [];
      // One more than is shown, by which it is known whether there are more.
      for (let page = secrets.list(position, MaxResults + 1); page.length > 0; ) {
        for (const { id, secret } of page) {
          const isListed = IncludePlannedDeletion || secret.secret.goneAt === undefined;
          if (isListed && Filters.every((filter) => isNamed(secret, filter.Values))) {
            if (listed.length === MaxResults) return answer(position);
            listed.push(secret);
          }
          position = id;
        }
        page = secrets.list(position, MaxResults + 1);
      }
      return answer();

      function answer(next?: number): unknown {
        const SecretList = listed.map((one) => ({ ...described(one), SecretVersionsToStages: stagesOf(one) }));
        return { SecretList, ...(next !== undefined && { NextToken: pageToken(listing, next) }) };
      }
    },

    DeleteSecret(input: unknown): unknown {
      const { SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery: force = false } = read(DELETE, input);
      if (force && RecoveryWindowInDays !== undefined) {
        throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
      }
      const whole = secrets.find(SecretId);
      const now = parts.clock.now();
      if (force) {
        if (whole !== undefined) secrets.remove(whole.secret.arn);
        changed();
        return {
          ARN: whole?.secret.arn ?? SecretId,
          Name: whole?.secret.name ?? SecretId,
          DeletionDate: new Date(now),
        };
      }
      const { secret } = secrets.demand(SecretId);
      secret.goneAt = now + (RecoveryWindowInDays ?? 30) * DAY_MS;
      delete secret.nextAt;
      secrets.save({ secret, versions: whole?.versions ?? [] });
      changed();
      return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(secret.goneAt) };
    },

    GetResourcePolicy(input: unknown): unknown {
      const { secret } = secrets.demand(read(ONE, input).SecretId);
      const ResourcePolicy = attributes.policyTextOf(secret.arn);
      return { ARN: secret.arn, Name: secret.name, ...(ResourcePolicy !== undefined && { ResourcePolicy }) };
    },

    PutResourcePolicy(input: unknown): unknown {
      const { SecretId, ResourcePolicy, BlockPublicPolicy } = read(PUT_POLICY, input);
      const { secret } = secrets.demand(SecretId);
      if (BlockPublicPolicy && isPublic(ResourcePolicy)) {
        const message = "The BlockPublicPolicy parameter is set, and the resource policy gives rights to everybody.";
        throw new AwsError("PublicPolicyException", message);
      }
      attributes.putPolicy(secret.arn, ResourcePolicy, "MalformedPolicyDocumentException");
      return { ARN: secret.arn, Name: secret.name };
    },
  };
}

function answerOf(secret: Secret, versionId: string | undefined): unknown {
  return { ARN: secret.arn, Name: secret.name, ...(versionId !== undefined && { VersionId: versionId }) };
}

/** A secret that was made by the same call before. @throws AwsError ResourceExistsException, InvalidRequestException */
function sameCreation({ secret, versions }: Whole, id: string, value: ReturnType<typeof demandValue> | undefined) {
  if (secret.goneAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = versions.find((one) => one.id === id);
  if (version !== undefined && value !== undefined && isSame(version, value)) return secret;
  const message = `The operation failed because the secret ${secret.name} already exists.`;
  throw new AwsError("ResourceExistsException", message);
}

function keyArn(keyId: string, keys: KeyUse | undefined): string {
  try {
    if (keys === undefined) throw notFound("key");
    return keys.arnOf(keyId);
  } catch {
    // Whatever is wrong with the key, AWS says this.
    const message = "Secrets Manager can't encrypt the protected secret text using the provided KMS key.";
    throw new AwsError("EncryptionFailure", message);
  }
}

function stagesOf({ versions }: Whole): Record<string, string[]> {
  const labelled = versions.filter(({ stages }) => stages.length > 0);
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, stages]));
}

function described({ secret }: Whole): Record<string, unknown> {
  const { rotation, nextAt } = secret;
  const closes = nextAt === undefined ? undefined : rotation?.rules && scheduleOf(rotation.rules)?.closes(nextAt);
  const date = (name: string, at: number | undefined) => at !== undefined && { [name]: new Date(at) };
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description !== undefined && { Description: secret.description }),
    ...(secret.keyId !== undefined && { KmsKeyId: secret.keyId }),
    ...(rotation && { RotationEnabled: rotation.enabled, RotationLambdaARN: rotation.functionArn }),
    ...(rotation?.rules && { RotationRules: rotation.rules }),
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    ...date("LastAccessedDate", secret.accessedAt),
    ...date("LastRotatedDate", secret.rotatedAt),
    ...date("DeletedDate", secret.goneAt),
    // The last second in which it may still be turned.
    ...date("NextRotationDate", closes === undefined ? undefined : closes - 1000),
  };
}

/** Whether its name begins with one of these; with `!` before them all, with none. */
function isNamed({ secret }: Whole, values: readonly string[]): boolean {
  const [first = ""] = values;
  const starts = values.map((value) => (first.startsWith("!") ? value.replace(/^!/, "") : value));
  return starts.some((start) => secret.name.startsWith(start)) !== first.startsWith("!");
}

/** Whether a statement of it gives everybody something, on no condition. */
function isPublic(policy: string): boolean {
  try {
    const { Statement = [] } = JSON.parse(policy);
    return [Statement].flat().some(({ Effect, Principal, Condition }) => {
      const everybody = Principal === "*" || [Principal?.AWS].flat().includes("*");
      return Effect === "Allow" && everybody && Condition === undefined;
    });
  } catch {
    // It is refused as malformed in a moment.
    return false;
  }
}
