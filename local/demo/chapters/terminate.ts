import { isRetired } from "../../../functions/record/record.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** An instance is terminated for good. The audit line about that is due; the next look of the watch would put it. */
export async function terminate(story: Story, member: Member): Promise<void> {
  const { fleet, rotations, signal } = story;
  story.tell(`The host of ${member.id} is terminated.`);
  await fleet.terminate(member.ec2InstanceId);
  await until(async () => isRetired(await fleet.find(member.id)), `${member.id} to be retired`, signal);
  const left = Object.keys(await fleet.find(member.id))
    .sort()
    .join(", ");
  story.check("what is left of its record", "auditDue, auditHead, ec2InstanceId, id, retiredAt, status", left);
  story.note(`${member.id}  is retired: its key material is erased, and its ID is never used again.`);
  const { status, outcome } = await rotations.turn(member.id);
  story.check("rotation of a retired instance", "SUCCEEDED: RETIRED", `${status}: ${outcome}`);
}
