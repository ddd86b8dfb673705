import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  KMSClient,
  ListKeysCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Kms } from "../../src/kms/kms.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

const TEXT = Buffer.from("0123456789abcdef".repeat(2));
const CONTEXT = { id: "0a1b2c", ec2InstanceId: "i-0a1b2c3d", generation: "1" };

let aws: Embedded;
let client: KMSClient;
let aesKey = "";
let otherKey = "";
let macKey = "";

beforeAll(async () => {
  aws = await startEmbedded((parts) => [new Kms(parts).service]);
  client = new KMSClient(aws.config);
  aesKey = await create("SYMMETRIC_DEFAULT");
  otherKey = await create("SYMMETRIC_DEFAULT");
  macKey = await create("HMAC_256");
});
afterAll(() => aws.close());

async function create(spec: "SYMMETRIC_DEFAULT" | "HMAC_256"): Promise<string> {
  const usage = spec === "HMAC_256" ? "GENERATE_VERIFY_MAC" : "ENCRYPT_DECRYPT";
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: usage }));
  return KeyMetadata?.KeyId ?? "";
}

async function encrypt(context: Record<string, string> = CONTEXT): Promise<Uint8Array> {
  const command = new EncryptCommand({ KeyId: aesKey, Plaintext: TEXT, EncryptionContext: context });
  return (await client.send(command)).CiphertextBlob ?? new Uint8Array();
}

const decrypt = (blob: Uint8Array, context: Record<string, string> | undefined, KeyId?: string) =>
  client.send(
    new DecryptCommand({
      CiphertextBlob: blob,
      ...(context && { EncryptionContext: context }),
      ...(KeyId !== undefined && { KeyId }),
    }),
  );

test("what was encrypted is decrypted under the same context, in whatever order", async () => {
  const blob = await encrypt();
  expect(Buffer.from(blob).includes(TEXT)).toBe(false);
  const reversed = Object.fromEntries(Object.entries(CONTEXT).reverse());
  const answer = await decrypt(blob, reversed, aesKey);
  expect(Buffer.from(answer.Plaintext ?? [])).toEqual(TEXT);
  expect(answer.KeyId).toMatch(new RegExp(`^arn:aws:kms:us-east-1:\\d{12}:key/${aesKey}$`));
  expect(answer.EncryptionAlgorithm).toBe("SYMMETRIC_DEFAULT");
});

test("the ciphertext names its key, so that decrypting needs none", async () => {
  expect(Buffer.from((await decrypt(await encrypt(), CONTEXT)).Plaintext ?? [])).toEqual(TEXT);
});

test("encrypting twice gives two ciphertexts", async () => {
  expect(Buffer.from(await encrypt())).not.toEqual(Buffer.from(await encrypt()));
});

test.each([
  ["none", undefined],
  ["another value", { ...CONTEXT, generation: "2" }],
  ["one entry more", { ...CONTEXT, more: "1" }],
  ["one entry less", { id: "0a1b2c", ec2InstanceId: "i-0a1b2c3d" }],
])("another encryption context is refused: %s", async (_what, context) => {
  await expect(decrypt(await encrypt(), context, aesKey)).rejects.toMatchObject({ name: "InvalidCiphertextException" });
});

test("an altered ciphertext is refused wherever it was altered", async () => {
  const blob = await encrypt();
  for (let at = 0; at < blob.length; at += 1) {
    const altered = Uint8Array.from(blob, (byte, index) => (index === at ? byte ^ 1 : byte));
    await expect(decrypt(altered, CONTEXT)).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  }
  await expect(decrypt(Buffer.from("short"), CONTEXT)).rejects.toMatchObject({ name: "InvalidCiphertextException" });
});

test("a ciphertext of another key is refused as such", async () => {
  await expect(decrypt(await encrypt(), CONTEXT, otherKey)).rejects.toMatchObject({ name: "IncorrectKeyException" });
});

