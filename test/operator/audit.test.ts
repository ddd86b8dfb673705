import { DynamoDBClient, paginateScan, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { CallRecord } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayOf } from "../../functions/audit/days.ts";
import { lineOf } from "../../functions/audit/line.ts";
import { putDue } from "../../functions/audit/put-due.ts";
import { sealDay } from "../../functions/audit/seal-day.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { AUDIT_FAULTS, type Seal, sealDigest } from "../../protocol/index.ts";
import { EXAMPLE_KEY } from "../docs/exposed-key.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { hex64Of, NOW } from "../functions/support.ts";
import { envOf, keyturn, personWith } from "./keyturn.ts";

// `audit` and `report` read the same lines, so that one fleet serves both: a real instance, and beside it subjects of a week ago.

const TURNED = "0a1b2c";
const FAILED = "0a1b2d";
const SECRET = "orders/db";
const DAY = dayOf(NOW);
const WEEK = ["--from", DAY, "--to", dayOf(Date.now())];
const A_DAY_MS = 86_400_000;

let fleet: TestFleet;
let env: Record<string, string>;
let client: DynamoDBClient;
let seal: Seal;
let id: string;
const asked = new Set<string>();
beforeAll(async () => {
  const onCall = ({ principal, operation }: CallRecord) => {
    if (principal.arn.includes("person-with-auditor")) asked.add(operation);
  };
  fleet = await startTestFleet(1, { onCall });
  env = envOf(fleet, await personWith("auditor", fleet));
  const { endpoint, region, credentials } = fleet.aws;
  client = new DynamoDBClient({ endpoint, region, credentials });
  const audit = dynamoAudit(client, NAMES.auditTable);
  const asking = { requestedBy: '=HYPERLINK("https://example.com")', trigger: "by hand" };
  const turn = { generation: 2, verdict: "MATCH", receiptDigest: hex64Of("proof"), execution: "asked-1", ...asking };
  const due = {
    [TURNED]: [
      lineOf("registered", NOW - A_DAY_MS, {}),
      lineOf("promoted", NOW, turn),
      lineOf("quarantined", NOW + 1, {}),
    ],
    [FAILED]: [lineOf("promoted", NOW - A_DAY_MS, turn), lineOf("failed", NOW, { what: "STALE", step: "VerifyHash" })],
    [SECRET]: [lineOf("promoted", NOW, { token: "v".repeat(32), verdict: "MATCH" })],
    [EXAMPLE_KEY]: [lineOf("deactivated", NOW, { done: "DEACTIVATED", trigger: "aws.health" })],
  };
  for (const [subject, lines] of Object.entries(due)) await putDue(audit, { subject, due: lines, at: NOW });
  seal = await sealDay(audit, DAY);
  const [record] = await fleet.records();
  id = record?.id ?? "";
  await fleet.rotate(id);
});
afterAll(() => fleet.close());

const sealed = () => ["--seal", `${seal.day}=${seal.digest}`];

/** As many audit lines as there are in the table from a moment on. */
async function countLines(from: number): Promise<number> {
  let count = 0;
  for await (const { Items = [] } of paginateScan({ client }, { TableName: NAMES.auditTable })) {
    count += Items.filter(
      ({ subject, timeMs }) => !subject?.S?.startsWith("seal#") && Number(timeMs?.N) >= from,
    ).length;
  }
  return count;
}

describe("audit", () => {
  test("shows the lines in order, what is sealed, and that all hold", async () => {
    const { code, out, err } = await keyturn(["audit", TURNED, ...sealed()], { env });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.match(/registered|promoted|quarantined/g)).toEqual(["registered", "promoted", "quarantined"]);
    expect(out).toMatch(
      /^ +2 +2026-11-20 .* promoted +generation 2, proof [0-9a-f]{12}, verdict MATCH +=HYPERLINK\S+ by by hand +asked-1$/m,
    );
    expect(out).toContain(`3 lines; all of them are sealed.`);
    expect(out).toContain(
      `Sealed up to ${DAY}, by 1 seal, the last one ${seal.digest}; today (${dayOf(Date.now())}) is not`,
    );
    expect(out).toContain("Checked against 1 digest from outside.");
    expect(out).toContain("The chain and the seals hold.");
  });

  test("says of what is not sealed yet that it is not", async () => {
    const { code, out } = await keyturn(["audit", id], { env });
    expect(code).toBe(0);
    expect(out).toMatch(/2 lines; none of them is sealed yet\./);
    expect(out).toContain("No digest from outside was given");
  });

  test("finds by a digest from outside that seals were written anew", async () => {
    const { code, out } = await keyturn(["audit", TURNED, "--json", "--seal", `${DAY}=${hex64Of("another")}`], { env });
    expect(code).toBe(5);
    const { faults } = JSON.parse(out);
    expect(faults).toMatchObject([{ what: "SEAL_REPLACED", day: DAY, means: AUDIT_FAULTS.SEAL_REPLACED }]);
  });

  test("has nothing of whom there is no line, and says whose lines a host's are", async () => {
    expect(await keyturn(["audit", "ffffff"], { env })).toMatchObject({ code: 3, out: "" });
    const host = await keyturn(["audit", "i-0abc1234def567890"], { env });
    expect(host).toMatchObject({ code: 2, err: expect.stringContaining("keyturn show i-0abc1234def567890") });
  });
});

