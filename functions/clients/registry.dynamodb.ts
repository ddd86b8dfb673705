import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { type InstanceRecord, isRetired, type StoredRecord, type Tombstone } from "../record/record.ts";
import type { InstanceIndex } from "../record/table.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { NotRegistered, Registry } from "./registry.ts";

/** A query of an index of the table. */
type IndexQuery = Omit<QueryCommandInput, "TableName"> & { IndexName: InstanceIndex };

/** How many records that an index names are read at once: as many as the SDK has connections. */
const READ_AT_ONCE = 50;
/** What is removed when anything speaks for a host that EC2 did not know. */
const ABSENCE = "#absentSince, #absentLooks";
const NOT_RETIRED = "attribute_exists(id) AND #status <> :retired";
const NOT_REGISTERED_KEPT_DAYS = 90;

/** The registry in a DynamoDB table with the partition key `id`. */
export function dynamoRegistry(client: DynamoDBClient, table: string): Registry {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  /** One conditional update of a record that is not retired; false if a condition does not hold. */
  async function update(id: string, expression: string, condition: string, values: Record<string, unknown>) {
    return (await updateAndGetOld(id, expression, condition, values)) !== undefined;
  }

  /** The same; gives the record as it was before, or undefined if a condition does not hold. */
  async function updateAndGetOld(
    id: string,
    expression: string,
    condition: string,
    values: Record<string, unknown>,
  ): Promise<InstanceRecord | undefined> {
    const answer = await ifTheConditionHolds(
      documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: expression,
          ConditionExpression: condition === "" ? NOT_RETIRED : `${NOT_RETIRED} AND ${condition}`,
          ExpressionAttributeNames: namesIn(`${expression} ${condition} #status`),
          ExpressionAttributeValues: { ":retired": "RETIRED", ...values },
          ReturnValues: "ALL_OLD",
        }),
      ),
    );
    return answer?.Attributes as InstanceRecord | undefined;
  }

  /** One conditional put; false if the condition does not hold. */
  async function put(item: StoredRecord, condition: Omit<PutCommandInput, "TableName" | "Item">): Promise<boolean> {
    const answer = ifTheConditionHolds(documents.send(new PutCommand({ TableName: table, Item: item, ...condition })));
    return (await answer) !== undefined;
  }

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

    add(record) {
      return put(record, { ConditionExpression: "attribute_not_exists(id)" });
    },

    updateIp(id, { ec2InstanceId, ip, at }) {
      // Quarantine is an operator's decision, which a registration does not lift.
      return update(
        id,
        `SET #ip = :ip, #startedAt = :at, #status = :active REMOVE ${ABSENCE}`,
        "#ec2InstanceId = :owner AND #status <> :quarantined",
        { ":ip": ip, ":at": at, ":owner": ec2InstanceId, ":active": "ACTIVE", ":quarantined": "QUARANTINED" },
      );
    },

    setPending(id, { pending, verdict, lastProofAt }) {
      return update(
        id,
        `SET #pending = :pending, #verdict = :verdict, #lastProofAt = :proof REMOVE #waitingSince, ${ABSENCE}`,
        "attribute_not_exists(#pending) AND #current.#generation = :before",
        { ":pending": pending, ":verdict": verdict, ":proof": lastProofAt, ":before": pending.generation - 1 },
      );
    },

    async setPush(id, { generation, nonce, push }) {
      const before = await updateAndGetOld(
        id,
        "SET #pending.#push = :push",
        "#pending.#generation = :g AND #pending.#nonce = :n",
        { ":push": push, ":g": generation, ":n": nonce },
      );
      const replaced = before?.pending?.push;
      return before && (replaced === undefined ? {} : { replaced });
    },

    promote(id, { generation, nonce, at, dueAt, keepAlert }) {
      return update(
        id,
        "SET #current.#generation = #pending.#generation, #current.#nonce = #pending.#nonce, " +
          "#current.#ciphertext = #pending.#ciphertext, #current.#since = :at, #dueAt = :due " +
          `REMOVE #pending, #waitingSince, ${ABSENCE}` +
          (keepAlert ? "" : ", #alert, #alerted, #alertedSince"),
        "#pending.#generation = :g AND #pending.#nonce = :n",
        { ":at": at, ":due": dueAt, ":g": generation, ":n": nonce },
      );
    },

    noteWaiting(id, { generation, at, dueAt }) {
      return update(
        id,
        "SET #verdict = :waiting, #waitingSince = if_not_exists(#waitingSince, :at), #dueAt = :due",
        "#current.#generation = :g",
        { ":waiting": "WAITING", ":at": at, ":due": dueAt, ":g": generation },
      );
    },

    setAlert(id, { generation, alert, dueAt }) {
      return update(
        id,
        "SET #alert = :alert, #alerted = :yes, #alertedSince = :since, #dueAt = :due",
        "#current.#generation = :g",
        { ":alert": alert, ":yes": "YES", ":since": alert.since, ":due": dueAt, ":g": generation },
      );
    },

    noteAlertMailed(id, { since, at }) {
      return update(id, "SET #alert.#mailedAt = :at", "#alert.#since = :since", { ":since": since, ":at": at });
    },

    stop(id, { ec2InstanceId }) {
      return update(
        id,
        "SET #status = :stopped REMOVE #waitingSince",
        "#status = :active AND #ec2InstanceId = :owner",
        {
          ":stopped": "STOPPED",
          ":active": "ACTIVE",
          ":owner": ec2InstanceId,
        },
      );
    },

    start(id, { ec2InstanceId, at }) {
      return update(
        id,
        `SET #status = :active, #startedAt = :at REMOVE ${ABSENCE}`,
        "#status = :stopped AND #ec2InstanceId = :owner",
        { ":stopped": "STOPPED", ":active": "ACTIVE", ":owner": ec2InstanceId, ":at": at },
      );
    },

    async noteAbsent(id, { ec2InstanceId, at }) {
      const before = await updateAndGetOld(
        id,
        "SET #absentSince = if_not_exists(#absentSince, :at) ADD #absentLooks :one",
        "#ec2InstanceId = :owner",
        { ":at": at, ":one": 1, ":owner": ec2InstanceId },
      );
      return before && { since: before.absentSince ?? at, looks: (before.absentLooks ?? 0) + 1 };
    },

    notePresent(id, { ec2InstanceId }) {
      return update(id, `REMOVE ${ABSENCE}`, "#ec2InstanceId = :owner", { ":owner": ec2InstanceId });
    },

    retire(id, { ec2InstanceId, at, absentSince }) {
      const absent = absentSince === undefined ? "" : " AND #absentSince = :absent";
      const condition = `${NOT_RETIRED} AND #ec2InstanceId = :owner${absent}`;
      const tombstone: Tombstone = { id, ec2InstanceId, status: "RETIRED", retiredAt: at };
      return put(tombstone, {
        ConditionExpression: condition,
        ExpressionAttributeNames: namesIn(condition),
        ExpressionAttributeValues: { ":retired": "RETIRED", ":owner": ec2InstanceId, ":absent": absentSince },
      });
    },

    async countNotRegistered({ kind, ec2InstanceId, id, reason, at }) {
      const answer = await documents.send(
        new UpdateCommand({
          TableName: table,
          Key: notRegisteredOf(kind, ec2InstanceId),
          UpdateExpression: "SET lastAt = :at, lastId = :id, reason = :reason, expiresAt = :expires ADD refusals :one",
          ExpressionAttributeValues: {
            ":at": at,
            ":id": id,
            ":reason": reason,
            ":expires": Math.ceil(at / 1000) + NOT_REGISTERED_KEPT_DAYS * 86_400,
            ":one": 1,
          },
          ReturnValues: "ALL_NEW",
        }),
      );
      return answer.Attributes?.mailedAt as number | undefined;
    },

    async noteNotRegisteredMailed({ kind, ec2InstanceId, at }) {
      await documents.send(
        new UpdateCommand({
          TableName: table,
          Key: notRegisteredOf(kind, ec2InstanceId),
          UpdateExpression: "SET mailedAt = :at",
          ExpressionAttributeValues: { ":at": at },
        }),
      );
    },

    async listDue({ at, limit, after }) {
      const page = await documents.send(
        new QueryCommand({
          TableName: table,
          IndexName: "byDue" satisfies InstanceIndex,
          KeyConditionExpression: "#status = :active AND dueAt <= :at",
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: { ":active": "ACTIVE", ":at": at },
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
        }),
      );
      const due = (page.Items ?? []).map((item) => ({ id: String(item.id), dueAt: Number(item.dueAt) }));
      return page.LastEvaluatedKey === undefined ? { due } : { due, next: JSON.stringify(page.LastEvaluatedKey) };
    },

    async listAlerted() {
      const records = await recordsBy({
        IndexName: "byAlert",
        KeyConditionExpression: "alerted = :yes",
        ExpressionAttributeValues: { ":yes": "YES" },
      });
      // The index may not know yet that one was mended.
      return records.filter(({ alert }) => alert !== undefined);
    },
  };
}

/**
 * What a caller was refused is counted in an item of its own, and so is what failed: the key has no instance ID's form,
 * so it is never taken for a record.
 */
function notRegisteredOf(kind: NotRegistered, ec2InstanceId: string): { id: string } {
  return { id: `${kind}#${ec2InstanceId}` };
}

/** Every `#name` in an expression, mapped to itself: it spares knowing which words DynamoDB reserves. */
function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries((expression.match(/#\w+/g) ?? []).map((name) => [name, name.slice(1)]));
}

/** Undefined if the write's condition did not hold; every other failure is thrown. */
async function ifTheConditionHolds<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

export const registry: Maker<"registry"> = ({ INSTANCE_TABLE }) => dynamoRegistry(new DynamoDBClient(), INSTANCE_TABLE);
