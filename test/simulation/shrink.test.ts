import { expect, test } from "vitest";
import { isAmong } from "./agents-of.ts";
import { BUGS } from "./bugs.ts";
import { concerned, folded, linesOfConcern } from "./concerned.ts";
import { failureOf } from "./failure.ts";
import type { Fleet } from "./fleet.ts";
import { planOf } from "./plan.ts";
import { minimized, shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";

const SOFT = BUGS["agents do not sync their folder"];
const SETUP = {
  seed: 1,
  agents: 4,
  days: 4,
  often: 20,
  only: ["the power goes", "a command is lost, doubled or late"],
};

test("a failure is shrunk to the one happening, the one agent and the days that show it", async () => {
  const outcome = await simulate(SETUP, planOf(SETUP), SOFT);
  expect(outcome.plan.length).toBeGreaterThan(10);
  const told: string[] = [];
  const { setup, plan, ...shrunk } = await shrink(SETUP, outcome, {
    trial: (smaller, kept) => simulate(smaller, kept, SOFT),
    isOver: () => false,
    progress: (sentence) => told.push(sentence),
  });
  expect(plan.map(({ kind, what }) => ({ kind, what }))).toEqual([
    { kind: "the power goes", what: { agent: setup.alone?.[0] } },
  ]);
  expect(setup).toMatchObject({ agents: 4, alone: [expect.any(Number)], seed: 1 });
  expect(failureOf(shrunk.outcome.broken ?? "")).toBe("no host is locked out");
  expect(told.length).toBeGreaterThan(0);
  // What befell it, what followed, and nothing of others.
  const lines = linesOfConcern(shrunk.outcome);
  expect(lines.some((line) => line.includes("the power goes"))).toBe(true);
  expect(lines.some((line) => line.includes("Key Rotated"))).toBe(true);
});

test("when the time is over, what was found until then is given", async () => {
  const outcome = await simulate(SETUP, planOf(SETUP), SOFT);
  let tries = 0;
  const shrunk = await shrink(SETUP, outcome, {
    trial: (smaller, kept) => {
      tries += 1;
      return simulate(smaller, kept, SOFT);
    },
    isOver: () => tries === 1,
    progress: () => undefined,
  });
  expect(tries).toBe(1);
  expect(failureOf(shrunk.outcome.broken ?? "")).toBe("no host is locked out");
  // The one that the failure names was tried first.
  const { alone = [] } = shrunk.setup;
  expect(alone).toHaveLength(1);
  expect(shrunk.plan.every((one) => isAmong(one, alone))).toBe(true);
});

test("a failure is about the instance that it names, and its history about no other", async () => {
  const outcome = await simulate(SETUP, planOf(SETUP), SOFT);
  const { names } = concerned(outcome);
  expect(names.size).toBe(2);
  const [others = []] = [outcome.fleet.agents.filter(({ ec2InstanceId }) => !names.has(ec2InstanceId))];
  expect(others).toHaveLength(3);
  const text = linesOfConcern(outcome).join("\n");
  for (const { ec2InstanceId, lastId } of others) {
    expect(text).not.toContain(ec2InstanceId);
    expect(text).not.toContain(lastId);
  }
});

test("a number of six digits in a happening is nobody's name", async () => {
  const outcome = await simulate(SETUP, planOf(SETUP), SOFT);
  const late = '0 04:00:00.000  a command is lost, doubled or late: {"lateMs":123456}';
  outcome.fleet.history.lines.push(late);
  expect(linesOfConcern(outcome)).toContain(late);
});

test("what fails at the end is not shrunk to a fleet that has not booted yet", async () => {
  const bug = BUGS["a registration is answered and not written"];
  const setup = { seed: 1, agents: 1, days: 2, ...bug?.setup };
  const { setup: shortest } = await shrink(setup, await simulate(setup, planOf(setup), bug), {
    trial: (smaller, kept) => simulate(smaller, kept, bug),
    isOver: () => false,
    progress: () => undefined,
  });
  expect(shortest.days).toBe(1);
});

test("what is thrown by the code itself is told with where", async () => {
  const bug = {
    ...{ seenBy: "nothing", setup: {} },
    breaks: (fleet: Fleet) => fleet.later(1000, () => void Object.assign(fleet, { runTo: undefined })),
  };
  const { broken, stack } = await simulate({ ...SETUP, agents: 1 }, [], bug);
  expect(broken).toContain("runTo is not a function");
  expect(stack).toContain("simulation.ts:");
});

test("of many lines that are alike the first and the last are shown", () => {
  const alike = (count: number) => Array.from({ length: count }, (_, n) => `0 0${n}:00  Key Rotated 0a${n}`);
  expect(folded([...alike(9), "0 10:00  mail"])).toEqual([
    ...alike(3),
    "0 08:00  Key Rotated 0a8 (and 5 like it before)",
    "0 10:00  mail",
  ]);
  expect(folded(alike(4))).toEqual(alike(4));
});

test("of some things those are left of which none can be left out", async () => {
  const needed = [3, 17, 18, 62];
  let tries = 0;
  const kept = await minimized(
    Array.from({ length: 64 }, (_, number) => number),
    async (some) => {
      tries += 1;
      return needed.every((number) => some.includes(number));
    },
  );
  expect(kept).toEqual(needed);
  expect(tries).toBeLessThan(100);
});

test("where it fails with nothing, nothing is left", async () => {
  expect(await minimized([1, 2, 3], async () => true)).toEqual([]);
});
