import { expect, test } from "vitest";
import { event, mailAbout } from "../../../local/play/expectation.ts";
import { PlayRun } from "../../../local/play/run.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const of = { number: 1, name: "tamper", title: "Tamper with a key", id: "a1b2c3", startedAt: NOW };
const act = async () => undefined;

function tampered(mend?: () => Promise<void>): PlayRun {
  const expectations = [
    { says: "It is found", withinMs: 5000, metBy: event("Finding Opened", { subject: "a1b2c3", cause: "MISMATCH" }) },
    { says: "A mail is sent", withinMs: 8000, metBy: mailAbout("MISMATCH", "a1b2c3") },
    { says: "You mend it", button: "Mend it" },
    {
      says: "It is over",
      withinMs: 4000,
      follows: true as const,
      metBy: event("Finding Ended", { subject: "a1b2c3" }),
    },
  ];
  return new PlayRun(of, { expectations, act, ...(mend && { mend }) });
}

const opened = (subject: string) => ({
  kind: "event" as const,
  type: "Finding Opened",
  detail: { subject, cause: "MISMATCH" },
});
const ended = { kind: "event" as const, type: "Finding Ended", detail: { subject: "a1b2c3" } };
const mail = (subject: string) => ({ kind: "mail" as const, number: 7, subject });

test("what is expected is told with the time by which it comes, and ticked by the facts about that very one", () => {
  const run = tampered();
  expect(run.row().expectations.map(({ by }) => by)).toEqual([NOW + 5000, NOW + 8000, undefined, undefined]);
  run.take(opened("d4e5f6"), NOW + 1000);
  run.take(mail("Keyturn: MISMATCH on d4e5f6 (i-1)"), NOW + 1000);
  run.take(mail("Keyturn: STALE on a1b2c3 (i-1)"), NOW + 1000);
  expect(run.row().expectations.map(({ metAt }) => metAt)).toEqual([undefined, undefined, undefined, undefined]);
  expect(run.isFresh(NOW + 1000)).toBe(true);

  run.take(opened("a1b2c3"), NOW + 2000);
  run.take(mail("Keyturn: MISMATCH on a1b2c3 (i-1)"), NOW + 3000);
  const [found, mailed] = run.row().expectations;
  expect([found?.metAt, mailed?.metAt]).toEqual([NOW + 2000, NOW + 3000]);
  expect(mailed?.links).toEqual([{ label: "Read the mail", view: "inbox", about: "7" }]);
  expect(run.isFresh(NOW + 3000)).toBe(false);
});

test("a storm's mail is the one about each of it", () => {
  const run = tampered();
  run.take(mail("Keyturn: MISMATCH on the fleet"), NOW);
  expect(run.row().expectations[1]?.metAt).toBe(NOW);
});

test("what follows from another is not ticked before that, and its time counts from then", async () => {
  let mended = 0;
  const run = tampered(async () => {
    mended += 1;
  });
  run.take(ended, NOW + 1000);
  expect(run.row().expectations[3]).toMatchObject({ isDue: false });
  expect(run.row().expectations[3]?.metAt).toBeUndefined();
  expect(await run.mend(() => NOW + 6000)).toBe(true);
  expect(await run.mend(() => NOW + 6500)).toBe(false);
  expect(mended).toBe(1);
  expect(run.row().expectations[3]).toMatchObject({ isDue: true, by: NOW + 10_000 });
  run.take(ended, NOW + 7000);
  expect(run.row().expectations[3]?.metAt).toBe(NOW + 7000);
});

test("a button whose work fails can be pressed again", async () => {
  let fails = true;
  const run = tampered(async () => {
    if (fails) throw new Error("it is off");
  });
  await expect(run.mend(() => NOW)).rejects.toThrow("it is off");
  fails = false;
  expect(await run.mend(() => NOW)).toBe(true);
});

test("what no fact tells is looked for; who broke off waits for nothing", async () => {
  let status = "ACTIVE";
  const look = async () => (status === "STOPPED" ? { said: "It is off." } : undefined);
  const run = new PlayRun(of, { expectations: [{ says: "It stops", withinMs: 1000, look }], act });
  await run.look(() => NOW + 100);
  expect(run.row().expectations[0]?.metAt).toBeUndefined();
  expect(run.isOpen(NOW + 100)).toBe(true);
  expect(run.isOpen(NOW + 3_600_000)).toBe(false);
  status = "STOPPED";
  await run.look(() => NOW + 200);
  expect(run.row().expectations[0]).toMatchObject({ metAt: NOW + 200, said: "It is off." });
  expect(run.isOpen(NOW + 300)).toBe(false);

  const broken = tampered();
  broken.fail("It broke off: no such file");
  broken.take(opened("a1b2c3"), NOW);
  expect(broken.row()).toMatchObject({ failed: "It broke off: no such file" });
  expect(broken.row().expectations[0]?.metAt).toBeUndefined();
  expect(broken.isOpen(NOW)).toBe(false);
});
