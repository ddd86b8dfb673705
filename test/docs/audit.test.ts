import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { type EmbeddedAws, OPERATOR_KEYS, REGION, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dayOf } from "../../functions/audit/days.ts";
import { ACTS, lineOf } from "../../functions/audit/line.ts";
import { putDue } from "../../functions/audit/put-due.ts";
import { sealDay } from "../../functions/audit/seal-day.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import { createAuditTable } from "../../local/deploy-tables.ts";
import { AUDIT_FAULTS, type Seal } from "../../protocol/index.ts";
import { hex64Of, NOW } from "../functions/support.ts";

// docs/audit.md is what an auditor works with: its program is run here as it stands there. Its commands are typed by test/cli.

const ROOT = join(import.meta.dirname, "../..");
const document = readFileSync(join(ROOT, "docs/audit.md"), "utf8");

let folder: string;
let aws: EmbeddedAws;
let client: DynamoDBClient;
let seal: Seal;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  aws = await startAws({ folder });
  aws.resume();
  client = new DynamoDBClient(aws);
  await createAuditTable(client, await keyNamed(new KMSClient(aws), NAMES.tableKey, "SYMMETRIC_DEFAULT"));
  const audit = dynamoAudit(client, NAMES.auditTable);
  for (const subject of ["0a1b2c", "0a1b2d"]) {
    const due = ACTS.map((act, index) => lineOf(act, NOW + index, { execution: `${act}-1` }));
    await putDue(audit, { subject, due, at: NOW });
  }
  seal = await sealDay(audit, dayOf(NOW));
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

/** Runs the document's program: what it says. */
async function check(...known: string[]): Promise<{ said: string; code: number | null }> {
  const [, program = ""] = /```js\n(.*?)^```$/ms.exec(document) ?? [];
  const env = {
    PATH: process.env.PATH ?? "",
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: OPERATOR_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: OPERATOR_KEYS.secretAccessKey,
  };
  const given = ["--input-type=module", "--eval", program, "check.mjs", ...known];
  const child = spawn(process.execPath, given, { cwd: ROOT, env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { said, code };
}

test("the program that it gives finds nothing wrong where nothing is, and says what where something is", async () => {
  const known = `${seal.day}=${seal.digest}`;
  const said = `${2 * ACTS.length} lines, 1 seals, 1 digests from outside, 0 faults\n`;
  expect(await check(known)).toEqual({ code: 0, said });
  const other = await check(`${seal.day}=${hex64Of("another")}`);
  expect(other).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^SEAL_REPLACED The seal of 2026-11-20 is not /),
  });
  await client.send(
    new UpdateItemCommand({
      TableName: NAMES.auditTable,
      Key: { subject: { S: "0a1b2c" }, n: { N: "2" } },
      UpdateExpression: "SET details = :forged",
      ExpressionAttributeValues: { ":forged": { S: "{}" } },
    }),
  );
  expect(await check(known)).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^LINE_CHANGED Line 2 of 0a1b2c was changed/),
  });
});

test("it tells of each act, and what each fault means, as the program says it", () => {
  const [acts = ""] = /^\| `act` \| what took place .*?\n\n/ms.exec(document) ?? [];
  const rows = acts
    .match(/^\| `.*? \|/gm)
    ?.flatMap((row) => Array.from(row.matchAll(/`([\w-]+)`/g), ([, name]) => name));
  expect(rows, "docs/audit.md: a row for each of ACTS in functions/audit/line.ts").toEqual(["act", ...ACTS]);
  const faults = Array.from(document.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm), ([, name, means]) => [name, means]);
  const message = "docs/audit.md: a row for each of AUDIT_FAULTS in protocol/audit-check.ts, in its words";
  expect(Object.fromEntries(faults), message).toEqual(AUDIT_FAULTS);
});
