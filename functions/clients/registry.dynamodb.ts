import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, type PutCommandInput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DueLine } from "../record/audit.ts";
import type { InstanceRecord, StoredRecord } from "../record/record.ts";
import type { Maker } from "../shared/neighbours.ts";
import { ifTheConditionHolds, namesIn } from "./conditions.ts";
import { otherItems } from "./other-items.ts";
import { recordReads } from "./record-reads.ts";
import type { Aim, Promoted, Promotion, Registry } from "./registry.ts";
import { ERASED, eraseUnknown } from "./registry-erasure.ts";

/** What is removed when anything speaks for a host that EC2 did not know. */
const ABSENCE = "#absentSince, #absentLooks";
/** How a line of the audit is noted as due, after those that are so already; and its values. */
const LINE_DUE = "#auditDue = list_append(if_not_exists(#auditDue, :none), :line)";
const due = (line: DueLine) => ({ ":none": [], ":line": [line] });

const NOT_QUARANTINED = "#status <> :quarantined";
const NO_REKEY = "attribute_not_exists(#rekey)";
const NOT_RETIRED = "attribute_exists(id) AND #status <> :retired";

/** Where the key lies that an instance is to turn to, and what holds while it may be pushed; `:g` is its generation. */
function aimedAt({ rekey }: Aim): { key: string; isThere: string } {
  const key = rekey ? "#rekey" : "#pending";
  return { key, isThere: `${NOT_QUARANTINED} AND ${key}.#generation = :g${rekey ? "" : ` AND ${NO_REKEY}`}` };
}

