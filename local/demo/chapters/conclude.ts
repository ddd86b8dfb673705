import { type InstanceRecord, isRetired } from "../../../functions/record/record.ts";
import { CREDENTIAL } from "../rotations.ts";
import type { Story } from "../story.ts";

/** What must hold of the whole, once everything has happened. */
export async function conclude(story: Story, mails: number): Promise<void> {
  const { account, fleet, rotations } = story;
  story.tell("That was the story. Last of all, the whole is looked at.");
  const live = (await fleet.records()).filter((record): record is InstanceRecord => !isRetired(record));
  const files = await Promise.all(live.map(({ ec2InstanceId }) => account.readKeyFile(ec2InstanceId)));
  const agreeing = live.filter(({ id, current }) =>
    files.some((file) => file.id === id && file.generation === current.generation),
  );
  story.check("instances whose record and key file agree", `${live.length}`, `${agreeing.length}`);
  const failed = (await rotations.listAll()).filter(({ status }) => status !== "SUCCEEDED");
  // The watch has the key that was tampered with tried again, so there may be some.
  const ofKeys = failed.filter(({ stateMachine }) => stateMachine !== CREDENTIAL);
  const ends = await Promise.all(ofKeys.map(({ executionArn = "" }) => rotations.ended(executionArn)));
  const causes = new Set(ends.map(({ outcome }) => outcome));
  story.check("with what executions for instances failed", "Keyturn.MISMATCH", [...causes].join(", "));
  story.check("mails in all", `${mails}`, `${(await account.mails()).length}`);
}
