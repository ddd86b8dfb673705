import { askToUpdate } from "../../posing.ts";
import type { Member, Story } from "../story.ts";

/** An instance asks to change the record of another. */
export async function impersonate(story: Story, roles: { victim: Member; impostor: Member }): Promise<void> {
  const { account, fleet } = story;
  const { victim, impostor } = roles;
  story.tell(`${impostor.id} poses as ${victim.id}: it asks for an update of its record, signed as what it is.`);
  const before = await fleet.record(victim.id);
  const credentials = await account.credentialsOf(impostor.ec2InstanceId);
  const { endpoint, region } = account;
  const answer = await askToUpdate({ endpoint, region, credentials }, impostor.ec2InstanceId, victim.id);
  const seen = answer.kind === "refused" ? `refused: ${answer.reason}` : answer.kind;
  const after = await fleet.record(victim.id);
  story.check("an impostor's update", "refused: NOT_OWNER", seen);
  story.check("IP of the impostor's victim afterwards", before.ip, after.ip);
  await story.checkMail("mails about the impostor", `Keyturn: NOT_OWNER on ${impostor.ec2InstanceId} (${victim.id})`);
}
