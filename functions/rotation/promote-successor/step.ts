import { keyRotated } from "../../../events/key-rotated.ts";
import { findLive } from "../../clients/find-live.ts";
import { againAt } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import { admit } from "../../registration/admit.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Promotes the confirmed key in one conditional write; finding that this execution has done so already is success. Others
 * that wait for the same receipt are told that they have come too late.
 */
export async function promoteSuccessor(
  { id, ec2InstanceId, generation, receiptDigest, verdict, newcomer, execution }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, executions, bus, now, rotateEveryMs, journal } = neighbours;
  const at = now();
  const name = executionName(execution);
  // A second writer is still about although the key was turned; only a rotation without one ends that alert.
  const keepAlert = verdict === "CONFLICT";
  // A newcomer that is not admitted yet is looked at soon again.
  const dueAt = newcomer ? againAt(at, at, rotateEveryMs) : at + rotateEveryMs;
  const change = { generation, receiptDigest, execution: name, at, dueAt, keepAlert };
  let pushes = await registry.promote(id, change);
  if (pushes === undefined) {
    const { current } = await findLive(registry, id);
    if (current.generation !== generation || current.execution !== name) {
      throw new StepError("Superseded", `${id} is at generation ${current.generation}, by another execution.`);
    }
    // This step has run before, and may not have come to its end.
    pushes = current.pushes;
  }
  const cause = `Another execution has turned ${id} to generation ${generation}.`;
  for (const [other, { taskToken }] of Object.entries(pushes ?? {})) {
    if (other !== name) await executions.endTask(taskToken, { error: "Superseded", cause });
  }
  if (newcomer) await admit({ id, ec2InstanceId, execution, dueAt: at + rotateEveryMs }, neighbours);
  await bus.put(keyRotated, { id, ec2InstanceId, generation, execution });
  journal.info("promoted", { id, ec2InstanceId, generation });
  journal.count("Rotation", { outcome: "ROTATED" });
  return { generation };
}
