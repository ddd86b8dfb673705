import { describe, expect, test } from "vitest";
import { isUntold } from "../../../functions/findings/finding.ts";
import { openFinding } from "../../../functions/findings/open.ts";
import { endFinding } from "../../../functions/findings/tell.ts";
import { EC2, EXECUTION, ID, NOW } from "../support.ts";
import { AN_HOUR_MS, busAway, dyingAtWrite, found, interrupted, LEASE_MS, tellers, topicAway } from "./tellers.ts";

const OPENED = {
  detailType: "Finding Opened",
  detail: { subject: ID, cause: "MISMATCH", since: NOW, execution: EXECUTION },
};

test("what is new is put on the bus, mailed and noted, once each", async () => {
  const all = tellers();
  await openFinding(found, all);
  expect(all.bus.events).toEqual([OPENED]);
  expect(all.mail.sent.map(({ subject }) => subject)).toEqual([`Keyturn: MISMATCH on ${ID} (${EC2})`]);
  const finding = await all.finding();
  expect(finding).toMatchObject({ ...found, since: NOW, times: 1, announcedAt: NOW, toldAt: NOW });
  expect(finding).not.toHaveProperty("claimedUntil");
});

test("what is found again is counted, and told nobody", async () => {
  const all = tellers();
  await openFinding(found, all);
  for (let times = 2; times <= 20; times += 1) {
    all.clock.at += AN_HOUR_MS;
    await openFinding({ ...found, execution: `${EXECUTION}0`, facts: { said: `time ${times}` } }, all);
  }
  expect([all.mail.sent.length, all.bus.events.length]).toEqual([1, 1]);
  expect(await all.finding()).toMatchObject({
    ...{ since: NOW, seenAt: NOW + 19 * AN_HOUR_MS, times: 20, execution: EXECUTION },
    facts: { ...found.facts, said: "time 20" },
  });
});

test("another cause on the same subject is told by itself, and the two do not take turns", async () => {
  const all = tellers();
  for (let times = 0; times < 3; times += 1) {
    for (const cause of ["MISMATCH", "PushFailed"]) await openFinding({ ...found, cause }, all);
  }
  expect(all.mail.sent.map(({ subject }) => subject.split(" ")[1])).toEqual(["MISMATCH", "PushFailed"]);
});

describe("two who come upon it at once", () => {
  test("mail once, whoever writes first", async () => {
    const all = tellers();
    const other = interrupted(all.findings, "write", () => openFinding(found, all));
    await openFinding(found, { ...all, findings: other });
    expect([all.mail.sent.length, all.bus.events.length]).toEqual([1, 1]);
  });

  test("mail once, while the one is at it", async () => {
    const all = tellers();
    const slow = {
      async send(subject: string, text: string) {
        await openFinding(found, all);
        await all.mail.send(subject, text);
      },
    };
    await openFinding(found, { ...all, mail: slow });
    expect(all.mail.sent).toHaveLength(1);
    expect(await all.finding()).toMatchObject({ times: 2, toldAt: NOW });
    expect(await all.finding()).not.toHaveProperty("claimedUntil");
  });

  test("mail once, however many they are, and it takes one place of a storm's", async () => {
    const all = tellers();
    await Promise.all(Array.from({ length: 100 }, () => openFinding(found, all)));
    expect([all.mail.sent.length, all.bus.events.length]).toEqual([1, 1]);
    expect(await all.finding()).toMatchObject({ announcedAt: NOW, toldAt: NOW });
    expect(await all.finding()).not.toHaveProperty("ofStorm");
    expect((await all.findings.listOpen()).findings.map(({ subject }) => subject)).toEqual([ID]);
  });

  test("of whom one ends it, leave it standing where it was found later", async () => {
    const all = tellers();
    await openFinding(found, all);
    const ending = interrupted(all.findings, "write", async () => endFinding(await all.finding(), all));
    await openFinding(found, { ...all, findings: ending });
    expect(await all.finding()).not.toHaveProperty("endedAt");
    expect(all.bus.events.map(({ detailType }) => detailType)).toEqual([
      "Finding Opened",
      "Finding Ended",
      "Finding Opened",
    ]);
    expect(all.mail.sent).toHaveLength(1);
  });

  test("and are too many to be written, try again", async () => {
    const all = tellers();
    const busy = { ...all.findings, write: async () => undefined };
    const opening = openFinding(found, { ...all, findings: busy });
    await expect(opening).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
    expect(all.mail.sent).toEqual([]);
  });
});

describe("whoever cannot tell", () => {
  test("claims it no longer, so that the next try mails; what is on the bus is put there once", async () => {
    const all = tellers();
    await expect(openFinding(found, { ...all, mail: topicAway })).rejects.toThrow("topic away");
    const untold = await all.finding();
    expect(untold).toMatchObject({ announcedAt: NOW });
    for (const not of ["claimedUntil", "toldAt"]) expect(untold).not.toHaveProperty(not);
    await openFinding(found, all);
    expect([all.mail.sent.length, all.bus.events.length]).toEqual([1, 1]);
    expect(await all.finding()).toMatchObject({ toldAt: NOW });
  });

  test("the bus, mails nobody before the bus is told", async () => {
    const all = tellers();
    await expect(openFinding(found, { ...all, bus: busAway })).rejects.toThrow("bus away");
    expect(all.mail.sent).toEqual([]);
    await openFinding(found, all);
    expect([all.mail.sent.length, all.bus.events.length]).toEqual([1, 1]);
  });

  test("is followed within the same moment by another who does", async () => {
    const all = tellers();
    const failing = {
      async send(): Promise<void> {
        await openFinding(found, all);
        throw new Error("topic away");
      },
    };
    await expect(openFinding(found, { ...all, mail: failing })).rejects.toThrow("topic away");
    expect(all.mail.sent).toEqual([]);
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(1);
  });
});

