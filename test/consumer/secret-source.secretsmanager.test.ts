import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { secretsManagerSource } from "../../consumer/secret-source.secretsmanager.ts";
import { expectFailure, MARK } from "./marked.ts";
import { secretSourceSuite } from "./secret-source.suite.ts";
import { SecretsManager } from "./secrets-manager.ts";

const manager = new SecretsManager();
const SETTINGS = {
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example-secret",
  AWS_ENDPOINT_URL_SECRETS_MANAGER: "",
};
const saved = Object.keys(SETTINGS).map((name) => [name, process.env[name]] as const);

beforeAll(async () => {
  await manager.start();
  Object.assign(process.env, { ...SETTINGS, AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.endpoint });
});
afterAll(async () => {
  for (const [name, value] of saved) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await manager.close();
});

const sourceOf = (secretId: string) => secretsManagerSource(secretId, { region: "us-east-1" });

describe("a secret in Secrets Manager", () => {
  secretSourceSuite(() => {
    const source = sourceOf("orders/db");
    return {
      source,
      put: (versionId, value) => {
        manager.current = { versionId, value };
      },
      refuse: (reason) => {
        manager.refusal = reason;
      },
      reads: () => manager.calls,
      close: async () => source.close(),
    };
  });
});

describe("beyond that", () => {
  const VALUE = `{"username":"a","password":"${MARK}"}`;
  const versionId = "7d9b318d-7543-4923-813d-660b51a4553f";
  afterEach(() => {
    manager.raw = undefined;
  });

  test("a secret that was asked for by its ARN is known by its name", async () => {
    manager.current = { versionId, value: VALUE };
    const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:orders/db-AbCdEf";
    const source = sourceOf(arn);
    expect(await source.read()).toMatchObject({ secret: "orders/db" });
    expect(manager.asked).toBe(arn);
    source.close();
  });

  test.each([
    ["an answer that breaks off", `{"Name":"orders/db","SecretString":${JSON.stringify(VALUE)},"Vers`],
    ["no JSON", `${MARK} ${VALUE}`],
    ["a binary value", `{"Name":"orders/db","VersionId":"v","SecretBinary":"${Buffer.from(MARK).toString("base64")}"}`],
    ["no version", `{"Name":"orders/db","SecretString":${JSON.stringify(VALUE)}}`],
  ])("%s is a failure in which the value does not stand", async (_, body) => {
    manager.raw = { status: 200, body };
    const source = sourceOf("orders/db");
    const failure = await source.read().catch((error: unknown) => error);
    expectFailure(failure, "The secret orders/db ");
    source.close();
  });

  test("of what AWS says, the first line is told", async () => {
    manager.refusal = "InvalidSignatureException";
    const source = sourceOf("orders/db");
    await expect(source.read()).rejects.toThrow(/^The secret .* read: InvalidSignatureException: It says why\.$/);
    manager.refusal = undefined;
    source.close();
  });

  test("where nobody answers, it says so", async () => {
    const gone = new SecretsManager();
    await gone.start();
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = gone.endpoint;
    await gone.close();
    const source = sourceOf("orders/db");
    await expect(source.read()).rejects.toThrow("ECONNREFUSED");
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = manager.endpoint;
    source.close();
  });
});
