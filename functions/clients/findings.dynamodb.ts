import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Finding } from "../findings/finding.ts";
import { FINDINGS_KEPT_DAYS, FINDINGS_TABLE, isOpen, OPEN_INDEX } from "../findings/table.ts";
import type { Maker } from "../shared/neighbours.ts";
import { ifTheConditionHolds } from "./conditions.ts";
import type { Findings } from "./findings.ts";

/** The findings in a DynamoDB table. */
export function dynamoFindings(client: DynamoDBClient, table: string): Findings {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return {
    async find({ subject, cause }) {
      const get = new GetCommand({ TableName: table, Key: { subject, cause }, ConsistentRead: true });
      const { Item } = await documents.send(get);
      return Item && findingFrom(Item);
    },

    async write(finding, before) {
      const Item = { ...finding, version: (before?.version ?? 0) + 1, ...placeOf(finding) };
      const written = await ifTheConditionHolds(
        documents.send(
          new PutCommand({
            TableName: table,
            Item,
            ...(before === undefined
              ? { ConditionExpression: "attribute_not_exists(cause)" }
              : {
                  ConditionExpression: "#version = :read",
                  ExpressionAttributeNames: { "#version": "version" },
                  ExpressionAttributeValues: { ":read": before.version },
                }),
          }),
        ),
      );
      return written && findingFrom(Item);
    },

    async listOpen(after, limit) {
      const page = await documents.send(
        new QueryCommand({
          TableName: table,
          IndexName: OPEN_INDEX.name,
          KeyConditionExpression: "#open = :yes",
          ExpressionAttributeNames: { "#open": OPEN_INDEX.partitionKey.name },
          ExpressionAttributeValues: { ":yes": "YES" },
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
        }),
      );
      const findings = (page.Items ?? []).map(findingFrom);
      const from = page.LastEvaluatedKey;
      return from === undefined ? { findings } : { findings, next: JSON.stringify(from) };
    },
  };
}

/** What puts it into the index while there is something to tell, and lets it expire from then on. */
function placeOf(finding: Omit<Finding, "version">): Record<string, unknown> {
  if (isOpen(finding)) return { [OPEN_INDEX.partitionKey.name]: "YES" };
  const { endedAt = 0 } = finding;
  return { [FINDINGS_TABLE.expiry]: Math.ceil(endedAt / 1000) + FINDINGS_KEPT_DAYS * 86_400 };
}

/** An item without what it is found and kept by; what is not there is left out. */
export function findingFrom(item: Record<string, unknown>): Finding {
  const { open: _, expiresAt: __, ...rest } = item;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as unknown as Finding;
}

export const findings: Maker<"findings"> = ({ FINDING_TABLE }) => dynamoFindings(new DynamoDBClient(), FINDING_TABLE);
