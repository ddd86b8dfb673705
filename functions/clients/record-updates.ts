import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DueLine } from "../record/audit.ts";
import type { InstanceRecord } from "../record/record.ts";
import { ifTheConditionHolds, namesIn } from "./conditions.ts";

/** What is removed when anything speaks for a host that EC2 did not know. */
export const ABSENCE = "#absentSince, #absentLooks";
/** How a line of the audit is noted as due, after those that are so already; and its values. */
export const LINE_DUE = "#auditDue = list_append(if_not_exists(#auditDue, :none), :line)";
export const due = (line: DueLine) => ({ ":none": [], ":line": [line] });

/** What holds while anything about a record's keys may be written. */
export const NOT_QUARANTINED = "#status <> :quarantined";
const NOT_RETIRED = "attribute_exists(id) AND #status <> :retired";

/** How a record that is not retired is written: in one conditional write. */
export type RecordUpdates = ReturnType<typeof recordUpdates>;

/** Updates of the records in a DynamoDB table with the partition key `id`. */
export function recordUpdates(documents: DynamoDBDocumentClient, table: string) {
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

  return { update, updateAndGet };
}
