import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished, test, vi } from "vitest";
import { ACCOUNT, type EmbeddedAws, type FunctionPermission, functionArn, startAws } from "../../src/index.ts";

const READER = "i-00000000000000001";
const SECRETS_MANAGER = "secretsmanager.amazonaws.com";

async function start() {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  const log: string[] = [];
  const aws = await startAws({
    folder,
    log: (sentence) => log.push(sentence),
    instanceRole: { name: "reader", id: "AROAREADER", statements: [] },
  });
  onTestFinished(async () => {
    await aws.close();
    rmSync(folder, { recursive: true });
  });
  const clientOf = (credentials: EmbeddedAws["credentials"]) =>
    new SecretsManagerClient({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
  const operator = clientOf(aws.credentials);
  const make = async (Name: string) =>
    (await operator.send(new CreateSecretCommand({ Name, SecretString: "first" }))).ARN ?? "";
  return { aws, log, operator, reader: clientOf(aws.credentialsOf(READER)), make };
}

/** Defines the rotation function with its role, and who may invoke it. */
function define(aws: EmbeddedAws, permissions: FunctionPermission[]): void {
  const modulePath = join(import.meta.dirname, "functions", "rotate.ts");
  aws.functions.define({ name: "rotate", modulePath, role: "rotator", timeoutSeconds: 30, permissions });
}

const OWN = ["DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"].map((name) => `secretsmanager:${name}`);

test("a function rotates a secret by its own role, invoked by Secrets Manager for this secret in this account", async () => {
  const { aws, operator, make } = await start();
  const [SecretId, other] = [await make("one"), await make("other")];
  aws.roles.put({ name: "rotator", statements: [{ Effect: "Allow", Action: OWN, Resource: [SecretId] }] });
  aws.resume();
  const rotate = () => operator.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: functionArn("rotate") }));
  const cannot = {
    name: "AccessDeniedException",
    message: expect.stringContaining("Secrets Manager cannot invoke the specified Lambda function."),
  };
  await expect(rotate()).rejects.toMatchObject(cannot);
  for (const permissions of [
    [],
    [{ principal: "events.amazonaws.com" }],
    [{ principal: SECRETS_MANAGER, sourceArn: other }],
    [{ principal: SECRETS_MANAGER, sourceAccount: "111111111111" }],
  ]) {
    define(aws, permissions);
    await expect(rotate()).rejects.toMatchObject(cannot);
  }
  define(aws, [{ principal: SECRETS_MANAGER, sourceArn: SecretId, sourceAccount: ACCOUNT }]);
  await rotate();
  const value = async () => (await operator.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  await vi.waitFor(async () => expect(await value()).toBe("turned"), 20_000);
});

test("a function whose role may not do it rotates nothing, and the log says which step it was", async () => {
  const { aws, log, operator, make } = await start();
  const SecretId = await make("one");
  aws.roles.put({ name: "rotator", statements: [{ Effect: "Allow", Action: OWN.slice(0, 1), Resource: [SecretId] }] });
  define(aws, [{ principal: SECRETS_MANAGER }]);
  aws.resume();
  await operator.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: functionArn("rotate") }));
  const why = "The rotation of the secret one failed: createSecret ended with AccessDeniedException";
  await vi.waitFor(() => expect(log.join("\n")).toContain(why), 20_000);
  expect((await operator.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe("first");
});

test("a secret's own policy gives and denies, to those whom it names", async () => {
  const { operator, reader, make } = await start();
  const SecretId = await make("one");
  const put = (Effect: string) => {
    const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:role/reader` };
    const statement = { Effect, Principal, Action: "secretsmanager:GetSecretValue", Resource: "*" };
    const ResourcePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    return operator.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  };
  const get = () => reader.send(new GetSecretValueCommand({ SecretId: "one" }));
  await expect(get()).rejects.toThrow(
    `GetSecretValue on resource: ${SecretId} because no identity-based policy allows`,
  );
  await put("Allow");
  expect((await get()).SecretString).toBe("first");
  await put("Deny");
  await expect(get()).rejects.toThrow("with an explicit deny in a resource-based policy");
});

test("whoever asks for a secret that is not there must be allowed to ask, by the ARN that it would have", async () => {
  const { reader } = await start();
  await expect(reader.send(new GetSecretValueCommand({ SecretId: "none" }))).rejects.toThrow(
    `GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:none because`,
  );
});
