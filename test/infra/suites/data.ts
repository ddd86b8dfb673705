import { describe, expect, test } from "vitest";
import { AUDIT_INDEX, AUDIT_KEYS } from "../../../functions/audit/table.ts";
import { FINDINGS_TABLE, OPEN_INDEX } from "../../../functions/findings/table.ts";
import { INDEX_PROJECTION, INSTANCE_INDEXES } from "../../../functions/record/table.ts";
import type { Synthesized } from "../synthesized.ts";

/** Beyond the stack, but not beyond the deployment that was to make it, and failed. */
const KEPT = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };

/** What is kept, and how it is protected. */
export function data(stores: readonly string[], given: Synthesized): void {
  const keyNamed = (alias: string) => given.one("AWS::KMS::Alias", "AliasName", alias)[1].Properties.TargetKeyId;

  describe(`data with ${stores.join(" and ")}`, () => {
    const [, table] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-instances");

    test("records lie under a key that is not the one of the key material", () => {
      const { SSESpecification } = table.Properties as { SSESpecification: { KMSMasterKeyId: string } };
      const message =
        "infra/data.ts: encrypt the table of records under the tables' key, which is not the one of the key material";
      expect(SSESpecification, message).toMatchObject({ SSEEnabled: true, SSEType: "KMS" });
      expect(SSESpecification.KMSMasterKeyId, message).toBe(keyNamed("alias/keyturn-tables"));
      expect(keyNamed("alias/keyturn-tables"), message).not.toBe(keyNamed("alias/keyturn-key-material"));
    });

    test("records can be restored to any moment and are not deleted with the stack", () => {
      const message = "infra/data.ts: keep the records' table paid by request, with recovery, protected, and retained";
      expect(table.Properties, message).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      expect(table, message).toMatchObject(KEPT);
    });

    test("the indexes are those that functions/record/table.ts names", () => {
      const indexes = table.Properties.GlobalSecondaryIndexes as { IndexName: string; Projection: object }[];
      expect(
        indexes.map(({ IndexName, Projection }) => [IndexName, Projection]),
        "infra/data.ts makes the indexes of functions/record/table.ts, of keys alone, and no others",
      ).toEqual(Object.keys(INSTANCE_INDEXES).map((name) => [name, { ProjectionType: INDEX_PROJECTION }]));
    });

    test("findings are listed by one index, go by themselves when their time is over, and can be restored", () => {
      const [, findings] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-findings");
      const message =
        "infra/data.ts: make the findings' table as functions/findings/table.ts says, under the tables' key";
      expect(findings.Properties, message).toMatchObject({
        KeySchema: [
          { AttributeName: FINDINGS_TABLE.partitionKey.name, KeyType: "HASH" },
          { AttributeName: FINDINGS_TABLE.sortKey.name, KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: OPEN_INDEX.name,
            KeySchema: [
              { AttributeName: OPEN_INDEX.partitionKey.name, KeyType: "HASH" },
              { AttributeName: OPEN_INDEX.sortKey.name, KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          },
        ],
        BillingMode: "PAY_PER_REQUEST",
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: keyNamed("alias/keyturn-tables") },
        TimeToLiveSpecification: { AttributeName: FINDINGS_TABLE.expiry, Enabled: true },
      });
    });

    test("audit lines are found by their day, can be restored to any moment, and nothing deletes them", () => {
      const [, audit] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-audit");
      const message = "infra/data.ts: make the audit's table as functions/audit/table.ts says, protected and retained";
      expect(audit.Properties, message).toMatchObject({
        KeySchema: [
          { AttributeName: AUDIT_KEYS.partitionKey.name, KeyType: "HASH" },
          { AttributeName: AUDIT_KEYS.sortKey.name, KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: AUDIT_INDEX.name,
            KeySchema: [{ AttributeName: AUDIT_INDEX.partitionKey.name, KeyType: "HASH" }],
            Projection: { ProjectionType: AUDIT_INDEX.projection },
          },
        ],
        BillingMode: "PAY_PER_REQUEST",
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: keyNamed("alias/keyturn-tables") },
      });
      expect(audit.Properties, message).not.toHaveProperty("TimeToLiveSpecification");
      expect(audit, message).toMatchObject(KEPT);
    });

    test("encrypting keys rotate, the nonces' key cannot, and all outlive the stack", () => {
      const keys = given.ofType("AWS::KMS::Key").map(([, key]) => key);
      const message =
        "infra/data.ts: three keys, all retained; the two that encrypt rotate, and the nonces' is for HMAC alone";
      expect(keys, message).toMatchObject([KEPT, KEPT, KEPT]);
      const rotating = keys.filter(({ Properties }) => Properties.EnableKeyRotation === true);
      const hmac = keys.filter(({ Properties }) => Properties.KeySpec === "HMAC_256");
      expect([rotating.length, hmac.length], message).toEqual([2, 1]);
      expect(hmac[0]?.Properties.KeyUsage, message).toBe("GENERATE_VERIFY_MAC");
    });

    test("mail is encrypted under the tables' key", () => {
      const [, topic] = given.one("AWS::SNS::Topic", "TopicName", "keyturn-alerts");
      expect(
        String(topic.Properties.KmsMasterKeyId).replace(/\.Arn\}$/, "}"),
        "infra/alerts.ts: encrypt the alert topic under the tables' key",
      ).toBe(String(keyNamed("alias/keyturn-tables")).replace(/\.Arn\}$/, "}"));
    });

    test("there are the stores of samples that the settings name", () => {
      const timestream = given.ofType("AWS::Timestream::Table").length;
      const tables = given.ofType("AWS::DynamoDB::Table").map(([, { Properties }]) => Properties.TableName);
      const series = tables.filter((name) => name === "keyturn-samples").length;
      const message = "infra/data.ts: make the stores that timeSeries and formerTimeSeries name, and no other";
      expect([timestream, series], message).toEqual([
        stores.includes("timestream") ? 1 : 0,
        stores.includes("dynamodb") ? 1 : 0,
      ]);
    });
  });
}
