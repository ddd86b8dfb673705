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
  // The watch has the key that was tampered with tried again.
  const ofKeys = failed.filter(({ stateMachine }) => stateMachine !== CREDENTIAL).map(({ name }) => name?.slice(0, 6));
  story.check("instances of which an execution did not succeed (the mismatch)", "1", `${new Set(ofKeys).size}`);
  story.check("mails in all", `${mails}`, `${(await account.mails()).length}`);
}
