import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError } from "../http/service.ts";
import { ResourceAttributes } from "../iam/resource-attributes.ts";
import { type CompiledStatement, compileStatements } from "../iam/statement.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT, arnOf } from "../place.ts";
import { uuid } from "../uuid.ts";

/** What a key is for: AES-256-GCM under SYMMETRIC_DEFAULT, or HMAC-SHA-256 under HMAC_256. */
export type KeySpec = "SYMMETRIC_DEFAULT" | "HMAC_256";

export interface Key {
  keyId: string;
  arn: string;
  spec: KeySpec;
  description: string;
  createdAt: number;
  /** 32 bytes. */
  material: Buffer;
}

const USAGES = { SYMMETRIC_DEFAULT: "ENCRYPT_DECRYPT", HMAC_256: "GENERATE_VERIFY_MAC" } as const;

const ACCOUNT_DECIDES = compileStatements(
  [{ Effect: "Allow", Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`] }, Action: ["kms:*"], Resource: ["*"] }],
  "resource",
  "a key's policy",
);

const KEY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const CREATE_KEY = z.strictObject({
  KeySpec: z.enum(["SYMMETRIC_DEFAULT", "HMAC_256"]).default("SYMMETRIC_DEFAULT"),
  KeyUsage: z.enum(["ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"]).optional(),
  Description: z.string().max(8192).default(""),
  Policy: z.string().min(1).max(131_072).optional(),
});

const CREATE_ALIAS = z.strictObject({
  AliasName: z.string().regex(/^alias\/[a-zA-Z0-9/_-]{1,250}$/, "must be of the form alias/name"),
  TargetKeyId: z.string().min(1),
});

/** The keys and what they are called. */
export class Keys {
  readonly #parts: Parts;
  readonly #attributes: ResourceAttributes;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#attributes = new ResourceAttributes(parts);
    parts.store.db.exec(`
      CREATE TABLE IF NOT EXISTS kms_keys (keyId TEXT PRIMARY KEY, spec TEXT NOT NULL, description TEXT NOT NULL,
        createdAt INTEGER NOT NULL, material BLOB NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS kms_aliases (name TEXT PRIMARY KEY, keyId TEXT NOT NULL) WITHOUT ROWID`);
  }

  create(input: unknown): Key {
    const { KeySpec, KeyUsage, Description, Policy } = readInput(CREATE_KEY, input);
    if (KeyUsage === undefined && KeySpec !== "SYMMETRIC_DEFAULT") {
      const message = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
      throw new AwsError("ValidationException", message);
    }
    if (KeyUsage !== undefined && KeyUsage !== USAGES[KeySpec]) {
      throw new AwsError("ValidationException", `KeyUsage ${KeyUsage} is not compatible with KeySpec ${KeySpec}`);
    }
    const keyId = uuid(this.#parts.random);
    this.#parts.store.db
      .prepare("INSERT INTO kms_keys VALUES (?, ?, ?, ?, ?)")
      .run(keyId, KeySpec, Description, this.#parts.clock.now(), this.#parts.random(32));
    if (Policy !== undefined) this.#attributes.putPolicy(keyArn(keyId), Policy, "MalformedPolicyDocumentException");
    return this.find(keyId);
  }

  /** The policy of a key: without one of its own, that of AWS, which leaves everything to the account. */
  policyOf(arn: string): readonly CompiledStatement[] {
    return this.#attributes.policyOf(arn) ?? ACCOUNT_DECIDES;
  }

  createAlias(input: unknown): void {
    const { AliasName, TargetKeyId } = readInput(CREATE_ALIAS, input);
    if (AliasName.startsWith("alias/aws/")) {
      throw new AwsError("NotAuthorizedException", "Aliases that begin with alias/aws/ are AWS's own.");
    }
    if (/^(arn:[^/]*:)?alias\//.test(TargetKeyId)) {
      throw new AwsError("ValidationException", "Aliases must refer to keys. Not aliases");
    }
    if (this.#aliased(AliasName) !== undefined) {
      throw new AwsError("AlreadyExistsException", `An alias with the name ${aliasArn(AliasName)} already exists`);
    }
    const { keyId } = this.find(TargetKeyId);
    this.#parts.store.db.prepare("INSERT INTO kms_aliases VALUES (?, ?)").run(AliasName, keyId);
  }

  /**
   * @param name a key's ID or ARN, or an alias's name or ARN
   * @throws AwsError NotFoundException
   */
  find(name: string): Key {
    const resource = name.startsWith("arn:") ? resourceOf(name) : name;
    const isAlias = resource.startsWith("alias/");
    const keyId = isAlias ? this.#aliased(resource) : resource.replace(/^key\//, "");
    if (keyId === undefined) throw new AwsError("NotFoundException", `Alias ${aliasArn(resource)} is not found.`);
    if (!KEY_ID.test(keyId)) throw new AwsError("NotFoundException", `Invalid keyId '${keyId}'`);
    const arn = keyArn(keyId);
    const row = this.#parts.store.db.prepare("SELECT * FROM kms_keys WHERE keyId = ?").get(keyId);
    if (row === undefined) throw new AwsError("NotFoundException", `Key '${arn}' does not exist`);
    const { spec, description, createdAt, material } = row as unknown as Omit<Key, "arn"> & { material: Uint8Array };
    return { keyId, arn, spec, description, createdAt, material: Buffer.from(material) };
  }

  /** @throws AwsError ValidationException for a page: all keys come at once */
  list(input: unknown): unknown {
    readInput(z.strictObject({}), input);
    const rows = this.#parts.store.db.prepare("SELECT keyId FROM kms_keys").all() as { keyId: string }[];
    return { Keys: rows.map(({ keyId }) => ({ KeyId: keyId, KeyArn: keyArn(keyId) })), Truncated: false };
  }

  #aliased(alias: string): string | undefined {
    return this.#parts.store.db.prepare("SELECT keyId FROM kms_aliases WHERE name = ?").get(alias)?.keyId as
      | string
      | undefined;
  }
}

/** A key as DescribeKey and CreateKey show it. */
export function metadataOf({ keyId, arn, spec, description, createdAt }: Key): Record<string, unknown> {
  return {
    AWSAccountId: ACCOUNT,
    KeyId: keyId,
    Arn: arn,
    CreationDate: new Date(createdAt),
    Enabled: true,
    Description: description,
    KeyUsage: USAGES[spec],
    KeyState: "Enabled",
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    KeySpec: spec,
    CustomerMasterKeySpec: spec,
    MultiRegion: false,
    ...(spec === "HMAC_256" ? { MacAlgorithms: ["HMAC_SHA_256"] } : { EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"] }),
  };
}

/** @throws AwsError InvalidKeyUsageException when the key is for something else */
export function demandSpec(key: Key, spec: KeySpec, operation: string): void {
  if (key.spec === spec) return;
  const message = `${key.arn} key usage is ${USAGES[key.spec]} which is not valid for ${operation}.`;
  throw new AwsError("InvalidKeyUsageException", message);
}

function resourceOf(arn: string): string {
  const here = arnOf("kms", "");
  if (!arn.startsWith(here)) throw new AwsError("NotFoundException", `Invalid arn '${arn}'`);
  return arn.slice(here.length);
}

function keyArn(keyId: string): string {
  return arnOf("kms", `key/${keyId}`);
}

function aliasArn(alias: string): string {
  return arnOf("kms", alias);
}
