import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ListCommandsCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalIssuer } from "../../../local/issuer/start-issuer.ts";
import { flowArn } from "../../../local/roles.ts";
import { ShopSecrets } from "../../../local/shop/secrets.ts";
import { KEY_SECRETS, SHOP_SECRET } from "../../../local/shop/shop.ts";
import { type Shop, startShop } from "../../../local/shop/start-shop.ts";
import { ShopVisitors } from "../../../local/shop/visitors.ts";
import { DATABASE, filesBelow, formsOf, tablesHolding } from "../../credential/searching.ts";
import { startTestFleet, type TestFleet, until } from "../../flows/support.ts";

/*
 * Everything together as npm start has it: a fleet, a token issuer, and an application that calls its API. Then it is looked for
 * tokens and API keys everywhere.
 */

const MARK = `Marked${"0123456789".repeat(3)}Marked`;

let folder: string;
/** What went over the wire to AWS, one text a message. */
const traffic: { operation: string; text: string }[] = [];
let shop: Shop & { issuer: LocalIssuer };
let fleet: TestFleet;
let secrets: ShopSecrets;
let secretsManager: SecretsManagerClient;
let visitors: ShopVisitors;
let visiting: NodeJS.Timeout;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  shop = await startShop(folder, { quietSeconds: 2, deadlineSeconds: 60, lifetimeSeconds: 3600 });
  fleet = await startTestFleet(1, {
    shop,
    onTraffic: ({ operation, request, response }) => {
      const bytes = [request.url, request.body, response?.body].map((part) => Buffer.from(part ?? ""));
      traffic.push({ operation, text: Buffer.concat(bytes).toString("latin1") });
    },
  });
  secrets = new ShopSecrets(fleet.aws);
  const { endpoint, region, credentials } = fleet.aws;
  secretsManager = new SecretsManagerClient({ endpoint, region, credentials });
  visitors = new ShopVisitors({ ports: shop.ports, tell: () => {} });
});
afterAll(async () => {
  clearInterval(visiting);
  secrets?.close();
  secretsManager?.destroy();
  await fleet?.close();
  await shop?.issuer.close();
  rmSync(folder, { recursive: true });
});

const executions = () => fleet.aws.executions.list(flowArn("credential"), 100);
const ended = (versionId: string) =>
  until(() => {
    const execution = executions().find(({ name }) => name.includes(versionId));
    return execution?.status === "RUNNING" ? undefined : execution;
  }, `the end of the rotation of version ${versionId}`);

test("its first rotation is that of a secret without a token, and the application is served", async () => {
  const isServed = async () => (await visitors.pageOf("cart"))?.api_status === "ACCEPTED";
  await until(isServed, "cart to be served");
  const { versionId = "" } = (await secrets.current()) ?? {};
  expect(await ended(versionId)).toMatchObject({ status: "SUCCEEDED", output: expect.stringContaining("ROTATED") });
});

test("through two rotations it is never refused; each version has the other token, and the former one is over", async () => {
  visiting = setInterval(() => void visitors.visit(), 100);
  for (let n = 0; n < 2; n += 1) {
    const former = await secrets.current();
    const versionId = (await secrets.rotate()) ?? "";
    expect(await ended(versionId)).toMatchObject({ status: "SUCCEEDED", output: expect.stringContaining("ROTATED") });
    const current = await secrets.current();
    expect(current?.versionId).toBe(versionId);
    expect(current?.user).not.toBe(former?.user);
    const { honours } = shop.issuer.handle;
    expect([honours(current?.password ?? ""), honours(former?.password ?? "")]).toEqual([true, false]);
    expect(await visitors.pageOf("cart")).toMatchObject({ api_status: "ACCEPTED", version: versionId });
  }
  expect(visitors.counts.connected).toBeGreaterThan(20);
  expect(visitors.counts.refused).toBe(0);
});

