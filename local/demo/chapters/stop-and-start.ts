import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** An instance is stopped for a while. */
export async function stopAndStart(story: Story, member: Member): Promise<void> {
  const { account, fleet, rotations, signal } = story;
  story.tell(`The host of ${member.id} is stopped.`);
  const before = await fleet.record(member.id);
  const mails = (await account.mails()).length;
  await fleet.stop(member.ec2InstanceId);
  const hasStatus = (status: string) => async () => (await fleet.record(member.id)).status === status;
  await until(hasStatus("STOPPED"), `${member.id} to be noted as stopped`, signal);
  const skipped = await rotations.turn(member.id);
  story.note(`${member.id}  was skipped, and nobody is alarmed: ${skipped.outcome}.`);
  story.check("rotation of a stopped instance", "SUCCEEDED: WAITING", `${skipped.status}: ${skipped.outcome}`);

  story.tell(`The host of ${member.id} is started again.`);
  const startedAt = Date.now();
  await fleet.start(member.ec2InstanceId);
  await until(hasStatus("ACTIVE"), `${member.id} to be active again`, signal);
  await fleet.sampleAfter(member, startedAt);
  const turned = await rotations.turn(member.id);
  const after = await fleet.record(member.id);
  story.check("its rotation when it is back", "SUCCEEDED: ROTATED", `${turned.status}: ${turned.outcome}`);
  story.check("its generation then", `${before.current.generation + 1}`, `${after.current.generation}`);
  story.check("mails about the stop", "0", `${(await account.mails()).length - mails}`);
}
