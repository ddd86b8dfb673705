import { expect, test } from "vitest";
import { VERSION } from "../../agent/version.ts";
import { agentVersionOf, isAgentTooOld, isOlder, isVersion, OLDEST_AGENT } from "../../protocol/index.ts";
import { read } from "../shape/sources.ts";

test.each([
  ["0.1.0", "0.2.0"],
  ["0.1.9", "0.2.0"],
  ["0.9.0", "0.10.0"],
  ["0.99.99", "1.0.0"],
  ["1.2.3", "1.2.10"],
])("%s is older than %s, and not the other way round", (older, newer) => {
  expect([isOlder(older, newer), isOlder(newer, older), isOlder(older, older)]).toEqual([true, false, false]);
});

test.each(["0.2", "v0.2.0", "0.2.0-rc.1", "", "0.2.0\n", "1234567.0.0", 2, null, undefined])(
  "%j is no version: who says it is as good as one that says none, the first",
  (said) => {
    expect(isVersion(said)).toBe(false);
    expect(agentVersionOf(said)).toBe("0.1.0");
    expect(isAgentTooOld(said)).toBe(true);
  },
);

test("the oldest agent that is counted on is a version that there is, and not too old", () => {
  const { version } = JSON.parse(read("package.json"));
  expect(isVersion(version)).toBe(true);
  expect(isOlder(version, OLDEST_AGENT)).toBe(false);
  expect(isAgentTooOld(OLDEST_AGENT)).toBe(false);
});

test("the version is one: of the package, of its lockfile, and of the agent", () => {
  const { version } = JSON.parse(read("package.json"));
  const lock = JSON.parse(read("package-lock.json"));
  const message =
    "Write the same version into package.json, package-lock.json (twice, at its beginning) and agent/version.ts";
  expect([lock.version, lock.packages[""].version, VERSION], message).toEqual([version, version, version]);
});
