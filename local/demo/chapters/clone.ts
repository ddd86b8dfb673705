import { setTimeout as pause } from "node:timers/promises";
import { proveAs } from "../../posing.ts";
import { GRACE_MS } from "../settings.ts";
import type { Member, Story } from "../story.ts";

/** A copy of an instance goes on writing with the key of before a turn. */
export async function clone(story: Story, member: Member): Promise<void> {
  const { account, fleet, rotations, signal } = story;
  story.tell(`The disk of ${member.id} is copied. Then ${member.id} is turned; the copy does not hear of it.`);
  const copied = await account.readKeyFile(member.ec2InstanceId);
  await rotations.turn(member.id);
  const { current } = await fleet.record(member.id);
  story.tell("For a short grace the former key is excused; after that, the copy still writes proofs with it.");
  await pause(Math.max(0, current.since + GRACE_MS - Date.now()), undefined, { signal });

  const credentials = await account.credentialsOf(member.ec2InstanceId);
  const timeMs = Date.now();
  await proveAs({ endpoint: account.endpoint, region: account.region, credentials }, copied, timeMs);
  // Two writers, not one with a wrong key: the rightful one proves its key after that.
  await fleet.sampleAfter(member, timeMs);

  const { status, outcome } = await rotations.turn(member.id);
  const after = await fleet.record(member.id);
  await story.checkMail("mails about a clone", `Keyturn: CONFLICT on ${member.id} (${member.ec2InstanceId})`);
  story.check("rotation that found the clone", "SUCCEEDED: ROTATED", `${status}: ${outcome}`);
  story.check("generation of the rightful one afterwards", `${copied.generation + 2}`, `${after.current.generation}`);
}