test("neither a token nor an API key stands anywhere but at its ends, whatever the issuer says", async () => {
  const [one, two] = shop.keys;
  if (one === undefined || two === undefined) throw new Error("there should be two API keys");
  const { handle } = shop.issuer;
  // Both keys are turned, to marked ones, as whoever works with the issuer does it.
  const marked = [one, two].map(({ id }) => ({ id, secret: `${MARK}${id}:+%/ü` }));
  for (const [n, key] of marked.entries()) {
    handle.setClient(key);
    const SecretString = JSON.stringify({ client_id: key.id, client_secret: key.secret });
    await secretsManager.send(new PutSecretValueCommand({ SecretId: KEY_SECRETS[n], SecretString }));
  }
  // A token is gone behind our back: found, told, turned.
  const gone = await secrets.current();
  handle.revoke(gone?.password ?? "");
  await fleet.look();
  await until(async () => (await secrets.current())?.versionId !== gone?.versionId, "another token");
  await until(async () => (await visitors.pageOf("cart"))?.api_status === "ACCEPTED", "cart to be served again");
  await until(() => executions().every(({ status }) => status !== "RUNNING"), "the end of that rotation");
  // And the issuer says all that it was told, and more.
  const current = await secrets.current();
  const said = [...marked.map(({ secret }) => secret), current?.password].join(" ");
  handle.behaviour.unfit = {
    status: 400,
    headers: { "content-type": "application/json", "www-authenticate": `Basic realm="${encodeURIComponent(said)}"` },
    body: JSON.stringify({ error: said, error_description: said, error_uri: said }),
  };
  expect((await ended((await secrets.rotate()) ?? "")).error).toBe("Keyturn.AnswerUnfit");
  handle.behaviour.unfit = undefined;
  await until(() => fleet.aws.inbox.list().length > 1, "the mails");

  const tokens = await allTokens();
  expect(new Set(tokens).size).toBeGreaterThan(3);
  const words = [...tokens, MARK, ...[...shop.keys, ...marked].map(({ secret }) => secret)];
  const forms = [...words, ...words.map(encodeURIComponent)].flatMap(formsOf);
  const holds = (text: string) => forms.some((form) => text.includes(form));

  for (const { arn } of executions()) {
    traffic.push({ operation: "history", text: JSON.stringify(await fleet.history(arn)) });
  }
  for (const mail of fleet.aws.inbox.list()) traffic.push({ operation: "mail", text: mail.raw });
  traffic.push({ operation: "page", text: JSON.stringify(await visitors.pageOf("cart")) });
  traffic.push({ operation: "log", text: fleet.log.join("\n") });
  const { endpoint, region, credentials } = fleet.aws;
  const ssm = new SSMClient({ endpoint, region, credentials });
  traffic.push({ operation: "commands", text: JSON.stringify(await ssm.send(new ListCommandsCommand({}))) });
  ssm.destroy();
  const operations = new Set(traffic.filter(({ text }) => holds(text)).map(({ operation }) => operation));
  expect([...operations].sort()).toEqual(["CreateSecret", "GetSecretValue", "PutSecretValue"]);

  // What the embedded AWS keeps, by tables: records, findings, audit lines and time series are other ones. All else by files.
  expect(tablesHolding(join(fleet.folder, DATABASE), holds)).toEqual(["secretsmanager_versions"]);
  const files = [fleet.folder, folder].flatMap(filesBelow);
  const names = files.map(({ name }) => name);
  const logs = ["cart.log", "keyturn-credential-push-to-authority.log", "issuer-tokens.json"];
  expect(names).toEqual(expect.arrayContaining(logs));
  const holding = files.filter(({ name, text }) => !name.startsWith(DATABASE) && holds(text));
  expect(holding.map(({ name }) => name)).toEqual([]);
});

/** Of all versions that ever were. */
async function allTokens(): Promise<string[]> {
  const all = new ListSecretVersionIdsCommand({ SecretId: SHOP_SECRET, IncludeDeprecated: true });
  const { Versions = [] } = await secretsManager.send(all);
  const values = Versions.map(async ({ VersionId }) => {
    const { SecretString = "{}" } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: SHOP_SECRET, VersionId }),
    );
    return JSON.parse(SecretString).access_token as string | undefined;
  });
  return (await Promise.all(values)).filter((token) => token !== undefined);
}
