import { isCount, isEc2InstanceId } from "../../protocol/index.ts";
import type { Tellers } from "../findings/alter.ts";
import type { Facts, Found } from "../findings/finding.ts";
import { openFinding } from "../findings/open.ts";
import type { InstanceRecord, StoredRecord } from "../record/record.ts";

/**
 * Tells people of what is wrong with an instance.
 *
 * @param execution ARN of the one that has come upon it
 * @param said what is known of it besides, in a sentence
 */
export async function tell(
  cause: string,
  { id: subject, ec2InstanceId, current, lastProofAt }: InstanceRecord,
  execution: string,
  tellers: Tellers,
  said?: string,
): Promise<void> {
  const facts: Facts = {
    ec2InstanceId,
    generation: current.generation,
    keySince: current.since,
    ...(lastProofAt !== undefined && { lastProofAt }),
    ...(said !== undefined && { said }),
  };
  await openFinding({ subject, cause, execution, facts }, tellers);
}

/** What is told of a record that cannot be judged, but for the cause and what was said. */
export function aboutOf({ id: subject, ec2InstanceId }: StoredRecord, execution: string): Omit<Found, "cause"> {
  return { subject, execution, facts: isEc2InstanceId(ec2InstanceId) ? { ec2InstanceId } : {} };
}

/** @throws TypeError when somebody has altered a record so that nothing can be asked of its host, or of its key */
export function demandForm({ ec2InstanceId, current }: InstanceRecord): void {
  if (!isEc2InstanceId(ec2InstanceId)) throw new TypeError("Its ec2InstanceId is no EC2 instance ID.");
  if (!isCount(current?.generation)) throw new TypeError("It has no current key.");
}
