import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, type PutCommandInput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { StoredRecord } from "../record/record.ts";
import type { Maker } from "../shared/neighbours.ts";
import { ifTheConditionHolds, namesIn } from "./conditions.ts";
import { keyWrites } from "./key-writes.ts";
import { otherItems } from "./other-items.ts";
import { recordReads } from "./record-reads.ts";
import { ABSENCE, due, LINE_DUE, NOT_QUARANTINED, recordUpdates } from "./record-updates.ts";
import type { Registry } from "./registry.ts";
import { ERASED, eraseUnknown } from "./registry-erasure.ts";

/** The registry in a DynamoDB table with the partition key `id`. */
export function dynamoRegistry(client: DynamoDBClient, table: string): Registry {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const updates = recordUpdates(documents, table);
  const { update, updateAndGet } = updates;

  /** One conditional put; false if the condition does not hold. */
  async function put(item: StoredRecord, condition: Omit<PutCommandInput, "TableName" | "Item">): Promise<boolean> {
    const answer = ifTheConditionHolds(documents.send(new PutCommand({ TableName: table, Item: item, ...condition })));
    return (await answer) !== undefined;
  }

  return {
    ...recordReads(documents, table),

    ...otherItems(documents, table),

    ...keyWrites(updates),

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

    async updateIp(id, { ec2InstanceId, ip, agentVersion, at }) {
      const isSaid = agentVersion !== undefined;
      const seen = `SET #ip = :ip, #startedAt = :at${isSaid ? ", #agentVersion = :version" : ""}`;
      const gone = `REMOVE ${isSaid ? "" : "#agentVersion, "}${ABSENCE}`;
      const values = { ":ip": ip, ":at": at, ":version": agentVersion, ":owner": ec2InstanceId, ":new": "NEW" };
      // Quarantine is an operator's decision, which a registration does not lift; nor does it make a newcomer the holder.
      const asHolder = () =>
        update(
          id,
          `${seen}, #status = :active ${gone}`,
          `#ec2InstanceId = :owner AND ${NOT_QUARANTINED} AND #status <> :new`,
          { ...values, ":active": "ACTIVE" },
        );
      const asNewcomer = () => update(id, `${seen} ${gone}`, "#ec2InstanceId = :owner AND #status = :new", values);
      // Between the two it may have been made the holder.
      return (await asHolder()) || (await asNewcomer()) || asHolder();
    },

    noteWaiting(id, { generation, at, dueAt }) {
      return update(
        id,
        "SET #verdict = :waiting, #waitingSince = if_not_exists(#waitingSince, :at), #dueAt = :due",
        `${NOT_QUARANTINED} AND #current.#generation = :g`,
        { ":waiting": "WAITING", ":at": at, ":due": dueAt, ":g": generation },
      );
    },

    noteFailed(id, { generation, execution, at, dueAt, verdict, line }) {
      return update(
        id,
        `SET #failingSince = if_not_exists(#failingSince, :at), #failedIn = :execution, #dueAt = :due, ${LINE_DUE}` +
          (verdict === undefined ? "" : ", #verdict = :verdict"),
        `${NOT_QUARANTINED} AND #current.#generation = :g AND ` +
          "(attribute_not_exists(#failedIn) OR #failedIn <> :execution)",
        { ":at": at, ":due": dueAt, ":g": generation, ":execution": execution, ":verdict": verdict, ...due(line) },
      );
    },

    noteJudged(id, { generation, verdict, at, lastProofAt, isSettled = false }) {
      return update(
        id,
        `SET #verdict = :verdict, #judgedAt = :at${lastProofAt === undefined ? "" : ", #lastProofAt = :proof"}` +
          (isSettled ? " REMOVE #current.#pushes" : ""),
        `${NOT_QUARANTINED} AND #current.#generation = :g`,
        { ":verdict": verdict, ":at": at, ":g": generation, ":proof": lastProofAt },
      );
    },

    quarantine(id, { line }) {
      const set = `SET #statusBefore = #status, #status = :quarantined, ${LINE_DUE}`;
      return update(id, set, NOT_QUARANTINED, due(line));
    },

    async release(id, { line }) {
      const asItWas = () =>
        update(
          id,
          `SET #status = #statusBefore, ${LINE_DUE} REMOVE #statusBefore`,
          "#status = :quarantined AND attribute_exists(#statusBefore)",
          due(line),
        );
      // By whom it was put there did not note what it was.
      const asActive = () =>
        update(id, `SET #status = :active, ${LINE_DUE}`, "#status = :quarantined", {
          ":active": "ACTIVE",
          ...due(line),
        });
      return (await asItWas()) || (await asActive());
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
      const before = await updateAndGet(
        "ALL_OLD",
        id,
        "SET #absentSince = if_not_exists(#absentSince, :at) ADD #absentLooks :one",
        `${NOT_QUARANTINED} AND #ec2InstanceId = :owner`,
        { ":at": at, ":one": 1, ":owner": ec2InstanceId },
      );
      return before && { since: before.absentSince ?? at, looks: (before.absentLooks ?? 0) + 1 };
    },

    notePresent(id, { ec2InstanceId }) {
      return update(id, `REMOVE ${ABSENCE}`, "#ec2InstanceId = :owner", { ":owner": ec2InstanceId });
    },

    async retire(id, { ec2InstanceId, at, absentSince, line }) {
      const absent = absentSince === undefined ? "" : " AND #absentSince = :absent";
      const after = await updateAndGet(
        "ALL_NEW",
        id,
        `SET #status = :retired, #retiredAt = :at, ${LINE_DUE} REMOVE ${ERASED}`,
        `#ec2InstanceId = :owner${absent}`,
        { ":owner": ec2InstanceId, ":at": at, ":absent": absentSince, ...due(line) },
      );
      if (after === undefined) return false;
      await eraseUnknown(documents, table, after);
      return true;
    },

    async noteAudited(id, { known, head, put: count }) {
      // From the last on: where elements are removed one after the other, and not all at once as on AWS, it is the same.
      const lines = Array.from({ length: count }, (_, n) => `#auditDue[${count - 1 - n}]`).join(", ");
      const expression = `SET #auditHead = :head${count === 0 ? "" : ` REMOVE ${lines}`}`;
      const condition =
        known === undefined ? "attribute_exists(id) AND attribute_not_exists(#auditHead)" : "#auditHead.#n = :known";
      const noted = documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: namesIn(`${expression} ${condition}`),
          ExpressionAttributeValues: { ":head": head, ...(known !== undefined && { ":known": known.n }) },
        }),
      );
      return (await ifTheConditionHolds(noted)) !== undefined;
    },
  };
}

export const registry: Maker<"registry"> = ({ INSTANCE_TABLE }) => dynamoRegistry(new DynamoDBClient(), INSTANCE_TABLE);
