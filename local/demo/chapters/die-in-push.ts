import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddedAccount } from "../embedded-account.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** Holds the turn up, after the key has turned and before the receipt, for as long as the story needs. */
const HOOK = '#!/bin/sh\nwhile [ ! -e "$HOME/go-on" ]; do sleep 0.1; done\n';

/** The embedded AWS is killed while a push is under way, and started again. Only here: nobody kills AWS. */
export async function dieInPush(story: Story, account: EmbeddedAccount, member: Member): Promise<void> {
  const { fleet, rotations, signal } = story;
  const folder = account.folderOf(member.ec2InstanceId);
  const hook = join(folder, "hooks.d", "10-wait");
  mkdirSync(join(folder, "hooks.d"), { recursive: true });
  writeFileSync(hook, HOOK);
  chmodSync(hook, 0o755);

  story.tell(
    `${member.id} is turned once more, and AWS dies (SIGKILL) when the key is turned and the receipt not yet out.`,
  );
  const before = await account.readKeyFile(member.ec2InstanceId);
  const execution = await rotations.start(member.id);
  const hasTurned = async () => (await account.readKeyFile(member.ec2InstanceId)).generation > before.generation;
  await until(hasTurned, `${member.id} to turn its key`, signal);
  await account.kill();
  story.tell("AWS is dead, and so are all instances. It is started again.");
  await account.start();

  const { status: statusThen } = await rotations.describe(execution);
  const { current } = await fleet.record(member.id);
  story.note(`${member.id}  has the new key, the record still the former one; the rotation is ${statusThen}.`);
  story.check("rotation, when AWS is back", "RUNNING", statusThen ?? "");
  story.check("generation in the record, when AWS is back", `${before.generation}`, `${current.generation}`);
  writeFileSync(join(folder, "go-on"), "");
  const { status, outcome } = await rotations.ended(execution);
  const after = await fleet.record(member.id);
  const file = await account.readKeyFile(member.ec2InstanceId);
  story.check("that very rotation in the end", "SUCCEEDED: ROTATED", `${status}: ${outcome}`);
  story.check("generation in the record in the end", `${before.generation + 1}`, `${after.current.generation}`);
  story.check("generation on the instance in the end", `${before.generation + 1}`, `${file.generation}`);
}