test("a MAC is the same each time, differs by message and key, and is verified", async () => {
  const mac = async (message: string, KeyId = macKey) => {
    const input = { KeyId, MacAlgorithm: "HMAC_SHA_256", Message: Buffer.from(message) } as const;
    return Buffer.from((await client.send(new GenerateMacCommand(input))).Mac ?? []);
  };
  const one = await mac("one");
  expect(one).toHaveLength(32);
  expect(await mac("one")).toEqual(one);
  expect(await mac("two")).not.toEqual(one);
  expect(await mac("one", await create("HMAC_256"))).not.toEqual(one);
});

test("a key is found by ID, ARN, alias and alias ARN", async () => {
  const alias = `alias/test-${aesKey}`;
  await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: aesKey }));
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: aesKey }));
  const arn = KeyMetadata?.Arn ?? "";
  expect(KeyMetadata).toMatchObject({ KeyId: aesKey, KeyState: "Enabled", KeyUsage: "ENCRYPT_DECRYPT", Enabled: true });
  for (const name of [arn, alias, arn.replace(/key\/.*$/, alias)]) {
    expect((await client.send(new DescribeKeyCommand({ KeyId: name }))).KeyMetadata?.KeyId).toBe(aesKey);
  }
  const again = new CreateAliasCommand({ AliasName: alias, TargetKeyId: otherKey });
  await expect(client.send(again)).rejects.toMatchObject({ name: "AlreadyExistsException" });
});

test("an HMAC key is made only for what it is used for", async () => {
  await expect(client.send(new CreateKeyCommand({ KeySpec: "HMAC_256" }))).rejects.toMatchObject({
    name: "ValidationException",
    message: "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
  });
});

test("an alias is of a key, and not one of AWS's own", async () => {
  const alias = (AliasName: string, TargetKeyId: string) =>
    client.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  await expect(alias("alias/aws/ssm", aesKey)).rejects.toMatchObject({ name: "NotAuthorizedException" });
  await alias("alias/awsome", aesKey);
  for (const target of ["alias/awsome", "arn:aws:kms:us-east-1:000000000000:alias/awsome"]) {
    await expect(alias("alias/second", target)).rejects.toMatchObject({
      name: "ValidationException",
      message: "Aliases must refer to keys. Not aliases",
    });
  }
});

test.each([
  ["00000000-0000-0000-0000-000000000000", /^Key 'arn:aws:kms:.*' does not exist$/],
  ["alias/test-none", /^Alias arn:aws:kms:.*:alias\/test-none is not found\.$/],
  ["no-key", /^Invalid keyId 'no-key'/],
])("a key that is not there is not found: %s", async (KeyId, message) => {
  await expect(client.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
    name: "NotFoundException",
    message,
  });
});

test("a key is refused for what it is not for", async () => {
  const encryptWithMac = new EncryptCommand({ KeyId: macKey, Plaintext: TEXT });
  await expect(client.send(encryptWithMac)).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  const mac = (KeyId: string, MacAlgorithm: "HMAC_SHA_256" | "HMAC_SHA_512") =>
    client.send(new GenerateMacCommand({ KeyId, MacAlgorithm, Message: TEXT }));
  await expect(mac(aesKey, "HMAC_SHA_256")).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  await expect(mac(macKey, "HMAC_SHA_512")).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
});

test("a plaintext of 4,097 bytes and one of none are refused", async () => {
  for (const Plaintext of [Buffer.alloc(4097), Buffer.alloc(0)]) {
    const command = new EncryptCommand({ KeyId: aesKey, Plaintext });
    await expect(client.send(command)).rejects.toMatchObject({ name: "ValidationException" });
  }
  await client.send(new EncryptCommand({ KeyId: aesKey, Plaintext: Buffer.alloc(4096) }));
});

test("ListKeys lists every key, and knows no pages", async () => {
  const { Keys = [], Truncated } = await client.send(new ListKeysCommand({}));
  expect(Keys.map(({ KeyId }) => KeyId)).toEqual(expect.arrayContaining([aesKey, otherKey, macKey]));
  expect(Keys[0]?.KeyArn).toBe(`arn:aws:kms:us-east-1:000000000000:key/${Keys[0]?.KeyId}`);
  expect(Truncated).toBe(false);
  await expect(client.send(new ListKeysCommand({ Limit: 1 }))).rejects.toMatchObject({ name: "ValidationException" });
});
