import {
  CreateSecretCommand,
  type CreateSecretCommandInput,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { DAY_MS, startSecrets } from "./harness.ts";

const token = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const refused = (name: string, message?: string) => ({
  name,
  ...(message !== undefined && { message: expect.stringContaining(message) }),
});

test("a secret is read by its name, its ARN, and its ARN without the six characters that AWS adds", async () => {
  const { client } = await startSecrets();
  const made = await client.send(new CreateSecretCommand({ Name: "team/db", SecretString: "s", Description: "d" }));
  expect(made.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:team\/db-[A-Za-z0-9]{6}$/);
  for (const SecretId of ["team/db", made.ARN, made.ARN?.slice(0, -7)]) {
    expect(await client.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
      ...{ ARN: made.ARN, Name: "team/db", SecretString: "s", VersionId: made.VersionId },
      ...{ VersionStages: ["AWSCURRENT"], CreatedDate: expect.any(Date) },
    });
  }
});

test("bytes come back as they were", async () => {
  const { client } = await startSecrets();
  const SecretBinary = new Uint8Array([0, 1, 254, 255]);
  await client.send(new CreateSecretCommand({ Name: "bytes", SecretBinary }));
  const read = await client.send(new GetSecretValueCommand({ SecretId: "bytes" }));
  expect(Buffer.from(read.SecretBinary ?? [])).toEqual(Buffer.from(SecretBinary));
  expect(read.SecretString).toBeUndefined();
});

test("what is not there is told apart: no secret, no value, no version, another label than the version's", async () => {
  const { client, create } = await startSecrets();
  const get = (SecretId: string, asked: object = {}) =>
    client.send(new GetSecretValueCommand({ SecretId, ...asked })).catch((error: Error) => error);
  await client.send(new CreateSecretCommand({ Name: "empty" }));
  const VersionId = await create("one");
  expect(await get("none")).toMatchObject(refused("ResourceNotFoundException", "can't find the specified secret."));
  expect(await get("empty")).toMatchObject(refused("ResourceNotFoundException", "staging label: AWSCURRENT"));
  expect(await get("one", { VersionStage: "AWSPENDING" })).toMatchObject(
    refused("ResourceNotFoundException", "staging label: AWSPENDING"),
  );
  expect(await get("one", { VersionId: token(9) })).toMatchObject(refused("ResourceNotFoundException", token(9)));
  expect(await get("one", { VersionId, VersionStage: "AWSPENDING" })).toMatchObject(refused("InvalidRequestException"));
});

test("a secret is made once for a token, and its name is taken then", async () => {
  const { client } = await startSecrets();
  const make = (changes: Partial<CreateSecretCommandInput> = {}) =>
    client.send(new CreateSecretCommand({ Name: "one", ClientRequestToken: token(1), SecretString: "s", ...changes }));
  const made = await make();
  expect(await make()).toMatchObject({ ARN: made.ARN, VersionId: token(1) });
  const exists = refused("ResourceExistsException");
  await expect(make({ SecretString: "other" })).rejects.toMatchObject(exists);
  await expect(make({ ClientRequestToken: token(2) })).rejects.toMatchObject(exists);
});

test("a value that is put is the current one, and the one before the previous", async () => {
  const { client, create, stages, value } = await startSecrets();
  const first = await create("one");
  const put = await client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: "second" }));
  expect(put.VersionStages).toEqual(["AWSCURRENT"]);
  const second = put.VersionId ?? "";
  expect(await stages("one")).toEqual({ [first]: ["AWSPREVIOUS"], [second]: ["AWSCURRENT"] });
  expect([await value("one"), await value("one", "AWSPREVIOUS")]).toEqual(["second", "first"]);
  const { VersionId: third = "" } = await client.send(
    new UpdateSecretCommand({ SecretId: "one", SecretString: "third" }),
  );
  expect(await stages("one")).toEqual({ [second]: ["AWSPREVIOUS"], [third]: ["AWSCURRENT"] });
});

test("the first value is current, whatever its labels", async () => {
  const { client, stages } = await startSecrets();
  await client.send(new CreateSecretCommand({ Name: "one" }));
  const labels = { ClientRequestToken: token(1), VersionStages: ["AWSPENDING"] };
  await client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: "s", ...labels }));
  expect(await stages("one")).toEqual({ [token(1)]: ["AWSCURRENT", "AWSPENDING"] });
});

test("the same token and data does nothing, other data fails, and nothing is changed by either", async () => {
  const { client, create, stages, value } = await startSecrets();
  await create("one");
  const put = (changes: Partial<PutSecretValueCommandInput> = {}) =>
    client.send(
      new PutSecretValueCommand({
        ...{ SecretId: "one", ClientRequestToken: token(1), SecretString: "s", VersionStages: ["AWSPENDING"] },
        ...changes,
      }),
    );
  await put();
  const before = await stages("one");
  expect(await put()).toMatchObject({ VersionId: token(1), VersionStages: ["AWSPENDING"] });
  expect(await put({ VersionStages: ["AWSCURRENT"] })).toMatchObject({ VersionStages: ["AWSPENDING"] });
  const inUse = refused("ResourceExistsException", token(1));
  const failure = await put({ SecretString: "other" }).catch((error: Error) => error);
  expect(failure).toMatchObject(inUse);
  expect((failure as Error).message).not.toContain("other");
  const SecretBinary = Buffer.from("s");
  await expect(put({ SecretString: undefined, SecretBinary })).rejects.toMatchObject(inUse);
  expect(await stages("one")).toEqual(before);
  expect(await value("one", "AWSPENDING")).toBe("s");
  // An update never is the same again.
  const update = { SecretId: "one", ClientRequestToken: token(1), SecretString: "s" };
  await expect(client.send(new UpdateSecretCommand(update))).rejects.toMatchObject(inUse);
});

