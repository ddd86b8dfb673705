import { isRetired } from "../../../functions/record/record.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** Instances boot, register and prove their first keys. */
export async function register(story: Story, count: number): Promise<Member[]> {
  const { fleet, signal } = story;
  story.tell(`${count} instances boot. Each draws an ID, registers, and agrees on a first key that crosses no wire.`);
  await fleet.launch(count);
  const records = await until(
    async () => {
      const seen = (await fleet.records()).filter((record) => !isRetired(record));
      return seen.length >= count && seen;
    },
    `${count} registered instances`,
    signal,
  );
  await Promise.all(records.map((record) => fleet.sampleAfter(record, 0)));
  story.check("instances that registered and proved their first key", `${count}`, `${records.length}`);
  return records.map(({ id, ec2InstanceId }) => ({ id, ec2InstanceId }));
}
