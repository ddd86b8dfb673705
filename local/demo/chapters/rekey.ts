import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** The key that somebody has tampered with is healed by one command: a fresh key, of which nothing follows from any before. */
export async function rekey(story: Story, member: Member): Promise<void> {
  const { account, fleet, rotations, signal } = story;
  story.tell(`One command heals it: ${member.id} and the control plane agree on a fresh key, and the ID stays.`);
  const tampered = await account.readKeyFile(member.ec2InstanceId);
  const startedAt = Date.now();
  const { status, outcome } = await rotations.rekey(member.id, "somebody tampered with its key file");
  const isHealed = async () => {
    await rotations.look();
    return (await fleet.causesOf(member.id)).length === 0;
  };
  await until(isHealed, `all findings about ${member.id} to be over`, signal);
  story.note(
    `${member.id}  is healed: ${((Date.now() - startedAt) / 1000).toFixed(1)} s from the command to no finding.`,
  );

  const file = await account.readKeyFile(member.ec2InstanceId);
  const { current, verdict } = await fleet.record(member.id);
  story.check("the execution of the rekey", "SUCCEEDED: REKEYED", `${status}: ${outcome}`);
  story.check("ID of the instance that was rekeyed", member.id, file.id);
  story.check("its generation then, above all before", `${tampered.generation + 1}`, `${current.generation}`);
  story.check(
    "its key file then",
    `another key, ${current.generation}`,
    `${file.key === tampered.key ? "the same" : "another"} key, ${file.generation}`,
  );
  story.check("what the watch finds of it then", "MATCH", verdict ?? "nothing");
  const next = await rotations.turn(member.id);
  story.check("its next rotation", "SUCCEEDED: ROTATED", `${next.status}: ${next.outcome}`);
}
