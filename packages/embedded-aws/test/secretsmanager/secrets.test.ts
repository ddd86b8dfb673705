import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetRandomPasswordCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutResourcePolicyCommand,
  RotateSecretCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { DAY_MS, ROTATOR, startSecrets } from "./harness.ts";

test("a secret is described without its value", async () => {
  const { client, clock, describe, create } = await startSecrets();
  const VersionId = await create("one", "hunter2");
  const at = new Date(clock.now());
  const described = await describe("one");
  expect(described).toMatchObject({
    ...{ Name: "one", CreatedDate: at, LastChangedDate: at, VersionIdsToStages: { [VersionId]: ["AWSCURRENT"] } },
  });
  expect(JSON.stringify(described)).not.toContain("hunter2");
  expect(described.RotationEnabled).toBeUndefined();
  await client.send(new UpdateSecretCommand({ SecretId: "one", Description: "of the team" }));
  await client.send(new GetSecretValueCommand({ SecretId: "one" }));
  // Of a read AWS says the day alone.
  const LastAccessedDate = new Date(Date.UTC(2026, 10, 20));
  expect(await describe("one")).toMatchObject({ Description: "of the team", LastAccessedDate });
});

test("secrets are listed in the order in which they were made, in pages, and by the start of their names", async () => {
  const { client, create } = await startSecrets();
  for (const name of ["b/1", "a/1", "b/2"]) await create(name);
  const names = async (asked: object) => {
    const { SecretList = [], NextToken } = await client.send(new ListSecretsCommand(asked));
    return { names: SecretList.map(({ Name }) => Name), NextToken };
  };
  const page = await names({ MaxResults: 2 });
  expect(page.names).toEqual(["b/1", "a/1"]);
  expect(await names({ MaxResults: 2, NextToken: page.NextToken })).toEqual({ names: ["b/2"], NextToken: undefined });
  expect((await names({ MaxResults: 3 })).NextToken).toBeUndefined();
  const filtered = async (...Values: string[]) => (await names({ Filters: [{ Key: "name", Values }] })).names;
  expect(await filtered("b/")).toEqual(["b/1", "b/2"]);
  expect(await filtered("!b/")).toEqual(["a/1"]);
  await expect(names({ NextToken: "made up" })).rejects.toMatchObject({ name: "InvalidNextTokenException" });
});

