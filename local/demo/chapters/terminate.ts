import { isRetired } from "../../../functions/record/record.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** An instance is terminated for good. */
export async function terminate(story: Story, member: Member): Promise<void> {
  const { fleet, rotations, signal } = story;
  story.tell(`The host of ${member.id} is terminated.`);
  await fleet.terminate(member.ec2InstanceId);
  const tombstone = await until(
    async () => {
      const record = await fleet.find(member.id);
      return isRetired(record) && record;
    },
    `${member.id} to be retired`,
    signal,
  );
  const left = Object.keys(tombstone).sort().join(", ");
  story.check("what is left of its record", "ec2InstanceId, id, retiredAt, status", left);
  story.note(`${member.id}  is retired: its key material is erased, and its ID is never used again.`);
  const { status, outcome } = await rotations.turn(member.id);
  story.check("rotation of a retired instance", "SUCCEEDED: RETIRED", `${status}: ${outcome}`);
}
