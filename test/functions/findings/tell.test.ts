import { describe, expect, test } from "vitest";
import type { Finding } from "../../../functions/findings/finding.ts";
import { openFinding } from "../../../functions/findings/open.ts";
import { claimed, endFinding, tell } from "../../../functions/findings/tell.ts";
import { EXECUTION, ID, NOW } from "../support.ts";
import { AN_HOUR_MS, busAway, dyingAtWrite, found, interrupted, LEASE_MS, tellers } from "./tellers.ts";

const ENDED = {
  detailType: "Finding Ended",
  detail: { subject: ID, cause: "MISMATCH", since: NOW, endedAt: NOW + AN_HOUR_MS },
};

/** One of which people know, an hour after. */
async function standing() {
  const all = tellers();
  await openFinding(found, all);
  all.bus.events.splice(0);
  all.clock.at += AN_HOUR_MS;
  return { all, finding: await all.finding() };
}

describe("the end of a finding", () => {
  test("is noted, and put on the bus once; people read of it in the gathering mail", async () => {
    const { all, finding } = await standing();
    const ended = await endFinding(finding, all);
    expect(ended).toMatchObject({ endedAt: NOW + AN_HOUR_MS, endAnnouncedAt: NOW + AN_HOUR_MS });
    expect(await all.finding()).toEqual(ended);
    expect(all.bus.events).toEqual([ENDED]);
    expect(all.mail.sent).toHaveLength(1);
    expect((await all.findings.listOpen()).findings).toEqual([ended]);
  });

  test("is put there once, also by who ends it a second time", async () => {
    const { all, finding } = await standing();
    const ended = await endFinding(finding, all);
    if (ended === undefined) throw new Error("it did not end");
    all.clock.at += 1000;
    expect(await endFinding(ended, all)).toEqual(ended);
    // Who read it before has come too late.
    expect(await endFinding(finding, all)).toBeUndefined();
    expect(await all.finding()).toEqual(ended);
    expect(all.bus.events).toEqual([ENDED]);
  });

  test("is put there once by two at once", async () => {
    const { all, finding } = await standing();
    await Promise.all([endFinding(finding, all), endFinding(finding, all)]);
    expect(all.bus.events).toEqual([ENDED]);
  });

  test("is left to whoever looks next, where the bus took nothing", async () => {
    const { all, finding } = await standing();
    await expect(endFinding(finding, { ...all, bus: busAway })).rejects.toThrow("bus away");
    const ended = await all.finding();
    expect(ended).toMatchObject({ endedAt: NOW + AN_HOUR_MS });
    expect(ended).not.toHaveProperty("endAnnouncedAt");
    all.clock.at += 1000;
    expect(await endFinding(ended, all)).toMatchObject({ endedAt: NOW + AN_HOUR_MS, endAnnouncedAt: all.clock.at });
    expect(all.bus.events).toEqual([ENDED]);
  });

  test("is put there again by whoever looks next, where one died before noting that it is there", async () => {
    const { all, finding } = await standing();
    const dying = dyingAtWrite(all.findings, 2);
    await expect(endFinding(finding, { ...all, findings: dying })).rejects.toThrow("killed");
    await endFinding(await all.finding(), all);
    expect(all.bus.events).toEqual([ENDED, ENDED]);
  });

  test("does not come where it was found again meanwhile", async () => {
    const { all, finding } = await standing();
    const findings = interrupted(all.findings, "write", () => openFinding(found, all));
    expect(await endFinding(finding, { ...all, findings })).toBeUndefined();
    expect(await all.finding()).toMatchObject({ times: 2 });
    expect(await all.finding()).not.toHaveProperty("endedAt");
    expect(all.bus.events).toEqual([]);
  });

  test("of one that is found again while the bus is told has its opening put there after it", async () => {
    const { all, finding } = await standing();
    const bus: typeof all.bus = {
      ...all.bus,
      async put(kind, detail) {
        await openFinding(found, all);
        await all.bus.put(kind, detail);
      },
    };
    expect(await endFinding(finding, { ...all, bus })).toBeUndefined();
    const again = await all.finding();
    for (const not of ["endedAt", "endAnnouncedAt", "announcedAt"]) expect(again).not.toHaveProperty(not);
    // Whoever looks next finds it untold.
    await openFinding(found, all);
    expect(all.bus.events.map(({ detailType }) => detailType)).toEqual(["Finding Ended", "Finding Opened"]);
    expect(all.mail.sent).toHaveLength(1);
  });
});

describe("telling", () => {
  const open = { ...found, since: NOW, seenAt: NOW, times: 1 };

  /** A finding that somebody has claimed. */
  async function claim(all: ReturnType<typeof tellers>, changes: Partial<Finding> = {}): Promise<Finding> {
    const finding = await all.findings.write(claimed({ ...open, ...changes }, NOW), undefined);
    if (finding === undefined) throw new Error("there is one already");
    return finding;
  }

  test("a claim stands longer than a function lives, which is two minutes at the most", () => {
    expect(claimed(open, NOW)).toEqual({ ...open, claimedUntil: NOW + LEASE_MS });
  });

  test("mails what it is told to write in the place of what is written of others", async () => {
    const all = tellers();
    const finding = await claim(all);
    await tell(finding, all, ({ cause }, now) => ({ subject: cause, text: String(now) }));
    expect(all.mail.sent).toEqual([{ subject: "MISMATCH", text: String(NOW) }]);
  });

  test("tells nobody what they know already, and ends the claim", async () => {
    const all = tellers();
    await tell(await claim(all, { announcedAt: NOW - 2, toldAt: NOW - 1 }), all);
    expect([all.mail.sent, all.bus.events]).toEqual([[], []]);
    expect(await all.finding()).toEqual({ ...open, announcedAt: NOW - 2, toldAt: NOW - 1, version: 2 });
  });

  test("of one of a storm tells the bus alone", async () => {
    const all = tellers();
    await tell(await claim(all, { ofStorm: true }), all);
    expect([all.mail.sent.length, all.bus.events.length]).toEqual([0, 1]);
  });

  test("notes nothing on another one that stands there by then", async () => {
    const all = tellers();
    const finding = await claim(all);
    const later = { ...open, since: NOW + 9, execution: `${EXECUTION}0` };
    const mail = {
      async send() {
        await all.findings.write(later, finding);
      },
    };
    await tell(finding, { ...all, mail });
    expect(await all.finding()).toEqual({ ...later, version: 2 });
  });

  test("is noted also where it was found again while the mail went out", async () => {
    const all = tellers();
    const finding = await claim(all);
    const mail = { send: () => openFinding({ ...found, facts: { said: "again" } }, all) };
    await tell(finding, { ...all, mail });
    expect(await all.finding()).toMatchObject({ times: 2, toldAt: NOW, facts: { said: "again" } });
    expect(all.mail.sent).toEqual([]);
  });
});
