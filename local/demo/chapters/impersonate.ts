import type { Metadata } from "../../../agent/metadata.ts";
import { registrationAt } from "../../../agent/registration/call.ts";
import type { Member, Story } from "../story.ts";

/** An instance asks to change the record of another. */
export async function impersonate(story: Story, roles: { victim: Member; impostor: Member }): Promise<void> {
  const { account, fleet } = story;
  const { victim, impostor } = roles;
  story.tell(`${impostor.id} poses as ${victim.id}: it asks for an update of its record, signed as what it is.`);
  const before = await fleet.record(victim.id);
  const ip = "10.6.6.6";
  const keys = await account.credentialsOf(impostor.ec2InstanceId);
  const metadata: Metadata = {
    ec2InstanceId: async () => impostor.ec2InstanceId,
    ip: async () => ip,
    region: async () => account.region,
    partition: async () => "",
    accountId: async () => "",
    credentials: async () => ({ sessionToken: "", ...keys, expiration: new Date(Date.now() + 3_600_000) }),
  };
  const call = registrationAt(account.registrationUrl, metadata.region, metadata);
  const answer = await call({ id: victim.id, ip, flag: "update" });
  const seen = answer.kind === "refused" ? `refused: ${answer.reason}` : answer.kind;
  const after = await fleet.record(victim.id);
  story.check("an impostor's update", "refused: NOT_OWNER", seen);
  story.check("IP of the impostor's victim afterwards", before.ip, after.ip);
  await story.checkMail("mails about the impostor", `Keyturn: NOT_OWNER on ${impostor.ec2InstanceId} (${victim.id})`);
}
