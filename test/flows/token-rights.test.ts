import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { ACCOUNT, arnOf, REGION } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import { consumerRights, consumerRolesOf } from "../../infra/rights/consumers.ts";
import { stepRights } from "../../infra/rights/steps.ts";
import { NAMES } from "../../infra/wiring.ts";
import { roleArn } from "../../local/roles.ts";
import { type UseWriter, useItemOf, useProof } from "../../protocol/index.ts";
import { CONSUMER, startTokenLab, type TokenLab, type TurnedToken } from "../token/lab.ts";
import type { Tried } from "./functions/as-consumer.ts";
import { Asked, arnsUnder } from "./rights.suite.ts";
import { until } from "./support.ts";

// What credential-rights.test.ts shows of databases, of a token: the whole flow under the rights that its steps have, over a real
// issuer; and of its consumer, which runs on no instance, under those of its role.

const PLACE = { partition: "aws", region: REGION, account: ACCOUNT };
const ROLE = "service/importer";
const HOST = "i-0123456789abcdef0";
const asked = new Asked();
let lab: TokenLab;
let token: TurnedToken;
let arns: Arns;

beforeAll(async () => {
  lab = await startTokenLab([{ word: "api", tokensPerKey: "one" }], {
    ...asked.noting,
    settings: { timeSeries: "dynamodb" },
  });
  token = lab.of("api");
  arns = await arnsUnder(lab.fleet, [token.settings], ["dynamodb"]);
  const consumed = { name: token.settings.name, consumers: [{ role: ROLE }] };
  const [role] = consumerRolesOf([consumed], arnOf, roleArn);
  if (role === undefined) throw new Error("there is no role");
  lab.fleet.aws.roles.put({ name: role.name, statements: consumerRights(role, arns) });
  const modulePath = fileURLToPath(new URL("./functions/as-consumer.ts", import.meta.url));
  lab.fleet.aws.functions.define({ name: role.name, role: role.name, modulePath, timeoutSeconds: 10 });
});
afterAll(async () => {
  await lab?.close();
});

/** By what error the consumer is refused that tries something under its role; undefined where it is not. */
async function refusalOf(tried: Tried): Promise<string | undefined> {
  const invocation = await lab.fleet.aws.functions.invoke("importer", tried);
  if (!invocation.ok) throw new Error(`the consumer itself failed: ${JSON.stringify(invocation)}`);
  return (invocation.payload as { refused?: string }).refused;
}

/** The same of a proof that it uses the current token, in whosever partition. */
async function refusalOfProof(writer: UseWriter): Promise<string | undefined> {
  const { password: credential, versionId } = await token.version();
  const use = { secret: token.settings.name, versionId, consumer: CONSUMER, timeMs: Date.now() };
  const proof = useProof({ ...use, credential });
  return refusalOf({ put: useItemOf({ ...use, ...writer, proof }, PLACE), table: NAMES.seriesTable });
}

/** Has the token turned, and the consumer prove the new one as soon as the record says that it is the current one. */
async function turn(): Promise<string> {
  const version = await token.ask();
  // The label moves a moment earlier: a proof from before the promotion was noted proves no move.
  await until(async () => (await token.record()).current?.versionId === version, "the promotion");
  expect(await refusalOfProof({ role: roleArn(ROLE) })).toBeUndefined();
  return version;
}

/** The statements of a step's role here, without an action on what is named. */
function without(step: (typeof STEPS)[number], action: string, resource: string) {
  const statements = stepRights(step, arns);
  return statements.filter(({ Action, Resource }) => !(Action.includes(action) && Resource.includes(resource)));
}

