import { describe, expect, test } from "vitest";
import { type Finding, isUntold, seen, stands } from "../../../functions/findings/finding.ts";
import { EC2, EXECUTION, ID, NOW } from "../support.ts";
import { AN_HOUR_MS, found } from "./tellers.ts";

const later = { ...found, execution: `${EXECUTION}0`, facts: { step: "PushToInstance", said: "It says why." } };
/** Told of, and standing. */
const told: Finding = {
  ...{ ...found, since: NOW, seenAt: NOW, times: 1, announcedAt: NOW + 1, toldAt: NOW + 2, version: 7 },
};
const ended: Finding = { ...told, endedAt: NOW + 1000, endAnnouncedAt: NOW + 1001, endToldAt: NOW + 1002 };

describe("something that somebody comes upon", () => {
  test("stands since now, where it never was, and nobody has told of it", () => {
    const finding = seen(undefined, found, NOW);
    expect(finding).toEqual({ ...found, since: NOW, seenAt: NOW, times: 1 });
    expect([stands(finding), isUntold(finding, NOW)]).toEqual([true, true]);
    expect(seen(undefined, found, NOW, true)).toEqual({ ...finding, ofStorm: true });
  });

  test("is counted while it stands, with what is known of it by now; who found it first remains", () => {
    const finding = seen(told, later, NOW + 9);
    expect(finding).toEqual({
      ...{ ...told, seenAt: NOW + 9, times: 2 },
      facts: { ec2InstanceId: EC2, step: "PushToInstance", said: "It says why." },
    });
    expect(isUntold(finding, NOW + 9)).toBe(false);
  });

  test("is of no storm because a storm has come, if it stood before", () => {
    expect(seen(told, later, NOW + 9, true)).not.toHaveProperty("ofStorm");
  });

  test("is the same one within an hour of its end: people know of it, and the bus is told again that it stands", () => {
    const at = NOW + 1000 + AN_HOUR_MS;
    const finding = seen(ended, later, at);
    expect(finding).toMatchObject({ since: NOW, seenAt: at, times: 2, toldAt: NOW + 2 });
    for (const over of ["endedAt", "endAnnouncedAt", "endToldAt", "announcedAt"]) {
      expect(finding).not.toHaveProperty(over);
    }
    expect([stands(finding), isUntold(finding, at)]).toEqual([true, true]);
  });

  test("is not told to the bus again where its end was not told there", () => {
    const { endAnnouncedAt: _, endToldAt: __, ...unannounced } = ended;
    const finding = seen(unannounced, later, NOW + 2000);
    expect(finding).toMatchObject({ since: NOW, times: 2, announcedAt: NOW + 1, toldAt: NOW + 2 });
    expect(finding).not.toHaveProperty("endedAt");
    expect(isUntold(finding, NOW + 2000)).toBe(false);
  });

  test("is another one later than that", () => {
    const at = NOW + 1000 + AN_HOUR_MS + 1;
    expect(seen({ ...ended, ofStorm: true }, later, at)).toEqual({ ...later, since: at, seenAt: at, times: 1 });
    expect(seen({ ...ended, firstAt: { [ID]: NOW } }, later, at)).not.toHaveProperty("firstAt");
  });

  test("is the same one, however long it stands", () => {
    expect(seen(told, later, NOW + 1000 * AN_HOUR_MS)).toMatchObject({ since: NOW, times: 2 });
  });
});

describe("the opening is untold", () => {
  const { announcedAt: _, toldAt: __, ...untold } = told;

  test.each<[string, Omit<Finding, "version">, boolean]>([
    ["where neither bus nor people were told", untold, true],
    ["where the bus was not told", { ...untold, toldAt: NOW }, true],
    ["where people were not told", { ...untold, announcedAt: NOW }, true],
    ["no longer where both were", told, false],
    ["of one of a storm, until the bus was told", { ...untold, ofStorm: true }, true],
    ["of one of a storm no longer, once the bus was told", { ...untold, ofStorm: true, announcedAt: NOW }, false],
  ])("%s", (_when, finding, answer) => expect(isUntold(finding, NOW)).toBe(answer));

  test("for nobody else while somebody has claimed to tell it", () => {
    const claimedUntil = NOW + 5;
    expect(isUntold({ ...untold, claimedUntil }, NOW + 4)).toBe(false);
    expect(isUntold({ ...untold, claimedUntil }, NOW + 5)).toBe(true);
  });
});
