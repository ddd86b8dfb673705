import { expect, test } from "vitest";
import { again, readOptions } from "./options.ts";

const read = (...args: string[]) => readOptions(args, {});

test("without options it is a fleet of sixty for ten days", () => {
  expect(read()).toEqual({ seed: 1, seeds: 1, agents: 60, days: 10, shrinkSeconds: 300 });
  expect(read("--help")).toBe("help");
});

test.each([
  [["--seed", "-1"], /'--seed' argument is ambiguous|--seed takes a whole number/],
  [["--days", "2"], "--days takes a whole number from 3 to 365"],
  [["--seeds", "0"], "--seeds takes a whole number from 1 to"],
  [["--seed", "4294967295", "--seeds", "2"], "--seeds takes a whole number from 1 to 1, not"],
  [["--often", "much"], "--often takes a whole number from 1 to 1000"],
  [["--history", ""], "--history needs a value."],
  [["--only", "rain"], /--only takes one of "a call is struck", .*, or a part of it, not "rain"\./],
  [["--only", ""], "--only takes one of"],
  [["--bug", "typo"], '--bug takes one of "agents do not sync their folder", '],
  [["--bug", "a"], '--bug takes one of them, and "a" is in "agents do not'],
  [["--agent", "7"], "Unknown option '--agent'"],
  [["7"], "options come after two dashes. See npm run simulate -- --help."],
])("%s is refused in a sentence", (args, sentence) => {
  expect(() => read(...args)).toThrow(sentence);
});

test("what npm took for itself is said", () => {
  expect(() => readOptions([], { npm_config_seed: "7" })).toThrow("npm took --seed for itself");
});

test("a part of a name is enough, and may be of several", () => {
  expect(read("--only", "power")).toMatchObject({ only: ["the power goes"] });
  expect(read("--only", "lost, doubled", "--only", "power")).toMatchObject({
    only: ["a command is lost, doubled or late", "an event is lost, doubled or late", "the power goes"],
  });
});

test("a bug comes with the fleet that shows it, where nothing else is said", () => {
  expect(read("--bug", "sync")).toMatchObject({ bug: "agents do not sync their folder", agents: 2, often: 40 });
  expect(read("--bug", "sync", "--agents", "9")).toMatchObject({ agents: 9, often: 40 });
});

test("what is typed to see something again is read as the same", () => {
  for (const args of [
    ["--seed", "7"],
    ["--bug", "sync"],
    ["--only", "power", "--days", "30", "--often", "2"],
  ]) {
    const options = read(...args);
    if (options === "help") throw new Error("nobody has asked for help");
    const typed = [...again(options, options.bug).matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word,
    );
    expect(read(...(typed.slice(4) as string[]))).toEqual(options);
  }
});
