import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { dynamoFindings } from "../../../functions/clients/findings.dynamodb.ts";
import type { Finding } from "../../../functions/findings/finding.ts";
import { EXECUTION, ID, NOW } from "../support.ts";
import { answering, json, nameOf, refusal } from "./answering.ts";

const standing: Finding = {
  ...{ subject: ID, cause: "STALE", since: NOW, seenAt: NOW, times: 1, execution: EXECUTION, facts: {}, version: 1 },
};
const NINETY_DAYS_S = 90 * 86_400;
const findingsOver = (answers = [json({})], asked: string[] = []) =>
  dynamoFindings(new DynamoDBClient(answering(answers, asked)), "table");

/** What the client has put for a finding. */
async function itemOf(finding: Finding): Promise<Record<string, unknown>> {
  const asked: string[] = [];
  await findingsOver([json({})], asked).write(finding, finding);
  return JSON.parse(asked[0] ?? "").Item;
}

describe("the item", () => {
  test("is in the index, and expires not, while there is something to tell", async () => {
    for (const finding of [standing, { ...standing, endedAt: NOW + 1, endAnnouncedAt: NOW + 2 }]) {
      const item = await itemOf(finding);
      expect(item.open).toEqual({ S: "YES" });
      expect(item).not.toHaveProperty("expiresAt");
    }
  });

  test("is in no index once all is told, and goes by itself ninety days after its end", async () => {
    const item = await itemOf({ ...standing, endedAt: NOW + 1, endToldAt: NOW + 9 });
    expect(item).not.toHaveProperty("open");
    expect(item.expiresAt).toEqual({ N: String(NOW / 1000 + 1 + NINETY_DAYS_S) });
  });

  test("holds nothing that is undefined", async () => {
    expect(await itemOf({ ...standing, claimedUntil: undefined } as never)).not.toHaveProperty("claimedUntil");
  });
});

test("a page is asked for after the last of the page before, wherever that ended", async () => {
  const asked: string[] = [];
  const LastEvaluatedKey = { subject: { S: ID }, cause: { S: "STALE" }, open: { S: "YES" }, since: { N: String(NOW) } };
  const findings = findingsOver([json({ Items: [], LastEvaluatedKey }), json({ Items: [] })], asked);
  const { findings: none, next } = await findings.listOpen();
  expect(none).toEqual([]);
  expect(await findings.listOpen(next)).toEqual({ findings: [] });
  const [first = "", second = ""] = asked;
  expect(JSON.parse(first)).not.toHaveProperty("ExclusiveStartKey");
  expect(JSON.parse(second).ExclusiveStartKey).toEqual(LastEvaluatedKey);
});

test("a finding is read consistently", async () => {
  const asked: string[] = [];
  await findingsOver([json({})], asked).find(standing);
  expect(JSON.parse(asked[0] ?? "").ConsistentRead).toBe(true);
});

describe.each([
  ["ThrottlingException", 400, "TemporarilyUnavailable"],
  ["InternalServerError", 500, "TemporarilyUnavailable"],
  ["AccessDeniedException", 400, "AccessDeniedException"],
  ["ResourceNotFoundException", 400, "ResourceNotFoundException"],
] as const)("of DynamoDB's %s (%i), told as %s,", (code, status, name) => {
  const findings = findingsOver([refusal(code, status)]);

  test("no write says that another one came between, and nothing is taken to be missing", async () => {
    expect(await nameOf(findings.write(standing, undefined))).toBe(name);
    expect(await nameOf(findings.write(standing, standing))).toBe(name);
    expect(await nameOf(findings.find(standing))).toBe(name);
    expect(await nameOf(findings.listOpen())).toBe(name);
  });
});

test("a condition that does not hold is another write that came between", async () => {
  const findings = findingsOver([refusal("ConditionalCheckFailedException")]);
  expect(await findings.write(standing, undefined)).toBeUndefined();
  expect(await findings.write(standing, standing)).toBeUndefined();
});
