import { randomBytes } from "node:crypto";
import type { Member, Story } from "../story.ts";

/** Somebody writes another key into an instance's key file: the watch finds it, and no rotation turns it. */
export async function tamper(story: Story, member: Member): Promise<void> {
  const { account, fleet, rotations } = story;
  story.tell(`Somebody tampers with the key file of ${member.id}.`);
  const file = await account.readKeyFile(member.ec2InstanceId);
  await account.writeKeyFile(member.ec2InstanceId, { ...file, key: randomBytes(32).toString("hex") });
  await fleet.sampleAfter(member, Date.now());
  story.tell("The watch looks at everybody, whether a key is due or not. Then the rotation looks for itself.");
  await rotations.look();
  const { verdict } = await fleet.record(member.id);
  story.check("what the watch finds of a tampered key", "MISMATCH", verdict ?? "nothing");
  const { status, outcome } = await rotations.turn(member.id);
  const { current } = await fleet.record(member.id);
  story.check("rotation of a tampered key", "FAILED: Keyturn.MISMATCH", `${status}: ${outcome}`);
  story.check("generation after the tampering", `${file.generation}`, `${current.generation}`);
  await story.checkMail("mails about the mismatch", `Keyturn: MISMATCH on ${member.id} (${member.ec2InstanceId})`);
}
