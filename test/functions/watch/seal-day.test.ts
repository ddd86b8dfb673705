import { expect, test } from "vitest";
import { putDue } from "../../../functions/audit/put-due.ts";
import { sealDay } from "../../../functions/watch/seal-day/step.ts";
import { auditFaults } from "../../../protocol/index.ts";
import { controlPlane, ID, LINE, LOOKS_EVERY_MS, NOW } from "../support.ts";

const A_DAY_MS = 24 * 3600_000;
/** The day before that of `NOW`, and that day. */
const [YESTERDAY, TODAY] = ["2026-11-19", "2026-11-20"] as const;

/** A plane in which a line was put at that moment. */
async function audited(at: number) {
  const plane = await controlPlane();
  await putDue(plane.audit, { subject: ID, due: [LINE], at });
  return plane;
}

test("the day that is over is sealed, and its seal written into the log, where the table's writers cannot write", async () => {
  const plane = await audited(NOW - A_DAY_MS);
  const sealed = await sealDay({ at: NOW }, plane);
  const [line] = plane.audit.lying;
  expect(plane.audit.standing).toEqual([
    { previous: "", ...sealed, heads: [{ subject: ID, n: 1, digest: line?.digest }] },
  ]);
  expect(sealed.day).toBe(YESTERDAY);
  expect(plane.journal.lines).toEqual([`sealed ${JSON.stringify({ ...sealed, subjects: 1 })}`]);
  expect(auditFaults({ lines: plane.audit.lying, seals: plane.audit.standing })).toEqual([]);
});

test("however often it is looked on a day, the day before is sealed once, and its seal given each time", async () => {
  const plane = await audited(NOW);
  const sealed = await sealDay({ at: NOW }, plane);
  for (let looks = 1; looks <= 3; looks += 1) {
    expect(await sealDay({ at: NOW + looks * LOOKS_EVERY_MS }, plane)).toEqual(sealed);
  }
  expect(plane.audit.standing.map(({ day, heads }) => [day, heads.length])).toEqual([[YESTERDAY, 0]]);
  // What was put today is in the next one.
  expect((await sealDay({ at: NOW + A_DAY_MS }, plane)).day).toBe(TODAY);
  expect(plane.audit.standing.map(({ day, heads }) => [day, heads.length])).toEqual([
    [YESTERDAY, 0],
    [TODAY, 1],
  ]);
});

test("a line that the index names and that is gone fails the look, and is not sealed as if it had never been", async () => {
  const plane = await audited(NOW - A_DAY_MS);
  const audit = { ...plane.audit, line: async () => undefined };
  await expect(sealDay({ at: NOW }, { ...plane, audit })).rejects.toMatchObject({ name: "LineGone" });
  expect(plane.audit.standing).toEqual([]);
  expect(plane.journal.lines).toEqual([]);
});

test("where the bucket refuses it, the log and the look have the seal, and why; and it is kept once the bucket takes it", async () => {
  const plane = await audited(NOW - A_DAY_MS);
  const { keep } = plane.sealArchive;
  plane.sealArchive.keep = async () => {
    throw Object.assign(new Error("Access Denied"), { name: "AccessDenied" });
  };
  for (let days = 0; days < 3; days += 1) {
    const { day, digest, refused } = await sealDay({ at: NOW + days * A_DAY_MS }, plane);
    expect(refused).toBe("AccessDenied: Access Denied");
    expect(plane.journal.lines.at(-1)).toContain(`"day":"${day}","digest":"${digest}"`);
  }
  expect(plane.sealArchive.kept.size).toBe(0);

  plane.sealArchive.keep = keep;
  expect(await sealDay({ at: NOW + 3 * A_DAY_MS }, plane)).not.toHaveProperty("refused");
  expect([...plane.sealArchive.kept.keys()].sort()).toEqual([YESTERDAY, TODAY, "2026-11-21", "2026-11-22"]);
});
