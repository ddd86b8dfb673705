import type { Member, Story } from "../story.ts";
import { until } from "../until.ts";

/** One instance is turned by an event, the others by hand. */
export async function turnOnRequest(story: Story, [first, ...others]: [Member, ...Member[]]): Promise<void> {
  const { fleet, rotations, signal } = story;
  story.tell(`From here on the schedules are off. An event asks for ${first.id} to be turned; the others are by hand.`);
  const before = await fleet.record(first.id);
  await rotations.request(first.id);
  const endings = await Promise.all(others.map(({ id }) => rotations.turn(id)));
  const turned = endings.filter(({ outcome }) => outcome === "ROTATED");
  const target = before.current.generation + 1;
  const after = await until(
    async () => {
      const { current } = await fleet.record(first.id);
      return current.generation >= target && current.generation;
    },
    `the turn of ${first.id} that the event asks for`,
    signal,
  );
  story.check("generation of the one turned by an event", `${target}`, `${after}`);
  story.check("keys turned by hand", `${others.length}`, `${turned.length}`);
}
