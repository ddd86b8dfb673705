import { ROTATION } from "../rotations.ts";
import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** The schedule starts the fleet's flow, which turns every key that is due. */
export async function turnBySchedule(story: Story, members: Member[]): Promise<void> {
  const { fleet, rotations, signal } = story;
  story.tell("The schedule starts a run over the fleet, again and again; each turns the keys that are due by then.");
  const areTurned = async () => {
    const records = await Promise.all(members.map(({ id }) => fleet.record(id)));
    return records.every(({ current }) => current.generation >= 2);
  };
  await until(areTurned, "the schedule to turn every key", signal);
  await rotations.pauseSchedules();
  // The fleet's flow names an execution by the moment at which its instance fell due.
  const succeeded = (await rotations.list(ROTATION)).filter(({ status }) => status === "SUCCEEDED");
  const turned = members.filter(({ id }) => succeeded.some(({ name }) => name?.startsWith(`${id}-due-`)));
  story.check("keys turned by the schedule, through the fleet's flow", `${members.length}`, `${turned.length}`);
}
