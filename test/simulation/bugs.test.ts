import { expect, test } from "vitest";
import { BUGS } from "./bugs.ts";
import { INVARIANTS } from "./failure.ts";
import { planOf } from "./plan.ts";
import type { Setup } from "./setup.ts";
import { simulate } from "./simulation.ts";

test("there is a bug for each invariant", () => {
  const seen = Object.values(BUGS).map(({ seenBy }) => seenBy);
  expect(
    INVARIANTS.filter((name) => !seen.includes(name)),
    "Break something in the product that only these see, and add it to BUGS in test/simulation/bugs.ts",
  ).toEqual([]);
  expect(
    seen.filter((name) => !INVARIANTS.includes(name)),
    "No invariant is called so: name the one that sees the bug",
  ).toEqual([]);
});

test.each(Object.entries(BUGS))("$0 is seen", async (_, bug) => {
  const setup: Setup = { seed: 1, agents: 1, days: 3, ...bug.setup };
  const { broken } = await simulate(setup, planOf(setup), bug);
  expect(broken ?? "nothing was seen").toContain(`${bug.seenBy}: `);
});
