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
  hold({ agents: 6, days: 4, seed: randomInt(2 ** 32 - 1) }));

test("who forces two turns locks out whoever uses either login, also where the second one comes late", async () => {
  const [at, kind] = [3 * 3_600_000 + 37 * 60_000 + 3079, "a rotation is asked for"];
  const plan = [
    { at: at - 600_000, kind: "a call is struck", what: { call: "mail.send", when: "after", what: "hangs" } },
    { at, kind, what: { credential: 849, by: "force", times: 2 } },
  ];
  const { broken, fleet } = await simulate({ seed: 77, agents: 1, days: 3 }, plan);
  expect(broken).toBeUndefined();
  expect(fleet.history.lines.some((line) => line.includes("RequestRefused"))).toBe(true);
});

test("the same seed gives the same history, and another one another", async () => {
  const setup = { seed: 4, agents: 3, days: 3, often: 6 };
  const [{ fleet: one }, { fleet: other }] = [await simulate(setup), await simulate(setup)];
  expect(other.history.lines).toEqual(one.history.lines);
  expect(one.history.lines.length).toBeGreaterThan(30);
  const { fleet: another } = await simulate({ ...setup, seed: 5 });
  expect(another.history.digest()).not.toBe(one.history.digest());
});