test("one value, and not both or none", async () => {
  const { client, create } = await startSecrets();
  await create("one");
  const put = (value: object) => client.send(new PutSecretValueCommand({ SecretId: "one", ...value }));
  for (const value of [{}, { SecretString: "s", SecretBinary: Buffer.from("s") }]) {
    await expect(put(value)).rejects.toMatchObject(refused("InvalidParameterException", "either SecretString"));
  }
  await expect(put({ SecretString: "x".repeat(65_537) })).rejects.toMatchObject(refused("InvalidParameterException"));
});

test("AWSCURRENT moves where it is said from whom, and AWSPREVIOUS goes with it by itself", async () => {
  const { client, create, stages } = await startSecrets();
  const first = await create("one");
  const pending = { ClientRequestToken: token(1), SecretString: "s", VersionStages: ["AWSPENDING"] };
  await client.send(new PutSecretValueCommand({ SecretId: "one", ...pending }));
  const move = (changes: object) =>
    client.send(new UpdateSecretVersionStageCommand({ SecretId: "one", VersionStage: "AWSCURRENT", ...changes }));
  const invalid = refused("InvalidParameterException");
  await expect(move({ MoveToVersionId: token(1) })).rejects.toMatchObject(
    refused("InvalidParameterException", `currently attached to version ${first}`),
  );
  await expect(move({ MoveToVersionId: token(1), RemoveFromVersionId: token(1) })).rejects.toMatchObject(invalid);
  await expect(move({ RemoveFromVersionId: first })).rejects.toMatchObject(invalid);
  await expect(move({ MoveToVersionId: token(7), RemoveFromVersionId: first })).rejects.toMatchObject(
    refused("ResourceNotFoundException"),
  );
  await move({ MoveToVersionId: token(1), RemoveFromVersionId: first });
  expect(await stages("one")).toEqual({ [first]: ["AWSPREVIOUS"], [token(1)]: ["AWSPENDING", "AWSCURRENT"] });
  // The same once more, since its answer was lost: the label is not where it says.
  await expect(move({ MoveToVersionId: token(1), RemoveFromVersionId: first })).rejects.toMatchObject(invalid);
  await move({ MoveToVersionId: token(1) });
  const take = { VersionStage: "AWSPENDING", RemoveFromVersionId: token(1) };
  await move(take);
  expect(await stages("one")).toEqual({ [first]: ["AWSPREVIOUS"], [token(1)]: ["AWSCURRENT"] });
  await expect(move(take)).rejects.toMatchObject(
    refused("InvalidParameterException", "it must be set to the version that currently has"),
  );
});

test("a label of one's own is put on a version, and is taken off", async () => {
  const { client, create, stages } = await startSecrets();
  const first = await create("one");
  const label = { SecretId: "one", VersionStage: "KEEP" };
  await client.send(new UpdateSecretVersionStageCommand({ ...label, MoveToVersionId: first }));
  expect(await stages("one")).toEqual({ [first]: ["AWSCURRENT", "KEEP"] });
  await expect(client.send(new UpdateSecretVersionStageCommand(label))).rejects.toMatchObject(
    refused("InvalidParameterException"),
  );
  await client.send(new UpdateSecretVersionStageCommand({ ...label, RemoveFromVersionId: first }));
  expect(await stages("one")).toEqual({ [first]: ["AWSCURRENT"] });
});

test("versions are listed by their labels, in pages, and those without one where they are asked for", async () => {
  const { client, create } = await startSecrets();
  await create("one");
  for (let n = 1; n <= 3; n += 1) {
    const put = { ClientRequestToken: token(n), SecretString: `${n}` };
    await client.send(new PutSecretValueCommand({ SecretId: "one", ...put }));
  }
  const list = (asked: object = {}) => client.send(new ListSecretVersionIdsCommand({ SecretId: "one", ...asked }));
  expect((await list()).Versions?.map(({ VersionId, VersionStages }) => [VersionId, VersionStages])).toEqual([
    [token(2), ["AWSPREVIOUS"]],
    [token(3), ["AWSCURRENT"]],
  ]);
  const page = await list({ IncludeDeprecated: true, MaxResults: 3 });
  expect(page.Versions).toHaveLength(3);
  const last = await list({ IncludeDeprecated: true, MaxResults: 3, NextToken: page.NextToken });
  expect(last).toMatchObject({ Versions: [{ VersionId: token(3) }] });
  expect(last.NextToken).toBeUndefined();
  await expect(list({ NextToken: "made up" })).rejects.toMatchObject(refused("InvalidNextTokenException"));
});

test("a hundred versions, of which those of the last day stay, and those that have a label always", async () => {
  const { client, clock, create } = await startSecrets();
  const first = await create("one");
  const keep = { SecretId: "one", VersionStage: "KEEP", MoveToVersionId: first };
  await client.send(new UpdateSecretVersionStageCommand(keep));
  const put = (n: number) =>
    client.send(new PutSecretValueCommand({ SecretId: "one", ClientRequestToken: token(n), SecretString: `${n}` }));
  for (let n = 1; n < 100; n += 1) await put(n);
  await expect(put(100)).rejects.toMatchObject(refused("LimitExceededException"));
  await clock.move(DAY_MS);
  await put(100);
  const all = { SecretId: "one", IncludeDeprecated: true };
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand(all));
  expect(Versions).toHaveLength(100);
  const ids = Versions.map(({ VersionId }) => VersionId);
  expect([first, token(1), token(2), token(100)].map((id) => ids.includes(id))).toEqual([true, false, true, true]);
});
