import { expect, test } from "vitest";
import { drill } from "../../../functions/operate/drill/step.ts";
import { type ControlPlane, controlPlane, NOW } from "../support.ts";
import { RUN } from "./records.ts";

const asked = { reason: "monthly", requestedBy: "Ann", execution: RUN };
const DRILLED = { outcome: "DRILLED" };
const CLAIMED = { outcome: "CLAIMED" };
const named = (name: string) => ({ ...asked, execution: RUN.replace("drill-1", name) });
const kinds = ({ bus }: ControlPlane) => bus.events.map(({ detailType }) => detailType);
const findingOf = ({ findings }: ControlPlane) => findings.find({ subject: "drill-1", cause: "Drill" });

test("a finding that says it is none is opened, mailed and ended", async () => {
  const plane = await controlPlane();
  expect(await drill(asked, plane)).toEqual(DRILLED);
  const finding = { subject: "drill-1", cause: "Drill", since: NOW };
  expect(plane.bus.events).toEqual([
    { detailType: "Finding Opened", detail: { ...finding, execution: RUN } },
    { detailType: "Finding Ended", detail: { ...finding, endedAt: NOW } },
  ]);
  const [mail, ...more] = plane.mail.sent;
  expect(more).toEqual([]);
  expect(mail?.subject).toBe("Keyturn: Drill on drill-1");
  const parts = ["only a drill: nothing is wrong", "Asked for by Ann, as claimed. The reason given: monthly", RUN];
  for (const part of parts) expect(mail?.text).toContain(part);
  expect(plane.journal.lines).toEqual([
    `operated ${JSON.stringify({ act: "drill", ...DRILLED, requestedBy: "Ann", reason: "monthly", execution: RUN })}`,
  ]);
});

test("nobody has to say who asks, or why", async () => {
  const plane = await controlPlane();
  await drill({ ...asked, reason: "", requestedBy: "" }, plane);
  expect(plane.mail.sent[0]?.text).toContain("Cause:      Nobody said who asked for it.\n");
});

test("the gathering mail is left to tell of its end", async () => {
  const plane = await controlPlane();
  await drill(asked, plane);
  const { findings } = await plane.findings.listOpen();
  expect(findings.map(({ subject, endedAt, endToldAt }) => [subject, endedAt, endToldAt])).toEqual([
    ["drill-1", NOW, undefined],
  ]);
});

test("a step that runs again tells nothing again", async () => {
  const plane = await controlPlane();
  await drill(asked, plane);
  expect(await drill(asked, plane)).toEqual(DRILLED);
  expect(kinds(plane)).toEqual(["Finding Opened", "Finding Ended"]);
  expect(plane.mail.sent).toHaveLength(1);
});

test("one that comes minutes after another mails as well", async () => {
  const plane = await controlPlane();
  await drill(asked, plane);
  plane.clock.at += 60_000;
  expect(await drill(named("drill-2"), plane)).toEqual(DRILLED);
  expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([
    "Keyturn: Drill on drill-1",
    "Keyturn: Drill on drill-2",
  ]);
});

test("while a try that may have died has the claim to mail, nothing is said to be done; then it is mailed", async () => {
  const plane = await controlPlane();
  const dies = { send: () => Promise.reject(new Error("died")) };
  // It dies before it can give the claim back.
  const frozen = { ...plane.findings, write: atMost(2, plane.findings.write) };
  await expect(drill(asked, { ...plane, findings: frozen, mail: dies })).rejects.toThrow();
  plane.clock.at += 1000;
  expect(await drill(asked, plane)).toEqual(CLAIMED);
  expect(plane.mail.sent).toEqual([]);
  expect((await findingOf(plane))?.endedAt).toBeUndefined();
  plane.clock.at += 120_000;
  expect(await drill(asked, plane)).toEqual(DRILLED);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a mail that cannot be sent is tried again at once", async () => {
  const plane = await controlPlane();
  const away = { send: () => Promise.reject(new Error("topic away")) };
  await expect(drill(asked, { ...plane, mail: away })).rejects.toThrow("topic away");
  expect(await drill(asked, plane)).toEqual(DRILLED);
  expect(plane.mail.sent).toHaveLength(1);
});

test("an end whose announcement was lost is announced", async () => {
  const plane = await controlPlane();
  const { put } = plane.bus;
  const loses: typeof plane.bus.put = (kind, detail) =>
    kind.detailType === "Finding Ended" ? Promise.reject(new Error("bus away")) : put(kind, detail);
  await expect(drill(asked, { ...plane, bus: { ...plane.bus, put: loses } })).rejects.toThrow("bus away");
  expect(kinds(plane)).toEqual(["Finding Opened"]);
  expect(await drill(asked, plane)).toEqual(DRILLED);
  expect(kinds(plane)).toEqual(["Finding Opened", "Finding Ended"]);
});

test("from the sixth within ten minutes on they are a storm of drills, and of nothing else", async () => {
  const plane = await controlPlane();
  const outcomes: string[] = [];
  for (let n = 1; n <= 7; n += 1) outcomes.push((await drill(named(`drill-${n}`), plane)).outcome);
  expect(outcomes).toEqual([...Array(5).fill("DRILLED"), "GATHERED", "GATHERED"]);
  expect(plane.mail.sent).toHaveLength(5);
  expect([...plane.findings.all.values()].map(({ cause }) => cause)).toEqual(Array(8).fill("Drill"));
});

/** A table that takes the first so many writes, and from then on nobody reaches it. */
function atMost(most: number, write: ControlPlane["findings"]["write"]): ControlPlane["findings"]["write"] {
  let writes = 0;
  return (...given) => {
    writes += 1;
    return writes > most ? Promise.reject(new Error("died")) : write(...given);
  };
}
