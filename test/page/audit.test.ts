import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { ACCOUNT, type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayOf } from "../../functions/audit/days.ts";
import { lineOf } from "../../functions/audit/line.ts";
import { putDue } from "../../functions/audit/put-due.ts";
import { sealDay } from "../../functions/audit/seal-day.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import { createAuditTable } from "../../local/deploy-tables.ts";
import { flowBehind } from "../../operator/audit/flow-behind.ts";
import { faultyLines, saidOf, sealedSaid, sealsIn } from "../../operator/page/client/views/audit/say.ts";
import { auditRoutes } from "../../operator/page/read/audit.ts";
import { routeFor } from "../../operator/page/server/routes.ts";
import type { AuditDocument } from "../../operator/page/wire/audit.ts";
import { findPlace, type Place } from "../../operator/place/place.ts";
import { AUDIT_FAULTS, type Seal } from "../../protocol/index.ts";
import { hex64Of, NOW } from "../functions/support.ts";
import { quietOutput } from "../operator/quiet-output.ts";

const ID = "0a1b2c";
const FRESH = "0a1b2d";
const SECRET = "orders/db";
const DAY = dayOf(NOW);

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
let aws: EmbeddedAws | undefined;
let client: DynamoDBClient;
let place: Place;
let seal: Seal;
beforeAll(async () => {
  aws = await startAws({ folder });
  aws.resume();
  const { endpoint, region, credentials } = aws;
  client = new DynamoDBClient({ endpoint, region, credentials });
  const key = await keyNamed(new KMSClient({ endpoint, region, credentials }), NAMES.tableKey, "SYMMETRIC_DEFAULT");
  await createAuditTable(client, key);
  const audit = dynamoAudit(client, NAMES.auditTable);
  const turn = { generation: 2, verdict: "MATCH", execution: "0a1b2c-due-1", trigger: "fleet-rotation" };
  const due = {
    [ID]: [lineOf("registered", NOW - 1000, {}), lineOf("promoted", NOW, turn)],
    [SECRET]: [lineOf("promoted", NOW, { token: "v".repeat(32), execution: "orders-db-1" })],
  };
  for (const [subject, lines] of Object.entries(due)) await putDue(audit, { subject, due: lines, at: NOW });
  seal = await sealDay(audit, DAY);
  await putDue(audit, { subject: FRESH, due: [lineOf("registered", NOW, {})], at: NOW });
  const running = { pid: process.pid, endpoint, region, account: ACCOUNT, credentials };
  place = { ...findPlace({ aws: true, region }, {}), kind: "here", running };
});
afterAll(async () => {
  await aws?.close();
  rmSync(folder, { recursive: true });
});

async function get(subject: string, seals: string[] = [], gone = new AbortController().signal): Promise<AuditDocument> {
  const context = { place, out: quietOutput().out, now: () => NOW, stopped: new AbortController().signal };
  const account = async () => ({ partition: "aws", region: "eu-west-1", account: "111122223333" });
  const found = routeFor(auditRoutes(context, account), "GET", `/api/audit/${encodeURIComponent(subject)}`);
  if (found === undefined) throw new Error("there is no such route");
  const query = new URLSearchParams(seals.map((one): [string, string] => ["seal", one]));
  return (await found.route.answer({ params: found.params, query, body: undefined, gone })) as AuditDocument;
}

describe("the lines of a subject", () => {
  test("come the newest first, with what is sealed, and hold", async () => {
    const audit = await get(ID, [`${DAY}=${seal.digest}`]);
    expect(audit).toMatchObject({
      ...{ subject: ID, readAt: NOW, sealedTo: 2, faults: [], seals: 1, known: 1 },
      sealed: { day: DAY, digest: seal.digest },
      lines: [{ n: 2, act: "promoted", says: "generation 2, verdict MATCH", asked: "fleet-rotation" }, { n: 1 }],
    });
    expect(audit.lines[0]?.arn).toBe("arn:aws:states:eu-west-1:111122223333:execution:keyturn-rotation:0a1b2c-due-1");
    expect(saidOf(audit)).toEqual({ tone: "good", headline: expect.stringContaining("holds"), more: [] });
    expect(sealedSaid(audit)).toBe("all of them");
  });

  test("of a credential, whose name has a slash", async () => {
    const { lines } = await get(SECRET);
    expect(lines[0]?.arn).toContain(":execution:keyturn-credential:orders-db-1");
  });

  test("which no seal covers yet say so", async () => {
    const audit = await get(FRESH);
    expect(sealedSaid(audit)).toBe("none of them yet");
    expect(saidOf(audit).more[0]).toContain("without a trace");
  });

  test("are not there of whom there is none, nor of what is no subject", async () => {
    await expect(get("ffffff")).rejects.toMatchObject({ code: 3 });
    await expect(get("i-0abc1234def567890")).rejects.toMatchObject({ code: 2 });
    await expect(get("no subject")).rejects.toMatchObject({ code: 2 });
    await expect(get(ID, ["2026-11-26"])).rejects.toMatchObject({ code: 2 });
  });

  test("are read no further once whoever asked is gone", async () => {
    const gone = AbortSignal.abort();
    await expect(get(ID, [], gone)).rejects.toMatchObject({ name: "AbortError" });
  });

  test("that are not the sealed ones, by a digest from outside, are a fault of the seals", async () => {
    const audit = await get(ID, [`${DAY}=${hex64Of("another")}`]);
    expect(audit.faults).toMatchObject([{ what: "SEAL_REPLACED", means: AUDIT_FAULTS.SEAL_REPLACED }]);
    expect(saidOf(audit)).toMatchObject({ tone: "bad", headline: expect.stringMatching(/^The seals do not hold/) });
  });

  // The last one: it alters what the others read.
  test("that somebody has altered are marked, and shown as far as they can be", async () => {
    const change = { UpdateExpression: "SET timeMs = :at", ExpressionAttributeValues: { ":at": { N: "1e30" } } };
    const Key = { subject: { S: ID }, n: { N: "2" } };
    await client.send(new UpdateItemCommand({ TableName: NAMES.auditTable, Key, ...change }));
    const audit = await get(ID);
    expect(audit.lines[0]).not.toHaveProperty("at");
    expect([...faultyLines(audit)]).toEqual([2]);
    expect(saidOf(audit)).toMatchObject({ tone: "bad", headline: `The chain of ${ID} does not hold: 1 fault.` });
    expect(saidOf(audit).more.join(" ")).toContain("lines that are marked");
  });
});