describe("a token is turned", () => {
  test("under the rights that the contracts name, its consumer seen by a proof of its role's, and its former one revoked", async () => {
    const before = await token.version();
    const version = await turn();
    await token.isTurned(version);
    expect(token.issuer.handle.honours(before.password)).toBe(false);
    expect(
      asked.seen.filter(({ allowed }) => !allowed),
      "A step asks for what its contract does not name, or infra/rights does not give it",
    ).toEqual([]);
    const has = (step: string, action: string, secret: string) =>
      asked.seen.some(
        (one) =>
          one.principal.arn.includes(`:assumed-role/keyturn-credential-${step}/`) &&
          one.action === `secretsmanager:${action}` &&
          one.resource.includes(`:secret:${secret}-`),
      );
    expect(has("push-to-authority", "PutSecretValue", token.settings.name)).toBe(true);
    for (const step of ["push-to-authority", "retire-predecessor"]) {
      expect(token.settings.keys.some((key) => has(step, "GetSecretValue", key))).toBe(true);
    }
  });

  test.each([
    ["push-to-authority", "PutSecretValue", "tokenSecrets"],
    ["push-to-authority", "GetSecretValue", "keySecrets"],
    ["retire-predecessor", "GetSecretValue", "keySecrets"],
  ] as const)("%s cannot do without %s on %s", async (name, action, of) => {
    const step = STEPS.find((one) => one.flow === "credential" && one.name === name);
    if (step === undefined) throw new Error(`there is no step ${name}`);
    const role = functionNameOf(step);
    const held = await token.version();
    const from = asked.seen.length;
    lab.fleet.aws.roles.put({ name: role, statements: without(step, `secretsmanager:${action}`, arns[of][0] ?? "") });
    try {
      const version = await (name === "retire-predecessor" ? turn() : token.ask());
      expect(await token.ended(version)).toMatchObject({ status: "FAILED" });
      // Nobody is without a token for it.
      expect(token.issuer.handle.honours((await token.version()).password)).toBe(true);
      expect(token.issuer.handle.honours(held.password)).toBe(true);
    } finally {
      lab.fleet.aws.roles.put({ name: role, statements: stepRights(step, arns) });
    }
    const denied = asked.seen.slice(from).filter(({ allowed }) => !allowed);
    expect(denied.length).toBeGreaterThan(0);
    for (const one of denied) {
      expect([one.principal.arn.includes(role), one.action]).toEqual([true, `secretsmanager:${action}`]);
    }
  });
});

describe("a consumer that runs on no instance", () => {
  test("reads its secret, and neither the API keys nor what others read", async () => {
    expect(await refusalOf({ read: token.settings.name })).toBeUndefined();
    for (const secret of token.settings.keys) expect(await refusalOf({ read: secret })).toBe("AccessDeniedException");
  });

  test("writes proofs into its role's own partition, and into no instance's, nor another role's", async () => {
    expect(await refusalOfProof({ role: roleArn(ROLE) })).toBeUndefined();
    for (const writer of [{ ec2InstanceId: HOST }, { role: roleArn("service/other") }, { role: roleArn("importer") }]) {
      expect(await refusalOfProof(writer)).toBe("AccessDeniedException");
    }
  });

  test("reads nothing of the series, not even its own", async () => {
    expect(await refusalOf({ partition: roleArn(ROLE), table: NAMES.seriesTable })).toBe("AccessDeniedException");
  });

  test("an instance writes into no role's partition", async () => {
    const { aws } = lab.fleet;
    const client = new DynamoDBClient({
      ...{ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentialsOf(HOST) },
    });
    const use = { secret: token.settings.name, versionId: "0".repeat(32), consumer: CONSUMER, timeMs: Date.now() };
    const puts = (writer: UseWriter) => {
      const Item = useItemOf({ ...use, ...writer, proof: "0".repeat(64) }, PLACE);
      return DynamoDBDocumentClient.from(client).send(new PutCommand({ TableName: NAMES.seriesTable, Item }));
    };
    await puts({ ec2InstanceId: HOST });
    await expect(puts({ role: roleArn(ROLE) })).rejects.toThrow(/not authorized to perform: dynamodb:PutItem/);
  });
});
