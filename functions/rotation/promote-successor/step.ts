import { keyRotated } from "../../../events/key-rotated.ts";
import { claimed } from "../../audit/asked.ts";
import { lineOf } from "../../audit/line.ts";
import { putLines } from "../../audit/put-lines.ts";
import { findLive } from "../../clients/find-live.ts";
import { againAt } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import { admit } from "../../registration/admit.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { overtaken } from "../overtaken.ts";
import type { contract } from "./contract.ts";

/**
 * Promotes the confirmed key in one conditional write; finding that this execution has done so already is success. Others
 * that wait for the same receipt are told that they have come too late.
 */
export async function promoteSuccessor(
  { id, ec2InstanceId, generation, receiptDigest, verdict, newcomer, execution, asked }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, executions, bus, now, rotateEveryMs, journal } = neighbours;
  const rekey = verdict === "REKEY";
  const at = now();
  const name = executionName(execution);
  // A newcomer that is not admitted yet is looked at soon again.
  const dueAt = newcomer ? againAt(at, at, rotateEveryMs) : at + rotateEveryMs;
  const line = lineOf(rekey ? "rekeyed" : "promoted", at, {
    generation,
    verdict,
    receiptDigest,
    execution: name,
    ...claimed(asked),
  });
  const change = { generation, receiptDigest, execution: name, at, dueAt, line };
  let promoted = await (rekey ? registry.promoteRekey(id, change) : registry.promote(id, change));
  if (promoted === undefined) {
    const record = await findLive(registry, id);
    const { current, auditHead, auditDue } = record;
    if (current.generation !== generation || current.execution !== name) throw overtaken(record, generation);
    // This step has run before, and may not have come to its end.
    promoted = { pushes: current.pushes ?? {}, ...(auditHead && { auditHead }), ...(auditDue && { auditDue }) };
  }
  const cause = `Another execution has turned ${id} to generation ${generation}.`;
  for (const [other, { taskToken }] of Object.entries(promoted.pushes)) {
    if (other !== name) await executions.endTask(taskToken, { error: "Superseded", cause });
  }
  if (newcomer) await admit({ id, ec2InstanceId, execution, dueAt: at + rotateEveryMs }, neighbours);
  await putLines(id, promoted, neighbours);
  await bus.put(keyRotated, { id, ec2InstanceId, generation, execution, ...(rekey && { rekey }) });
  journal.info("promoted", { id, ec2InstanceId, generation, verdict });
  journal.count("Rotation", { outcome: "ROTATED" });
  return { generation };
}