describe("in words", () => {
  const CHAIN: AuditDocument = {
    ...{ subject: ID, readAt: NOW, sealedTo: 4, seals: 1, known: 0, sealed: { day: DAY, digest: hex64Of("seal") } },
    lines: [4, 3, 2, 1].map((n) => ({ n, at: NOW, act: "promoted", says: "" })),
    faults: [],
  };
  const fault = (of: { subject?: string; n?: number }) => ({ what: "X", says: "It is so.", means: "that", ...of });

  test("a chain that holds says what only a digest from outside would find", () => {
    expect(saidOf(CHAIN)).toMatchObject({ tone: "good", more: [expect.stringContaining("digest from outside")] });
    expect(saidOf({ ...CHAIN, known: 1 }).more).toEqual([]);
  });

  test("without a seal it holds in itself alone, and is not said to be good", () => {
    expect(saidOf({ ...CHAIN, seals: 0, sealedTo: 0 })).toMatchObject({
      ...{ tone: "quiet", headline: expect.stringContaining("nothing is sealed yet") },
    });
  });

  test.each([
    [[fault({ subject: ID, n: 2 })], `The chain of ${ID} does not hold: 1 fault.`],
    [[fault({}), fault({})], `The seals do not hold: 2 faults. What they say of ${ID} proves nothing.`],
    [[fault({ subject: ID, n: 2 }), fault({})], `Neither the chain of ${ID} nor the seals hold: 2 faults.`],
  ])("faults %# are bad, whose they are is said, and what to do", (faults, headline) => {
    const said = saidOf({ ...CHAIN, faults });
    expect(said).toMatchObject({ tone: "bad", headline });
    expect(said.more[0]).toContain("as the runbook says");
    expect(said.more).toHaveLength(faults.some(({ n }) => n !== undefined) ? 2 : 1);
  });

  test("how far lines are sealed, also where they are gone", () => {
    const sealed = (sealedTo: number, lines = CHAIN.lines) => sealedSaid({ lines, sealedTo });
    expect([sealed(0), sealed(2), sealed(3), sealed(4), sealed(6), sealed(6, [])]).toEqual([
      ...["none of them yet", "up to line 2, and not lines 3 to 4 yet", "up to line 3, and not line 4 yet"],
      ...["all of them", "up to line 6, of which those after 4 are gone", "up to line 6, of which none is left"],
    ]);
  });

  test("digests are taken as they are pasted", () => {
    expect(sealsIn(" 2026-11-25=aa\n2026-11-26=bb, 2026-11-27=cc ")).toEqual([
      ...["2026-11-25=aa", "2026-11-26=bb", "2026-11-27=cc"],
    ]);
    expect(sealsIn("\n")).toEqual([]);
  });
});

test.each([
  [ID, "promoted", {}, "rotation"],
  [ID, "failed", {}, "rotation"],
  [ID, "quarantined", {}, "operate"],
  [ID, "retired", { requestedBy: "ops" }, "operate"],
  [ID, "retired", { why: "its former goes on writing" }, "rotation"],
  [ID, "retired", { why: "its host has registered anew", successor: FRESH }, undefined],
  [ID, "registered", {}, undefined],
  [SECRET, "failed", {}, "credential"],
  ["AKIAIOSFODNN7EXAMPLE", "deactivated", {}, "exposed-key"],
])("behind a line of %s that says %s %j is an execution of %s", (subject, act, details, flow) => {
  expect(flowBehind(subject, act, details as Record<string, string>)).toBe(flow);
});
