import type { Disk } from "../disk.ts";
import { readIdentity } from "../state/identity-file.ts";
import { readKeyFile } from "../state/key-file.ts";
import type { Places } from "../state/places.ts";
import { readProgress } from "../state/progress.ts";

/**
 * What this instance is and how it goes, as lines for a person. Of the key it tells the generation only.
 *
 * @throws Failure if a state file is damaged or cannot be read
 */
export async function status(disk: Disk, places: Places): Promise<string> {
  const identity = await readIdentity(disk, places.identity);
  const key = await readKeyFile(disk, places.key);
  const progress = await readProgress(disk, places.progress);
  if (identity === undefined) return `This instance has no identity yet in ${places.folder}: the agent has not run.\n`;
  const lines: [string, string][] = [
    ["ID", identity.id],
    ["EC2 instance", identity.ec2InstanceId],
    ["key", key === undefined ? "none yet" : `generation ${key.generation}, in ${places.key}`],
    [
      "hooks of the last turn",
      (key?.hooks ?? []).map(({ name, outcome }) => `${name} ${outcome}`).join(", ") || "none",
    ],
    ["agent started", moment(progress?.startedAt)],
    ["registered", moment(progress?.registeredAt) + (progress?.ip === undefined ? "" : ` with ${progress.ip}`)],
    ["last sample of the agent", moment(progress?.sampledAt)],
    ["trouble", progress?.trouble ?? "none"],
  ];
  return lines.map(([what, value]) => `${what.padEnd(26)}${value}\n`).join("");
}

function moment(ms: number | undefined): string {
  return ms === undefined ? "not yet" : new Date(ms).toISOString();
}
