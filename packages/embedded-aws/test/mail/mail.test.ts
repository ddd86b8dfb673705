import { randomBytes } from "node:crypto";
import { createTransport } from "nodemailer";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { Inbox, type Mail } from "../../src/mail/inbox.ts";
import { Outbox } from "../../src/mail/outbox.ts";
import type { Parts } from "../../src/parts.ts";
import { Store } from "../../src/store.ts";

const IN_TIME = { timeout: 10_000 };
const MAIL = { to: "you@example.test", subject: "Look here", text: "Look at 0a1b2c." };

/** A clock that stands still until a timer is let run. */
function stillClock(): Clock & { waits: () => number[]; letRun: () => void } {
  let now = 1_763_600_000_000;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    waits: () => timers.map(({ at }) => at - now),
    letRun() {
      const [next] = timers.sort((a, b) => a.at - b.at);
      if (next === undefined) return;
      timers = timers.filter((one) => one !== next);
      now = next.at;
      next.run();
    },
  };
}

function setUp() {
  const clock = stillClock();
  const log: string[] = [];
  const parts: Parts = { store: new Store(), clock, random: randomBytes, log: (sentence) => log.push(sentence) };
  return { clock, log, parts };
}

async function startInbox(parts: Parts, onMail?: (mail: Mail) => void) {
  const inbox = new Inbox(parts, onMail);
  const { port } = await inbox.start();
  onTestFinished(() => inbox.close());
  return { inbox, port };
}

function startOutbox(parts: Parts, port: number): Outbox {
  const outbox = new Outbox(parts);
  outbox.start(port);
  onTestFinished(() => outbox.close());
  return outbox;
}

test("mails arrive as they were sent, in order, and each is told once", async () => {
  const { clock, parts } = setUp();
  const told: string[] = [];
  const { inbox, port } = await startInbox(parts, (mail) => told.push(mail.text));
  const outbox = startOutbox(parts, port);
  for (let n = 0; n < 20; n += 1) outbox.add({ ...MAIL, text: `${n}: ü\n.\n..\nFrom here on` });
  clock.letRun();
  await expect.poll(() => told.length, IN_TIME).toBe(20);
  const mails = inbox.list();
  expect(mails.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}: ü\n.\n..\nFrom here on`));
  expect(told).toEqual(mails.map(({ text }) => text));
  expect(mails[0]).toMatchObject({
    from: "no-reply@sns.amazonaws.com",
    to: MAIL.to,
    subject: MAIL.subject,
    receivedAt: clock.now(),
  });
  expect(mails[0]?.raw).toContain("\r\nSubject: Look here\r\n");
});

test("while nobody takes mail it is kept, tried ever later, and then delivered once", async () => {
  const { clock, log, parts } = setUp();
  const { port } = await startInbox(setUp().parts).then(async ({ inbox, port }) => {
    await inbox.close();
    return { port };
  });
  const before = startOutbox(parts, port);
  before.add(MAIL);
  clock.letRun();
  for (const seconds of [1, 2, 4, 8]) {
    await expect.poll(clock.waits, IN_TIME).toEqual([seconds * 1000]);
    clock.letRun();
  }
  await expect.poll(clock.waits, IN_TIME).toEqual([16_000]);
  expect(log[0]).toContain("could not be handed over and is tried again in 1 s");
  before.close();

  const { inbox, port: open } = await startInbox(parts);
  startOutbox(parts, open);
  clock.letRun();
  await expect.poll(() => inbox.list().length, IN_TIME).toBe(1);
  expect(inbox.list()[0]).toMatchObject(MAIL);
});

test("a mail that is sent twice is kept and told once", async () => {
  const { parts } = setUp();
  const told: Mail[] = [];
  const { inbox, port } = await startInbox(parts, (mail) => told.push(mail));
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  for (let time = 0; time < 2; time += 1) {
    await transport.sendMail({ from: "a@b.example", ...MAIL, messageId: "<one@b.example>" });
  }
  expect(inbox.list()).toHaveLength(1);
  expect(told).toHaveLength(1);
});

test("a mail that was handed over when the process died before it noted that is kept once", async () => {
  const { clock, parts } = setUp();
  const { inbox, port } = await startInbox(parts);
  const outbox = startOutbox(parts, port);
  outbox.add(MAIL);
  const queued = parts.store.db.prepare("SELECT * FROM mail_outbox").all();
  clock.letRun();
  await expect.poll(() => parts.store.db.prepare("SELECT * FROM mail_outbox").all(), IN_TIME).toEqual([]);
  outbox.close();
  for (const row of queued) {
    const { id = 0, due = 0, attempts = 0, since = 0, body = "" } = row;
    parts.store.db
      .prepare("INSERT INTO mail_outbox (id, due, attempts, since, body) VALUES (?, ?, ?, ?, ?)")
      .run(id, due, attempts, since, body);
  }
  startOutbox(parts, port);
  clock.letRun();
  await expect.poll(() => parts.store.db.prepare("SELECT * FROM mail_outbox").all(), IN_TIME).toEqual([]);
  expect(inbox.list()).toHaveLength(1);
});

test("a mail that is taken back with its transaction is never sent", async () => {
  const { parts } = setUp();
  const outbox = new Outbox(parts);
  expect(() =>
    parts.store.transaction(() => {
      outbox.add(MAIL);
      throw new Error("taken back");
    }),
  ).toThrow("taken back");
  expect(parts.store.db.prepare("SELECT * FROM mail_outbox").all()).toEqual([]);
});