test("a deleted secret gives no value, is listed where that is asked for, and is gone after its window", async () => {
  const { client, clock, describe, create } = await startSecrets();
  await create("one");
  const deleted = await client.send(new DeleteSecretCommand({ SecretId: "one", RecoveryWindowInDays: 7 }));
  const DeletedDate = new Date(clock.now() + 7 * DAY_MS);
  expect(deleted.DeletionDate).toEqual(DeletedDate);
  expect(await describe("one")).toMatchObject({ DeletedDate });
  const marked = { name: "InvalidRequestException", message: expect.stringContaining("marked for deletion") };
  await expect(client.send(new GetSecretValueCommand({ SecretId: "one" }))).rejects.toMatchObject(marked);
  await expect(client.send(new DeleteSecretCommand({ SecretId: "one" }))).rejects.toMatchObject(marked);
  await expect(create("one")).rejects.toMatchObject({ name: "InvalidRequestException" });
  const list = async (asked: object) => (await client.send(new ListSecretsCommand(asked))).SecretList?.length;
  expect([await list({}), await list({ IncludePlannedDeletion: true })]).toEqual([0, 1]);
  await clock.move(7 * DAY_MS);
  await expect(describe("one")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await create("one");
});

test("a secret that is deleted by force is gone, and one that is not there is none to complain of", async () => {
  const { client, create, describe } = await startSecrets();
  await create("one");
  const force = { SecretId: "one", ForceDeleteWithoutRecovery: true };
  await client.send(new DeleteSecretCommand(force));
  await client.send(new DeleteSecretCommand(force));
  await expect(describe("one")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(client.send(new DeleteSecretCommand({ SecretId: "one" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  await expect(client.send(new DeleteSecretCommand({ ...force, RecoveryWindowInDays: 7 }))).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
});

test("a policy comes back as it was put; one for everybody is not taken where that is asked", async () => {
  const { client, create } = await startSecrets();
  await create("one");
  const get = async () => (await client.send(new GetResourcePolicyCommand({ SecretId: "one" }))).ResourcePolicy;
  const put = (Principal: unknown, BlockPublicPolicy = true) => {
    const statement = { Effect: "Allow", Principal, Action: "secretsmanager:GetSecretValue", Resource: "*" };
    const ResourcePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    return client.send(new PutResourcePolicyCommand({ SecretId: "one", ResourcePolicy, BlockPublicPolicy }));
  };
  expect(await get()).toBeUndefined();
  await expect(put("*")).rejects.toMatchObject({ name: "PublicPolicyException" });
  await expect(put({ AWS: "*" })).rejects.toMatchObject({ name: "PublicPolicyException" });
  await put({ AWS: "arn:aws:iam::000000000000:role/reader" });
  expect(await get()).toContain("role/reader");
  await put("*", false);
  expect(await get()).toContain('"Principal":"*"');
  const malformed = new PutResourcePolicyCommand({ SecretId: "one", ResourcePolicy: "{" });
  await expect(client.send(malformed)).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
});

test("a key that is not there encrypts nothing", async () => {
  const { client } = await startSecrets();
  const made = new CreateSecretCommand({ Name: "one", SecretString: "s", KmsKeyId: "alias/none" });
  await expect(client.send(made)).rejects.toMatchObject({ name: "EncryptionFailure" });
});

test("what is not known here is refused, and no value stands in the refusal", async () => {
  const { client, create } = await startSecrets();
  await create("one");
  const Tags = [{ Key: "team", Value: "keys" }];
  const refusal = await client
    .send(new CreateSecretCommand({ Name: "two", SecretString: "hunter2", Tags }))
    .catch((error: Error) => error);
  expect(refusal).toMatchObject({ name: "InvalidParameterException", message: expect.stringContaining("Tags") });
  expect(String(refusal)).not.toContain("hunter2");
  const odd = new RotateSecretCommand({ SecretId: "one", RotationLambdaARN: ROTATOR, ClientRequestToken: "short" });
  await expect(client.send(odd)).rejects.toMatchObject({ name: "InvalidParameterException" });
});

test("a random password has the length and the characters that are asked for, and each type of them", async () => {
  const { client } = await startSecrets();
  const draw = async (asked: object = {}) =>
    (await client.send(new GetRandomPasswordCommand(asked))).RandomPassword ?? "";
  expect(await draw()).toHaveLength(32);
  for (let n = 0; n < 50; n += 1) {
    expect(await draw({ PasswordLength: 4 })).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[^a-zA-Z0-9 ]).{4}$/);
    expect(await draw({ PasswordLength: 41, ExcludePunctuation: true, ExcludeCharacters: "0Oo" })).toMatch(
      /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?!.*[0Oo])[a-zA-Z0-9]{41}$/,
    );
  }
  const none = { ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true };
  expect(await draw({ PasswordLength: 5, ...none, ExcludeCharacters: "bcdefghijklmnopqrstuvwxyz" })).toBe("aaaaa");
  expect(await draw({ PasswordLength: 2, ...none, IncludeSpace: true })).toMatch(/^( [a-z]|[a-z] )$/);
  expect(await draw({ PasswordLength: 1, RequireEachIncludedType: false })).toHaveLength(1);
  for (const asked of [{ PasswordLength: 3 }, { ...none, ExcludeLowercase: true }]) {
    await expect(draw(asked)).rejects.toMatchObject({ name: "InvalidParameterException" });
  }
});