/** The registry in a DynamoDB table with the partition key `id`. */
export function dynamoRegistry(client: DynamoDBClient, table: string): Registry {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  /** One conditional update of a record that is not retired; false if a condition does not hold. */
  async function update(
    id: string,
    expression: string,
    condition: string,
    values: Record<string, unknown>,
    names?: Record<string, string>,
  ) {
    return (await updateAndGet("ALL_OLD", id, expression, condition, values, names)) !== undefined;
  }

  /**
   * The same; gives the record as it was before or is then, or undefined if a condition does not hold.
   *
   * @param names of attributes that are no words of ours
   */
  async function updateAndGet(
    which: "ALL_OLD" | "ALL_NEW",
    id: string,
    expression: string,
    condition: string,
    values: Record<string, unknown>,
    names: Record<string, string> = {},
  ): Promise<InstanceRecord | undefined> {
    const answer = await ifTheConditionHolds(
      documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: expression,
          ConditionExpression: condition === "" ? NOT_RETIRED : `${NOT_RETIRED} AND ${condition}`,
          ExpressionAttributeNames: { ...namesIn(`${expression} ${condition} #status`), ...names },
          ExpressionAttributeValues: {
            ":retired": "RETIRED",
            ...(condition.includes(":quarantined") && { ":quarantined": "QUARANTINED" }),
            ...values,
          },
          ReturnValues: which,
        }),
      ),
    );
    return answer?.Attributes as InstanceRecord | undefined;
  }

  /**
   * Makes a key the current one, in one conditional write.
   *
   * @param which where it lies, where the digest of its receipt, what else moves with it, and what is gone then
   */
  async function promoteTo(
    id: string,
    { generation, receiptDigest, execution, at, dueAt, line }: Promotion,
    { key, digest, moved, gone }: { key: string; digest: string; moved: string; gone: string },
  ): Promise<Promoted | undefined> {
    // A rekey that stands beside the key that is promoted is due as it was.
    const next = key === "#rekey" ? ":due" : "if_not_exists(#rekey.#openedAt, :due)";
    const before = await updateAndGet(
      "ALL_OLD",
      id,
      `SET #current.#generation = ${key}.#generation, #current.#nonce = ${key}.#nonce, ${moved}, ` +
        `#current.#since = :at, #current.#execution = :execution, #dueAt = ${next}, ${LINE_DUE} ` +
        `REMOVE ${gone}, #waitingSince, #failingSince, #failedIn, ${ABSENCE}`,
      `${NOT_QUARANTINED} AND ${key}.#generation = :g AND ${digest} = :digest`,
      { ":at": at, ":due": dueAt, ":g": generation, ":digest": receiptDigest, ":execution": execution, ...due(line) },
    );
    if (before === undefined) return undefined;
    const { pending, rekey, auditHead, auditDue = [] } = before;
    const pushes = { ...pending?.pushes, ...(key === "#rekey" && rekey?.pushes) };
    return { pushes, ...(auditHead && { auditHead }), auditDue: [...auditDue, line] };
  }

  /** One conditional put; false if the condition does not hold. */
  async function put(item: StoredRecord, condition: Omit<PutCommandInput, "TableName" | "Item">): Promise<boolean> {
    const answer = ifTheConditionHolds(documents.send(new PutCommand({ TableName: table, Item: item, ...condition })));
    return (await answer) !== undefined;
  }

  return {
    ...recordReads(documents, table),

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

    setPending(id, { pending, verdict, lastProofAt }) {
      return update(
        id,
        "SET #pending = :pending, #verdict = :verdict, #judgedAt = :proof, #lastProofAt = :proof " +
          `REMOVE #waitingSince, #current.#pushes, ${ABSENCE}`,
        `${NOT_QUARANTINED} AND attribute_not_exists(#pending) AND ${NO_REKEY} AND #current.#generation = :before`,
        { ":pending": pending, ":verdict": verdict, ":proof": lastProofAt, ":before": pending.generation - 1 },
      );
    },

    async setPush(id, { execution, push, ...aim }) {
      const { key, isThere } = aimedAt(aim);
      const after = await updateAndGet(
        "ALL_NEW",
        id,
        `SET ${key}.#pushes.#execution = :push`,
        `${isThere} AND (attribute_not_exists(${key}.#pushes.#execution) OR ${key}.#pushes.#execution.#sentAt <= :sentAt)`,
        { ":push": push, ":g": aim.generation, ":sentAt": push.sentAt },
        { "#execution": execution },
      );
      return aim.rekey ? after?.rekey : after?.pending;
    },

    forgetPushes(id, { executions, ...aim }) {
      const { key, isThere } = aimedAt(aim);
      const names = Object.fromEntries(executions.map((execution, n) => [`#execution${n}`, execution]));
      const paths = Object.keys(names).map((name) => `${key}.#pushes.${name}`);
      return update(id, `REMOVE ${paths.join(", ")}`, isThere, { ":g": aim.generation }, names);
    },

    promote(id, promotion) {
      const moved = "#current.#ciphertext = #pending.#ciphertext, #current.#pushes = #pending.#pushes";
      return promoteTo(id, promotion, { key: "#pending", digest: "#pending.#receiptDigest", moved, gone: "#pending" });
    },

    promoteRekey(id, promotion) {
      const moved =
        "#current.#ciphertext = #rekey.#agreed.#ciphertext, #current.#pushes = #rekey.#pushes, " +
        "#agentPublic = #rekey.#agreed.#agentPublic, #serverPublic = #rekey.#agreed.#serverPublic, #rekeyedAt = :at";
      const gone = "#pending, #rekey";
      return promoteTo(id, promotion, { key: "#rekey", digest: "#rekey.#agreed.#receiptDigest", moved, gone });
    },

    openRekey(id, { rekey, replaces, line }) {
      const { generation, nonce, openedAt, execution } = rekey;
      const isAbove =
        `${NOT_QUARANTINED} AND #status <> :new AND #current.#generation < :g AND ` +
        "(attribute_not_exists(#pending) OR #pending.#generation < :g)";
      const values = { ":at": openedAt, ":new": "NEW", ":g": generation, ...due(line) };
      if (replaces === undefined) {
        const opened = `SET #rekey = :rekey, #dueAt = :at, ${LINE_DUE}`;
        return update(id, opened, `${isAbove} AND ${NO_REKEY}`, { ...values, ":rekey": rekey });
      }
      return update(
        id,
        "SET #rekey.#generation = :g, #rekey.#nonce = :nonce, #rekey.#openedAt = :at, " +
          `#rekey.#execution = :execution, #dueAt = :at, ${LINE_DUE} REMOVE #rekey.#agreed`,
        `${isAbove} AND #rekey.#generation = :replaced`,
        { ...values, ":nonce": nonce, ":execution": execution, ":replaced": replaces },
      );
    },

    agreeRekey(id, { ec2InstanceId, generation, nonce, agreed }) {
      return update(
        id,
        "SET #rekey.#agreed = :agreed",
        `${NOT_QUARANTINED} AND #ec2InstanceId = :owner AND #rekey.#generation = :g AND #rekey.#nonce = :nonce AND ` +
          "attribute_not_exists(#rekey.#agreed)",
        { ":agreed": agreed, ":owner": ec2InstanceId, ":g": generation, ":nonce": nonce },
      );
    },

    bringForward(id, { from, key, at, line }) {
      return update(
        id,
        `SET #current = :current, ${LINE_DUE} REMOVE #pending`,
        `${NOT_QUARANTINED} AND ${NO_REKEY} AND #current.#generation = :from AND #current.#generation < :g`,
        { ":current": { ...key, since: at }, ":from": from, ":g": key.generation, ...due(line) },
      );
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
