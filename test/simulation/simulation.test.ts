import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { again } from "./options.ts";
import type { Setup } from "./setup.ts";
import { simulate } from "./simulation.ts";
import { figures, tallyOf } from "./tally.ts";

/** Of all kinds of happenings some, in a second or two. */
const SMALL = { agents: 8, days: 5 };

/** Says also where all is well what was simulated: `npm run simulate` shows the shortest history of what is not. */
async function hold(setup: Setup): Promise<void> {
  const outcome = await simulate(setup);
  console.log(`${again(setup)}: ${figures(tallyOf(outcome))}`);
  expect(outcome.broken, `See it by ${again(setup)}`).toBeUndefined();
  expect(outcome.fleet.rotations).toBeGreaterThan(setup.agents);
}

test.each([1, 2])("what must hold does in the fleet of seed %i", (seed) => hold({ ...SMALL, seed }));

test("what must hold does in a fleet of a seed that nobody has chosen", () =>
  hold({ ...SMALL, seed: randomInt(2 ** 32 - 1) }));

test("the same seed gives the same history, and another one another", async () => {
  const setup = { seed: 4, agents: 3, days: 3, often: 6 };
  const [{ fleet: one }, { fleet: other }] = [await simulate(setup), await simulate(setup)];
  expect(other.history.lines).toEqual(one.history.lines);
  expect(one.history.lines.length).toBeGreaterThan(30);
  const { fleet: another } = await simulate({ ...setup, seed: 5 });
  expect(another.history.digest()).not.toBe(one.history.digest());
});
