import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type EmbeddedAws, Faults, functionArn, startAws } from "embedded-aws";
import { afterAll, expect, test } from "vitest";
import { managedSecrets } from "../../../functions/clients/secrets.secretsmanager.ts";
import { eventually } from "./eventually.ts";
import { secretsSuite } from "./secrets.suite.ts";

// An AWS of its own: here rotations are asked for of a function that does nothing, and reads lag when they are told to.

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
let aws: EmbeddedAws | undefined;
let client: SecretsManagerClient;
afterAll(async () => {
  await aws?.close();
  rmSync(folder, { recursive: true });
});

secretsSuite(async () => {
  /** While reads are behind, what they show is what was so at this moment. */
  let behindSince: number | undefined;
  const faults = new (class extends Faults {
    override lagMs(): number {
      return behindSince === undefined ? 0 : Date.now() - behindSince;
    }
  })("seed", {});
  aws = await startAws({ folder, faults });
  writeFileSync(join(folder, "idle.mjs"), "export const handler = async () => null;");
  aws.functions.define({ name: "idle", modulePath: join(folder, "idle.mjs") });
  aws.resume();
  const { endpoint, region, credentials } = aws;
  client = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
  const inMilliseconds = () => new Promise((resolve) => setTimeout(resolve, 3));
  return {
    secrets: managedSecrets(client),
    async create(Name, ClientRequestToken, SecretString) {
      await client.send(new CreateSecretCommand({ Name, ClientRequestToken, SecretString }));
    },
    async begin(SecretId, ClientRequestToken) {
      const by = { RotationLambdaARN: functionArn("idle") };
      await client.send(new RotateSecretCommand({ SecretId, ClientRequestToken, ...by }));
    },
    async putCurrent(SecretId, ClientRequestToken, SecretString) {
      await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString }));
    },
    async putPolicy(SecretId, ResourcePolicy) {
      await client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
    },
    async switchRotation(SecretId, to) {
      if (to === "off") return void (await client.send(new CancelRotateSecretCommand({ SecretId })));
      const by = { RotationLambdaARN: functionArn("idle"), RotateImmediately: false };
      await client.send(new RotateSecretCommand({ SecretId, ...by }));
      // The function is asked whether it can, under a version of its own.
      const pending = async () => (await managedSecrets(client).stages(SecretId))?.pending;
      await eventually(pending, (version) => version === undefined);
    },
    async delete(SecretId) {
      await client.send(new DeleteSecretCommand({ SecretId }));
    },
    async fallBehind() {
      // What was done before must not be of the same millisecond.
      await inMilliseconds();
      behindSince = Date.now();
      await inMilliseconds();
      return () => {
        behindSince = undefined;
      };
    },
  };
});

test("a value that is bytes is no text, and is not told", async () => {
  const made = { Name: "test/bytes", SecretBinary: Buffer.from("hunter2") };
  const { VersionId = "" } = await client.send(new CreateSecretCommand(made));
  const failure = await managedSecrets(client)
    .read("test/bytes", VersionId)
    .catch((error: Error) => error);
  expect(String(failure)).toContain("holds bytes");
  expect(String(failure)).not.toContain("hunter2");
});

test("no rotation is asked for of a secret for which no function was ever named", async () => {
  await client.send(new CreateSecretCommand({ Name: "test/still", SecretString: "value" }));
  const asked = managedSecrets(client).askForRotation("test/still", "1".repeat(32));
  await expect(asked).rejects.toMatchObject({ name: "InvalidRequestException" });
  expect((await managedSecrets(client).stages("test/still"))?.pending).toBeUndefined();
});
