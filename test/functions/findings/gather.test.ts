import { describe, expect, test } from "vitest";
import type { Findings } from "../../../functions/clients/findings.ts";
import type { Finding } from "../../../functions/findings/finding.ts";
import { gather } from "../../../functions/findings/gather.ts";
import { openFinding } from "../../../functions/findings/open.ts";
import { FINDINGS_KEPT_DAYS, isOpen } from "../../../functions/findings/table.ts";
import { endFinding } from "../../../functions/findings/tell.ts";
import { EC2, EXECUTION, ID, LOOKS_EVERY_MS, NOW } from "../support.ts";
import { AN_HOUR_MS, dyingAtWrite, found, interrupted, LEASE_MS, tellers, topicAway } from "./tellers.ts";

const A_DAY_MS = 24 * AN_HOUR_MS;
const ALL_IS_WELL = "Keyturn: all is well";
const STILL_STANDS = `Keyturn: MISMATCH on ${ID} (${EC2}) still stands`;

type Tellers = ReturnType<typeof tellers>;

async function open({ findings }: { findings: Findings }): Promise<Finding[]> {
  const all: Finding[] = [];
  let after: string | undefined;
  do {
    const page = await findings.listOpen(after);
    all.push(...page.findings);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/** A look ends: whether it gathered. */
async function look(all: Tellers, neighbours: Partial<Tellers> = {}): Promise<boolean> {
  return gather(await open(all), { execution: EXECUTION }, { ...all, ...neighbours });
}

/** Looks for so long, as often as the watch does: what was gathered, and how many days after the first look. */
async function watch(all: Tellers, ms: number): Promise<[number, string | undefined][]> {
  const sent: [number, string | undefined][] = [];
  for (const end = all.clock.at + ms; all.clock.at < end; ) {
    all.clock.at += LOOKS_EVERY_MS;
    if (await look(all)) sent.push([(all.clock.at - NOW) / A_DAY_MS, all.mail.sent.at(-1)?.subject]);
  }
  return sent;
}

/** Tellers whose first look is over, and nothing to tell. */
async function watched(): Promise<Tellers> {
  const all = tellers();
  expect(await look(all)).toBe(false);
  return all;
}

async function openAndEnd(all: Tellers): Promise<void> {
  await openFinding(found, all);
  await endFinding(await all.finding(), all);
}

describe("where all is well", () => {
  test("people are mailed once a week, a week after the first look for the first time", async () => {
    const all = await watched();
    const weeks = [7, 14, 21, 28].map((day) => [day, ALL_IS_WELL]);
    expect(await watch(all, 30 * A_DAY_MS)).toEqual(weeks);
    expect(all.mail.sent[0]?.text).toContain(EXECUTION);
  });

  test("what is remembered of that stands in no list, and is kept on, however many years nothing befalls", async () => {
    const all = await watched();
    await watch(all, 30 * A_DAY_MS);
    const memory = await all.finding({ subject: "mail", cause: "gathered" });
    expect([isOpen(memory), await open(all)]).toEqual([false, []]);
    // It expires so long after its end.
    expect(all.clock.at - (memory.endedAt ?? 0)).toBeLessThan(7 * A_DAY_MS);
    expect(FINDINGS_KEPT_DAYS).toBeGreaterThan(7);
  });
});

describe("what stands", () => {
  test("is gathered a day after people were told, not before, and then once a day until it ends", async () => {
    const all = await watched();
    await watch(all, 3 * A_DAY_MS);
    await openFinding(found, all);
    expect(await watch(all, 3.5 * A_DAY_MS)).toEqual([4, 5, 6].map((day) => [day, STILL_STANDS]));
    await endFinding(await all.finding(), all);
    expect(await watch(all, 8 * A_DAY_MS)).toEqual([
      [7, ALL_IS_WELL],
      [14, ALL_IS_WELL],
    ]);
    expect(all.mail.sent.map(({ text }) => text.includes("Ended:"))).toEqual([false, false, false, false, true, false]);
  });

  test("is gathered with what was told a while ago only, where another has stood for a day", async () => {
    const all = await watched();
    await openFinding(found, all);
    all.clock.at += A_DAY_MS;
    await openFinding({ ...found, cause: "PushFailed" }, all);
    expect(await look(all)).toBe(true);
    expect(all.mail.sent.at(-1)?.subject).toBe("Keyturn: 2 findings still stand: MISMATCH, PushFailed");
  });

  test("and nobody was told of for a day is gathered, too", async () => {
    const all = await watched();
    await openFinding(found, { ...all, mail: topicAway }).catch(() => undefined);
    all.clock.at += A_DAY_MS;
    expect(await look(all)).toBe(true);
  });
});

describe("what has ended", () => {
  test("is told with the next mail and no other: where none came for a day, once it cannot come back as the same", async () => {
    const all = await watched();
    all.clock.at += 2 * A_DAY_MS;
    await openAndEnd(all);
    all.clock.at += AN_HOUR_MS;
    expect(await look(all)).toBe(false);
    all.clock.at += 1;
    expect(await look(all)).toBe(true);
    expect(all.mail.sent.at(-1)?.text).toMatch(/Ended:\n.*MISMATCH/);
    expect(await all.finding()).toMatchObject({ endToldAt: all.clock.at });
    expect(await open(all)).toEqual([]);
    expect(await watch(all, 6 * A_DAY_MS)).toEqual([]);
  });

  test("waits for the day to be over, where one came today", async () => {
    const all = await watched();
    await openAndEnd(all);
    expect(await watch(all, 1.5 * A_DAY_MS)).toEqual([[1, ALL_IS_WELL]]);
  });

  test("and may come back as the same one is not said to have ended, though a mail goes out: it comes back unmailed", async () => {
    const all = await watched();
    await openFinding(found, all);
    await openFinding({ ...found, cause: "PushFailed" }, all);
    all.clock.at += A_DAY_MS;
    await endFinding(await all.finding(), all);
    expect(await look(all)).toBe(true);
    expect(all.mail.sent.at(-1)?.text).not.toContain("MISMATCH");
    all.clock.at += LOOKS_EVERY_MS;
    await openFinding(found, all);
    expect(await all.finding()).toMatchObject({ since: NOW, times: 2 });
    expect(all.mail.sent).toHaveLength(3);
  });

  test("and is found again while the mail goes out, is told of when it has ended again", async () => {
    const all = await watched();
    all.clock.at += A_DAY_MS;
    await openAndEnd(all);
    all.clock.at += AN_HOUR_MS + 1;
    const mail: Tellers["mail"] = {
      ...all.mail,
      async send(subject, text) {
        await openFinding(found, all);
        await all.mail.send(subject, text);
      },
    };
    expect(await look(all, { mail })).toBe(true);
    expect(await all.finding()).not.toHaveProperty("endToldAt");
    expect(await open(all)).toHaveLength(1);
  });

  test("is told whole, however many it is", async () => {
    const all = await watched();
    all.clock.at += A_DAY_MS;
    for (let n = 0; n < 120; n += 1) {
      const one = { ...found, subject: n.toString(16).padStart(6, "0") };
      await openFinding(one, all);
      await endFinding(await all.finding(one), all);
    }
    all.clock.at += AN_HOUR_MS + 1;
    expect(await look(all)).toBe(true);
    expect(all.mail.sent.at(-1)?.text).toContain("and 70 more");
    expect((await open(all)).filter(({ endedAt }) => endedAt !== undefined)).toEqual([]);
  });
});

describe("of two who look at once", () => {
  test("one mails, whoever writes first", async () => {
    const all = await watched();
    all.clock.at += 7 * A_DAY_MS;
    const findings = interrupted(all.findings, "write", () => look(all)) as Tellers["findings"];
    expect(await look(all, { findings })).toBe(false);
    expect(all.mail.sent).toHaveLength(1);
  });

  test("one mails, while the other one is at it", async () => {
    const all = await watched();
    all.clock.at += 7 * A_DAY_MS;
    const mail: Tellers["mail"] = {
      ...all.mail,
      async send(subject, text) {
        expect(await look(all)).toBe(false);
        await all.mail.send(subject, text);
      },
    };
    expect(await look(all, { mail })).toBe(true);
    expect(all.mail.sent).toHaveLength(1);
  });
});

describe("whoever cannot mail, or dies", () => {
  test("since the topic does not take it, leaves it to whoever tries again", async () => {
    const all = await watched();
    all.clock.at += 7 * A_DAY_MS;
    const mail = { ...all.mail, ...topicAway };
    await expect(look(all, { mail })).rejects.toThrow("topic away");
    expect(await look(all)).toBe(true);
    expect(all.mail.sent).toHaveLength(1);
  });

  test("before the mail, leaves it to a look after the claim has run out", async () => {
    const all = await watched();
    all.clock.at += 7 * A_DAY_MS;
    const dead = new Promise<void>(() => {});
    look(all, { mail: { ...all.mail, send: () => dead } }).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    all.clock.at += LEASE_MS - 1;
    expect(await look(all)).toBe(false);
    all.clock.at += 1;
    expect(await look(all)).toBe(true);
    expect(all.mail.sent).toHaveLength(1);
  });

  test("before what ended is noted as told, has it told once more", async () => {
    const all = await watched();
    await openAndEnd(all);
    all.clock.at += A_DAY_MS;
    // The claim, what is remembered, and then what has ended.
    const findings = dyingAtWrite(all.findings, 3) as Tellers["findings"];
    await expect(look(all, { findings })).rejects.toThrow("killed");
    expect(await watch(all, 2 * A_DAY_MS)).toHaveLength(1);
    expect(all.mail.sent.filter(({ text }) => text.includes("Ended:"))).toHaveLength(2);
  });
});

test("the last seal over the audit stands in it, for people to keep", async () => {
  const all = await watched();
  all.clock.at += 7 * A_DAY_MS;
  await gather([], { execution: EXECUTION, seal: { day: "2026-11-26", digest: "5e".repeat(32) } }, all);
  for (const part of ["2026-11-26", "5e".repeat(32)]) expect(all.mail.sent[0]?.text).toContain(part);
});
