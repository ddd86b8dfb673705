import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { AuditLine } from "../../protocol/index.ts";
import { dayOf } from "../audit/days.ts";
import { AUDIT_INDEX } from "../audit/table.ts";
import type { Maker } from "../shared/neighbours.ts";
import { type Audit, demandSubject, isSameLine, type LineKey } from "./audit.ts";
import { ifTheConditionHolds, namesIn } from "./conditions.ts";
import { sealItems } from "./seal-items.ts";

type Item = Record<string, AttributeValue>;

/**
 * The audit in a DynamoDB table with the keys `AUDIT_KEYS`. Items are read as they lie there: anybody with the right to
 * it may have written anything.
 */
export function dynamoAudit(client: DynamoDBClient, table: string): Audit {
  const query = (input: Omit<QueryCommandInput, "TableName">) =>
    client.send(
      new QueryCommand({
        TableName: table,
        ExpressionAttributeNames: namesIn(input.KeyConditionExpression ?? ""),
        ...input,
      }),
    );

  return {
    async put(line, { at }) {
      demandSubject(line.subject);
      const put = await ifTheConditionHolds(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...itemOf(line), [AUDIT_INDEX.partitionKey.name]: { S: dayOf(at) } },
            ConditionExpression: "attribute_not_exists(subject)",
          }),
        ),
      );
      if (put !== undefined) return true;
      const there = await this.line(line);
      return there !== undefined && isSameLine(there, line);
    },

    async line(key) {
      const Key = keyOf(key);
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item && lineFrom(Item);
    },

    async last(subject) {
      const page = await query({
        KeyConditionExpression: "#subject = :subject",
        ExpressionAttributeValues: { ":subject": { S: subject } },
        ...{ ConsistentRead: true, ScanIndexForward: false, Limit: 1 },
      });
      return page.Items?.map(lineFrom)[0];
    },

    async lines(subject, { after = 0, limit } = {}) {
      const page = await query({
        KeyConditionExpression: "#subject = :subject AND #n > :after",
        ExpressionAttributeValues: { ":subject": { S: subject }, ":after": { N: String(after) } },
        ConsistentRead: true,
        ...(limit !== undefined && { Limit: limit }),
      });
      const lines = (page.Items ?? []).map(lineFrom);
      return { lines, ...(page.LastEvaluatedKey && { next: Number(page.LastEvaluatedKey.n?.N) }) };
    },

    async keysOfDay(day, { after, limit } = {}) {
      const page = await query({
        IndexName: AUDIT_INDEX.name,
        KeyConditionExpression: `#${AUDIT_INDEX.partitionKey.name} = :day`,
        ExpressionAttributeValues: { ":day": { S: day } },
        ...(limit !== undefined && { Limit: limit }),
        ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
      });
      const keys = (page.Items ?? []).map(({ subject, n }) => ({ subject: subject?.S ?? "", n: Number(n?.N) }));
      return { keys, ...(page.LastEvaluatedKey && { next: JSON.stringify(page.LastEvaluatedKey) }) };
    },

    ...sealItems(client, table),
  };
}

function keyOf({ subject, n }: LineKey): Item {
  return { subject: { S: subject }, n: { N: String(n) } };
}

function itemOf({ timeMs, act, details, previous, digest, ...key }: AuditLine): Item {
  return {
    ...keyOf(key),
    ...{ timeMs: { N: String(timeMs) }, act: { S: act }, details: { S: details } },
    ...{ previous: { S: previous }, digest: { S: digest } },
  };
}

/** A line as it lies in the table. What is missing, or is of another type, becomes what gives no digest. */
export function lineFrom({ subject, n, timeMs, act, details, previous, digest }: Item): AuditLine {
  return {
    ...{ subject: subject?.S ?? "", n: Number(n?.N), timeMs: Number(timeMs?.N) },
    ...{ act: act?.S ?? "", details: details?.S ?? "", previous: previous?.S ?? "missing", digest: digest?.S ?? "" },
  };
}

export const audit: Maker<"audit"> = ({ AUDIT_TABLE }) => dynamoAudit(new DynamoDBClient(), AUDIT_TABLE);