describe("report", () => {
  test("has a row for each subject, those not turned too, and sums that are the audit lines of the time", async () => {
    const { code, out, err } = await keyturn(["report", ...WEEK, "--json", ...sealed()], { env });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { rows, sums, faults } = JSON.parse(out);
    expect(faults).toEqual([]);
    const bySubject = Object.fromEntries(rows.map((row: { subject: string }) => [row.subject, row]));
    expect(bySubject).toMatchObject({
      [TURNED]: { turns: 1, failures: 0, others: { quarantined: 1 }, last: { at: NOW, execution: "asked-1" } },
      [FAILED]: { turns: 0, failures: 1, others: {}, last: { at: NOW - A_DAY_MS, receiptDigest: hex64Of("proof") } },
      [SECRET]: { kind: "credential", turns: 1, last: { turnedTo: "v".repeat(32) } },
      [EXAMPLE_KEY]: { kind: "access key", state: "DEACTIVATED", others: { deactivated: 1 } },
      [id]: { kind: "instance", state: "ACTIVE", turns: 1, others: { registered: 1 } },
    });
    expect(sums).toMatchObject({ subjects: 5, turned: 3, notTurned: 1, turns: 3, failures: 1 });
    expect(sums.lines).toBe(await countLines(Date.parse(DAY)));
  });

  test("is a CSV without formulas, all else beside it", async () => {
    const { code, out, err } = await keyturn(["report", ...WEEK, "--csv", ...sealed()], { env });
    expect(code).toBe(0);
    const [head = "", ...rows] = out.trimEnd().split("\n");
    expect(head.split(",")).toContain("proof_digest");
    expect(rows).toHaveLength(5);
    expect(rows.find((row) => row.startsWith(TURNED))).toContain(`"'=HYPERLINK(""https://example.com"")"`);
    expect(err).toMatch(/together the \d+ audit lines of this time\.\nSealed up to /);
  });

  test("asks DynamoDB alone, and writes nothing", () => {
    expect([...asked].sort()).toEqual(["Query", "Scan"]);
  });

  test.each([
    [["--csv", "--json"], "Either --csv or --json"],
    [["--from", "2026-11-02", "--to", "2026-11-01"], "comes after the last one"],
  ])("refuses %s", async (args, says) => {
    const { code, out, err } = await keyturn(["report", ...args], { env });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });

  test("is not for somebody who only looks", async () => {
    const reader = envOf(fleet, await personWith("reader", fleet));
    const { code, err } = await keyturn(["report"], { env: reader });
    expect(code).toBe(1);
    expect(err).toContain("auditor");
  });
});

test("what somebody has altered is found by both, and all else reported", async () => {
  const Key = { subject: { S: FAILED }, n: { N: "2" } };
  const change = { UpdateExpression: "SET timeMs = :forged", ExpressionAttributeValues: { ":forged": { N: "1e30" } } };
  await client.send(new UpdateItemCommand({ TableName: NAMES.auditTable, Key, ...change }));
  // Nothing can be deleted here: a line that was sealed and is not there is the same.
  const heads = [{ subject: "gone/db", n: 1, digest: hex64Of("gone") }];
  const later = { previous: seal.digest, day: dayOf(NOW + A_DAY_MS), heads };
  await dynamoAudit(client, NAMES.auditTable).putSeal({ ...later, digest: sealDigest(later) });
  const audit = await keyturn(["audit", FAILED], { env });
  expect(audit.code).toBe(5);
  expect(audit.out).toMatch(/^LINE_CHANGED {2}Line 2 of 0a1b2d was changed: .* It means: /m);
  expect(await keyturn(["audit", "gone/db"], { env })).toMatchObject({
    code: 5,
    out: expect.stringContaining("SUBJECT_REMOVED"),
  });
  const report = await keyturn(["report", ...WEEK, "--csv"], { env });
  expect(report.code).toBe(5);
  expect(report.err.match(/^[A-Z_]+(?= {2})/gm)).toEqual(["LINE_CHANGED", "SUBJECT_REMOVED"]);
  expect(report.out).toContain(TURNED);
});
