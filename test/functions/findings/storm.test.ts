import { describe, expect, test } from "vitest";
import { FLEET } from "../../../functions/findings/finding.ts";
import { openFinding } from "../../../functions/findings/open.ts";
import { isStorm, joinsStorm } from "../../../functions/findings/storm.ts";
import { endFinding } from "../../../functions/findings/tell.ts";
import { NOW } from "../support.ts";
import { AN_HOUR_MS, found, tellers } from "./tellers.ts";

const TEN_MINUTES_MS = 10 * 60_000;
const on = (n: number) => ({ ...found, subject: n.toString(16).padStart(6, "0") });
const STORM = { subject: FLEET, cause: found.cause };

type Tellers = ReturnType<typeof tellers>;

/** So many subjects, one after the other. */
async function befall(all: Tellers, count: number, from = 1): Promise<void> {
  for (let n = from; n < from + count; n += 1) await openFinding(on(n), all);
}

test("five subjects are told one by one, and nothing of a storm is told", async () => {
  const all = tellers();
  await befall(all, 5);
  expect(all.mail.sent).toHaveLength(5);
  const memory = await all.finding(STORM);
  expect(isStorm(memory)).toBe(false);
  expect(all.findings.all.size).toBe(6);
  expect((await all.findings.listOpen()).findings.map(({ subject }) => subject)).not.toContain(FLEET);
});

test("from the sixth on they are put on the bus and not mailed, and the storm is opened once, for others to tell", async () => {
  const all = tellers();
  await befall(all, 5);
  all.clock.at += 1000;
  await befall(all, 20, 6);
  expect(all.mail.sent).toHaveLength(5);
  expect(all.bus.events).toHaveLength(25);
  const storm = await all.finding(STORM);
  expect(storm).toMatchObject({ since: NOW + 1000, times: 1 });
  expect(isStorm(storm)).toBe(true);
  for (const untold of ["announcedAt", "toldAt", "claimedUntil", "endedAt"]) expect(storm).not.toHaveProperty(untold);
  expect(await all.finding(on(5))).not.toHaveProperty("ofStorm");
  expect(await all.finding(on(6))).toMatchObject({ ofStorm: true, announcedAt: NOW + 1000, toldAt: NOW + 1000 });
});

test("of a thousand at once five are mailed, and one storm stands", async () => {
  const all = tellers();
  await Promise.all(Array.from({ length: 1000 }, (_, n) => openFinding(on(n), all)));
  expect(all.mail.sent).toHaveLength(5);
  expect(all.bus.events).toHaveLength(1000);
  const findings = [...all.findings.all.values()];
  expect(findings.filter(isStorm)).toHaveLength(1);
  expect(findings.filter(({ ofStorm }) => ofStorm)).toHaveLength(995);
});

test("those of other causes are counted apart", async () => {
  const all = tellers();
  for (let n = 1; n <= 5; n += 1) {
    for (const cause of ["STALE", "MISMATCH"]) await openFinding({ ...on(n), cause }, all);
  }
  expect(all.mail.sent).toHaveLength(10);
});

test("what is longer ago than ten minutes does not count", async () => {
  const all = tellers();
  for (let n = 1; n <= 40; n += 1) {
    await openFinding(on(n), all);
    all.clock.at += TEN_MINUTES_MS / 5;
  }
  expect(all.mail.sent).toHaveLength(40);
  expect(isStorm(await all.finding(STORM))).toBe(false);
  // One more within these ten minutes is the sixth.
  all.clock.at -= 1;
  await openFinding(on(41), all);
  expect(all.mail.sent).toHaveLength(40);
  expect(isStorm(await all.finding(STORM))).toBe(true);
});

test("a subject takes one place, however often it is found anew", async () => {
  const all = tellers();
  for (let times = 0; times < 9; times += 1) expect(await joinsStorm(on(1), all)).toBe(false);
  await befall(all, 5);
  expect(all.mail.sent).toHaveLength(5);
  // Though the storm has come meanwhile, one that had its place is told by itself.
  await befall(all, 1, 6);
  expect(await joinsStorm(on(5), all)).toBe(false);
  expect(await joinsStorm(on(7), all)).toBe(true);
});

describe("a storm", () => {
  test("has whoever comes within ten minutes of the one before, however many", async () => {
    const all = tellers();
    await befall(all, 6);
    for (let n = 7; n < 20; n += 1) {
      all.clock.at += TEN_MINUTES_MS - 60_000;
      await befall(all, 1, n);
      expect(await all.finding(on(n))).toMatchObject({ ofStorm: true });
    }
    expect(all.mail.sent).toHaveLength(5);
  });

  test("hides nobody who comes later while it stands; and six of those are another wave, which is mailed, too", async () => {
    const all = tellers();
    await befall(all, 6);
    const told = { ...(await all.finding(STORM)), announcedAt: NOW, toldAt: NOW };
    all.findings.all.set(`${FLEET} ${found.cause}`, told);
    all.clock.at += TEN_MINUTES_MS;
    await befall(all, 5, 11);
    expect(all.mail.sent).toHaveLength(10);
    expect(await all.finding(STORM)).toMatchObject({ toldAt: NOW });
    await befall(all, 3, 16);
    expect(all.mail.sent).toHaveLength(10);
    expect(await all.finding(STORM)).toMatchObject({ since: NOW, announcedAt: NOW });
    expect(await all.finding(STORM)).not.toHaveProperty("toldAt");
  });

  test("that is over counts anew: the next five are told one by one", async () => {
    const all = tellers();
    await befall(all, 6);
    await endFinding(await all.finding(STORM), all);
    all.clock.at += TEN_MINUTES_MS;
    await befall(all, 5, 11);
    expect(all.mail.sent).toHaveLength(10);
    expect(isStorm(await all.finding(STORM))).toBe(false);
    await befall(all, 1, 16);
    expect(isStorm(await all.finding(STORM))).toBe(true);
  });

  test("that comes back within an hour of its end is the same one, and is mailed for those who came since", async () => {
    const all = tellers();
    await befall(all, 6);
    const told = { ...(await all.finding(STORM)), announcedAt: NOW, toldAt: NOW };
    all.findings.all.set(`${FLEET} ${found.cause}`, told);
    await endFinding(told, all);
    all.clock.at += TEN_MINUTES_MS;
    await befall(all, 6, 11);
    expect(await all.finding(STORM)).toMatchObject({ since: NOW, times: 2 });
    for (const untold of ["toldAt", "announcedAt"]) expect(await all.finding(STORM)).not.toHaveProperty(untold);
  });

  test("that comes later is another one", async () => {
    const all = tellers();
    await befall(all, 6);
    await endFinding(await all.finding(STORM), all);
    all.clock.at += AN_HOUR_MS + 1;
    await befall(all, 6, 11);
    expect(await all.finding(STORM)).toMatchObject({ since: all.clock.at, times: 1 });
  });
});

test("what is told of the fleet is of no storm, and takes no place", async () => {
  const all = tellers();
  for (let n = 0; n < 9; n += 1) {
    await openFinding({ ...found, subject: FLEET, cause: `cause ${n}` }, all);
    expect(await joinsStorm({ ...found, subject: FLEET }, all)).toBe(false);
  }
  expect(all.mail.sent).toHaveLength(9);
  expect(all.findings.all.size).toBe(9);
  expect([...all.findings.all.values()].some(isStorm)).toBe(false);
});

test("where places are taken by others each time, it is told by itself rather than not at all", async () => {
  const all = tellers();
  const busy = { ...all.findings, write: async () => undefined };
  expect(await joinsStorm(on(1), { ...all, findings: busy })).toBe(false);
});
