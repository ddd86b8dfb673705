import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { isInstanceId } from "../../protocol/index.ts";
import { type InstanceRecord, isRetired, type StoredRecord } from "../record/record.ts";
import type { InstanceIndex } from "../record/table.ts";
import type { Due, Registry } from "./registry.ts";

/** A query of an index of the table. */
type IndexQuery = Omit<QueryCommandInput, "TableName"> & { IndexName: InstanceIndex };

/** How many records that an index names are read at once: as many as the SDK has connections. */
const READ_AT_ONCE = 50;

/** Whose keys are turned, in the order in which they are listed. */
const DUE_STATUSES = ["ACTIVE", "NEW"] as const satisfies Due["status"][];

/** What is read of the records in a DynamoDB table with the partition key `id`. */
export function recordReads(
  documents: DynamoDBDocumentClient,
  table: string,
): Pick<Registry, "find" | "findByEc2Instance" | "listPage" | "listDue"> {
  async function find(id: string): Promise<StoredRecord | undefined> {
    const answer = await documents.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
    return answer.Item as StoredRecord | undefined;
  }

  /** The live records that an index names, in its order, as they are now. */
  async function recordsBy(query: IndexQuery): Promise<InstanceRecord[]> {
    const records: InstanceRecord[] = [];
    let from: QueryCommandInput["ExclusiveStartKey"];
    do {
      const page = await documents.send(
        new QueryCommand({ TableName: table, ...query, Limit: READ_AT_ONCE, ExclusiveStartKey: from }),
      );
      const found = await Promise.all((page.Items ?? []).map(({ id }) => find(id)));
      for (const record of found) if (record !== undefined && !isRetired(record)) records.push(record);
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return records;
  }

  return {
    find,

    findByEc2Instance(ec2InstanceId) {
      return recordsBy({
        IndexName: "byEc2Instance",
        KeyConditionExpression: "ec2InstanceId = :i",
        ExpressionAttributeValues: { ":i": ec2InstanceId },
      });
    },

    async listPage({ limit, after }) {
      const records: StoredRecord[] = [];
      let from: ScanCommandInput["ExclusiveStartKey"] = after === undefined ? undefined : JSON.parse(after);
      do {
        const page = await documents.send(new ScanCommand({ TableName: table, Limit: limit, ExclusiveStartKey: from }));
        // Other items lie there, too.
        records.push(...((page.Items ?? []).filter(({ id }) => isInstanceId(id)) as StoredRecord[]));
        from = page.LastEvaluatedKey;
      } while (from !== undefined && records.length < limit);
      return { records, ...(from !== undefined && { next: JSON.stringify(from) }) };
    },

    async listDue({ at, limit, after }) {
      const due: Due[] = [];
      const begun: { status: Due["status"]; from?: Record<string, unknown> } | undefined =
        after === undefined ? undefined : JSON.parse(after);
      for (const status of DUE_STATUSES.slice(begun === undefined ? 0 : DUE_STATUSES.indexOf(begun.status))) {
        if (due.length === limit) return { due, next: JSON.stringify({ status }) };
        const page = await documents.send(
          new QueryCommand({
            TableName: table,
            IndexName: "byDue" satisfies InstanceIndex,
            KeyConditionExpression: "#status = :status AND dueAt <= :at",
            ExpressionAttributeNames: { "#status": "status" },
            ExpressionAttributeValues: { ":status": status, ":at": at },
            Limit: limit - due.length,
            ...(begun?.status === status && begun.from && { ExclusiveStartKey: begun.from }),
          }),
        );
        due.push(...(page.Items ?? []).map((item) => ({ id: String(item.id), dueAt: Number(item.dueAt), status })));
        const from = page.LastEvaluatedKey;
        if (from !== undefined) return { due, next: JSON.stringify({ status, from }) };
      }
      return { due };
    },
  };
}
