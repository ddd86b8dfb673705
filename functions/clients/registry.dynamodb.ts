import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
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
import { ifTheConditionHolds, otherItems } from "./other-items.ts";
import type { Due, Registry } from "./registry.ts";

/** A query of an index of the table. */
type IndexQuery = Omit<QueryCommandInput, "TableName"> & { IndexName: InstanceIndex };

/** What is removed when anything speaks for a host that EC2 did not know. */
const ABSENCE = "#absentSince, #absentLooks";
const NOT_RETIRED = "attribute_exists(id) AND #status <> :retired";
/** Whose keys are turned, in the order in which they are listed. */
const DUE_STATUSES = ["ACTIVE", "NEW"] as const satisfies Due["status"][];

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

  async function queryAll(input: IndexQuery): Promise<StoredRecord[]> {
    const items: StoredRecord[] = [];
    let from: QueryCommandInput["ExclusiveStartKey"];
    do {
      const page = await documents.send(
        new QueryCommand({ TableName: table, ...input, ...(from && { ExclusiveStartKey: from }) }),
      );
      items.push(...((page.Items ?? []) as StoredRecord[]));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  return {
    async find(id) {
      const answer = await documents.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
      return answer.Item as StoredRecord | undefined;
    },

    async findByEc2Instance(ec2InstanceId) {
      const records = await queryAll({
        IndexName: "byEc2Instance",
        KeyConditionExpression: "ec2InstanceId = :i",
        ExpressionAttributeValues: { ":i": ec2InstanceId },
      });
      return records.filter((record) => !isRetired(record)) as InstanceRecord[];
    },

    ...otherItems(documents, table),

    add(record) {
      return put(record, { ConditionExpression: "attribute_not_exists(id)" });
    },

    activate(id, { ec2InstanceId, dueAt }) {
      return update(
        id,
        `SET #status = :active${dueAt === undefined ? "" : ", #dueAt = :due"}`,
        "#ec2InstanceId = :owner AND #status = :new",
        { ":active": "ACTIVE", ":new": "NEW", ":owner": ec2InstanceId, ":due": dueAt },
      );
    },

    async updateIp(id, { ec2InstanceId, ip, at }) {
      const seen = "SET #ip = :ip, #startedAt = :at";
      const values = { ":ip": ip, ":at": at, ":owner": ec2InstanceId };
      // Quarantine is an operator's decision, which a registration does not lift; nor does it make a newcomer the holder.
      const active = await update(
        id,
        `${seen}, #status = :active REMOVE ${ABSENCE}`,
        "#ec2InstanceId = :owner AND #status <> :quarantined AND #status <> :new",
        { ...values, ":active": "ACTIVE", ":quarantined": "QUARANTINED", ":new": "NEW" },
      );
      if (active) return true;
      return update(id, `${seen} REMOVE ${ABSENCE}`, "#ec2InstanceId = :owner AND #status = :new", {
        ...values,
        ":new": "NEW",
      });
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

    async listAlerted() {
      const items = await queryAll({
        IndexName: "byAlert",
        KeyConditionExpression: "alerted = :yes",
        ExpressionAttributeValues: { ":yes": "YES" },
      });
      return items as InstanceRecord[];
    },
  };
}

/** Every `#name` in an expression, mapped to itself: it spares knowing which words DynamoDB reserves. */
function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries((expression.match(/#\w+/g) ?? []).map((name) => [name, name.slice(1)]));
}

export const registry: Maker<"registry"> = ({ INSTANCE_TABLE }) => dynamoRegistry(new DynamoDBClient(), INSTANCE_TABLE);
