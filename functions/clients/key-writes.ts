import { ABSENCE, due, LINE_DUE, NOT_QUARANTINED, type RecordUpdates } from "./record-updates.ts";
import type { Aim, Promoted, Promotion, Registry } from "./registry.ts";

/** The writes by which a record's keys come, and become the current one. */
export type KeyWrites = Pick<
  Registry,
  "setPending" | "setPush" | "forgetPushes" | "promote" | "openRekey" | "agreeRekey" | "promoteRekey" | "bringForward"
>;

const NO_REKEY = "attribute_not_exists(#rekey)";

/** Where the key lies that an instance is to turn to, and what holds while it may be pushed; `:g` is its generation. */
function aimedAt({ rekey }: Aim): { key: string; isThere: string } {
  const key = rekey ? "#rekey" : "#pending";
  return { key, isThere: `${NOT_QUARANTINED} AND ${key}.#generation = :g${rekey ? "" : ` AND ${NO_REKEY}`}` };
}

/** These in a DynamoDB table. */
export function keyWrites({ update, updateAndGet }: RecordUpdates): KeyWrites {
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

  return {
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
  };
}
