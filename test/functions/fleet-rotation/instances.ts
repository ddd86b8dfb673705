import type { InstanceRecord } from "../../../functions/record/record.ts";
import { type ControlPlane, recordOf, TestInstance } from "../support.ts";

/** Registers a further instance, on a host of its own. */
export async function addInstance(
  plane: ControlPlane,
  id: string,
  changes: Partial<InstanceRecord> = {},
): Promise<InstanceRecord> {
  const instance = new TestInstance({ id, ec2InstanceId: `i-00000000000${id}` });
  const record = await recordOf(instance, plane.vault, changes);
  if (!(await plane.registry.add(record))) throw new Error(`${id} is registered already`);
  return record;
}
