import { describe, expect, test } from "vitest";
import { Stopped } from "../../operator/exits.ts";
import { lookedAt } from "../../operator/looked.ts";
import { meansRetired, meetsAll, readTest } from "../../operator/where.ts";
import { DAY, finding, HOUR, instance, MINUTE, NOW } from "./support.ts";

const all = [
  instance({ id: "00000a" }),
  instance({ id: "00000b", keySince: NOW - 31 * DAY, dueAt: NOW - DAY, agentVersion: "0.10.0", generation: 12 }),
  instance({
    id: "00000c",
    status: "STOPPED",
    verdict: "STALE",
    lastProofAt: NOW - 3 * HOUR,
    failingSince: NOW - HOUR,
  }),
  // Of an agent that does not say its version, never proved, not judged; and a tombstone.
  { id: "00000d", ec2InstanceId: "i-d", status: "NEW" as const, generation: 1, keySince: NOW - MINUTE },
  { id: "00000e", ec2InstanceId: "i-e", status: "RETIRED" as const, retiredAt: NOW - DAY },
];
const { looked } = lookedAt(all, [
  finding({ subject: "00000a", cause: "KeyTooOld" }),
  finding({ subject: "i-0000000000" + "00000c" + "0", cause: "NeverRegistered" }),
  finding({ subject: "00000b", cause: "STALE", endedAt: NOW - 1 }),
]);

/** The last letters of the IDs of those who meet all tests. */
function meeting(...typed: string[]): string {
  const tests = typed.map(readTest);
  return looked
    .filter((one) => meetsAll(tests, one, NOW))
    .map(({ instance: { id } }) => id.slice(-1))
    .join("");
}

describe("a test of instances", () => {
  test.each([
    ["status=ACTIVE", "ab"],
    ["status=active", "ab"],
    ["status!=ACTIVE", "cde"],
    ["verdict=MATCH", "ab"],
    ["verdict!=MATCH", "cde"],
    ["verdict=none", "de"],
    ["id=00000d", "d"],
    ["host=i-e", "e"],
    ["ip=10.0.0.1", "abc"],
    // Who says no version is the first one there was, and so is what is retired.
    ["agent<0.2.0", "de"],
    ["agent>=0.2.0", "abc"],
    ["agent>0.9.0", "b"],
    ["agent=0.2.0", "ac"],
    ["generation>4", "b"],
    ["generation<=4", "acd"],
    ["age>30d", "b"],
    ["age<5m", "d"],
    ["age>=3d", "abc"],
    ["due<1h", "b"],
    ["overdue>12h", "b"],
    ["proof>2h", "cde"],
    ["judged<1h", "abc"],
    ["failing>30m", "c"],
    ["failing>2h", ""],
    ["cause=KeyTooOld", "a"],
    // Of its host.
    ["cause=NeverRegistered", "c"],
    // It has ended.
    ["cause=STALE", ""],
    ["cause!=KeyTooOld", "bcde"],
    [" age > 30d ", "b"],
  ])("%s is met by %s", (typed, ids) => expect(meeting(typed)).toBe(ids));

  test("several are met by who meets all of them", () => {
    expect(meeting("status=ACTIVE", "age<30d")).toBe("a");
    expect(meeting("status=ACTIVE", "verdict=STALE")).toBe("");
  });

  test("the retired are meant by who says so", () => {
    expect(meansRetired([readTest("status=retired")])).toBe(true);
    expect(meansRetired([readTest("status!=RETIRED"), readTest("age>1d")])).toBe(false);
  });
});

describe("what is no test says what was likely meant", () => {
  test.each([
    ["", /is no test: say it as status=ACTIVE/],
    ["age", /is no test/],
    ["agnet<0.2.0", /no field "agnet"\. Did you mean agent\?/],
    ["constructor=1", /no field "constructor"\. There are id, host, /],
    ["verdict=MISMTCH", /verdict is never "MISMTCH"\. Did you mean MISMATCH\?/],
    ["status=ON", /status is never "ON"\. There are NEW, ACTIVE, STOPPED, QUARANTINED, RETIRED/],
    ["status<ACTIVE", /status takes = and !=/],
    ["age>30", /"30" is no span of time/],
    ["agent<2", /agent is never "2"\. It takes a version, as 0\.2\.0/],
    ["generation>x", /It takes a whole number/],
    ["age=", /age is never ""/],
  ])("%s", (typed, said) => {
    expect(() => readTest(typed)).toThrow(said);
    expect(() => readTest(typed)).toThrow(Stopped);
  });
});