describe("whoever dies", () => {
  test("before the mail, having claimed it, has others mail once the claim has run out", async () => {
    const all = tellers();
    const dies = { send: () => new Promise<void>(() => {}) };
    // It hangs, and is never heard of again.
    openFinding(found, { ...all, mail: dies }).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    all.clock.at += LEASE_MS - 1;
    await openFinding(found, all);
    expect(all.mail.sent).toEqual([]);
    all.clock.at += 1;
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(1);
  });

  test("after the mail and before its note, has it mailed twice: not at the next try, but once the claim has run out", async () => {
    const all = tellers();
    // The place among those of its cause, the claim, and then the note.
    const dying = dyingAtWrite(all.findings, 3);
    await expect(openFinding(found, { ...all, findings: dying })).rejects.toThrow("killed");
    expect(all.mail.sent).toHaveLength(1);
    all.clock.at += LEASE_MS - 1;
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(1);
    all.clock.at += 1;
    await openFinding(found, all);
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(2);
  });

  test("before the claim, leaves nothing but its place, which it takes again", async () => {
    const all = tellers();
    for (let tries = 0; tries < 9; tries += 1) {
      const dying = dyingAtWrite(all.findings, tries === 0 ? 2 : 1);
      await expect(openFinding(found, { ...all, findings: dying })).rejects.toThrow("killed");
    }
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(1);
    expect((await all.findings.listOpen()).findings).toHaveLength(1);
  });
});

describe("what has ended and is found again", () => {
  test("within an hour is announced, and not mailed", async () => {
    const all = tellers();
    await openFinding(found, all);
    await endFinding(await all.finding(), all);
    all.clock.at += AN_HOUR_MS;
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(1);
    expect(all.bus.events).toMatchObject([OPENED, { detailType: "Finding Ended" }, OPENED]);
    expect(await all.finding()).toMatchObject({ since: NOW, times: 2 });
  });

  test("later than that is mailed as new", async () => {
    const all = tellers();
    await openFinding(found, all);
    await endFinding(await all.finding(), all);
    all.clock.at += AN_HOUR_MS + 1;
    await openFinding(found, all);
    expect(all.mail.sent).toHaveLength(2);
    expect(await all.finding()).toMatchObject({ since: all.clock.at, times: 1 });
  });
});

describe("an exposed key that another execution comes upon", () => {
  const exposed = { ...found, subject: "AKIAIOSFODNN7EXAMPLE", cause: "AccessKeyExposed", facts: { exposed: {} } };
  const again = { ...exposed, execution: `${EXECUTION}0` };

  test("is mailed anew, as what each has done people have a right to know, and stays one finding on the bus", async () => {
    const all = tellers();
    await openFinding(exposed, all);
    all.clock.at += AN_HOUR_MS;
    await openFinding(again, all);
    expect([all.mail.sent.length, all.bus.events.length]).toEqual([2, 1]);
    expect(all.mail.sent[1]?.text).toContain(`Execution:  ${again.execution}\n`);
    const { execution } = again;
    const finding = await all.finding(exposed);
    expect(finding).toMatchObject({ since: NOW, times: 2, execution, announcedAt: NOW, toldAt: NOW + AN_HOUR_MS });
    expect(finding).not.toHaveProperty("claimedUntil");
  });

  test("is mailed once for each, however often its step is tried", async () => {
    const all = tellers();
    for (const one of [exposed, exposed, again, again]) await openFinding(one, all);
    expect(all.mail.sent.length).toBe(2);
  });

  test("is mailed anew also while its end is young, which is put on the bus as that of others is", async () => {
    const all = tellers();
    await openFinding(exposed, all);
    await endFinding(await all.finding(exposed), all);
    await openFinding(again, all);
    expect(all.mail.sent.length).toBe(2);
    expect(all.bus.events.map(({ detailType }) => detailType)).toEqual([
      "Finding Opened",
      "Finding Ended",
      "Finding Opened",
    ]);
  });

  test("is told by the watch where whoever came upon it died before the mail", async () => {
    const all = tellers();
    await openFinding(exposed, all);
    await expect(openFinding(again, { ...all, mail: topicAway })).rejects.toThrow("topic away");
    expect(isUntold(await all.finding(exposed), all.clock.at)).toBe(true);
  });

  test("takes its place in a storm as a new one does", async () => {
    const all = tellers();
    const many = Array.from({ length: 9 }, (_, n) => `AKIAIOSFODNN7EXAMPL${n}`);
    for (const subject of many) await openFinding({ ...exposed, subject }, all);
    expect(all.mail.sent.length).toBe(5);
    all.clock.at += AN_HOUR_MS;
    for (const subject of many) await openFinding({ ...again, subject }, all);
    expect(all.mail.sent.length).toBe(10);
  });
});
