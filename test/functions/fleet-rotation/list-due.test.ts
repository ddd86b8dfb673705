import { describe, expect, test } from "vitest";
import { contract } from "../../../functions/fleet-rotation/list-due/contract.ts";
import { listDue } from "../../../functions/fleet-rotation/list-due/step.ts";
import { LONGEST_ROTATION_MS } from "../../../functions/record/due.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { type ControlPlane, controlPlane, EXECUTION, ID, LINE, NOW, pendingOf, ROTATE_EVERY_MS } from "../support.ts";
import { addInstance } from "./instances.ts";

test("whoever is due is listed, the longest due first, under a name made of when it fell due", async () => {
  const plane = await controlPlane({ dueAt: NOW - LONGEST_ROTATION_MS });
  await addInstance(plane, "ffffff", { dueAt: NOW - 2 * LONGEST_ROTATION_MS });
  expect(await listDue({}, plane)).toEqual({
    at: NOW,
    due: [
      { id: "ffffff", name: `ffffff-due-${NOW - 2 * LONGEST_ROTATION_MS}-2` },
      { id: ID, name: `${ID}-due-${NOW - LONGEST_ROTATION_MS}-1` },
    ],
  });
});

test.each<[string, Partial<InstanceRecord>]>([
  ["is not due yet", { dueAt: NOW + 1 }],
  ["is stopped", { status: "STOPPED" }],
  ["is in quarantine", { status: "QUARANTINED" }],
])("who %s is not listed", async (_, changes) => {
  const plane = await controlPlane(changes);
  expect(await listDue({}, plane)).toEqual({ at: NOW, due: [] });
});

test("who is retired is not listed", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: plane.instance.ec2InstanceId, at: NOW, line: LINE });
  expect((await listDue({}, plane)).due).toEqual([]);
});

test("a run that is started twice gives the same names, so that it starts nothing twice", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  const first = await listDue({}, plane);
  plane.clock.at += LONGEST_ROTATION_MS - 1;
  expect((await listDue({}, plane)).due).toEqual(first.due);
});

test("with each hour overdue the name is another, so that a rotation that died is started again", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  const names: (string | undefined)[] = [];
  for (let interval = 0; interval < 3; interval += 1) {
    names.push((await listDue({}, plane)).due[0]?.name);
    plane.clock.at += LONGEST_ROTATION_MS;
  }
  expect(names).toEqual([`${ID}-due-${NOW}-0`, `${ID}-due-${NOW}-1`, `${ID}-due-${NOW}-2`]);
});

test("once it is turned and due again, the name is another", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  const [before] = (await listDue({}, plane)).due;
  const pending = await pendingOf(plane.instance, plane.vault, "");
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  const dueAt = NOW + ROTATE_EVERY_MS;
  await plane.registry.promote(ID, {
    ...{ generation: 2, receiptDigest: pending.receiptDigest, execution: EXECUTION },
    ...{ at: NOW, dueAt },
    line: LINE,
  });
  plane.clock.at = dueAt;
  const [after] = (await listDue({}, plane)).due;
  expect(after?.name).toBe(`${ID}-due-${dueAt}-0`);
  expect(after?.name).not.toBe(before?.name);
});

test("names are such as Step Functions takes", async () => {
  const plane = await controlPlane({ dueAt: 0 });
  const [due] = (await listDue({}, plane)).due;
  expect(due?.name).toMatch(/^[\w-]{1,80}$/);
});

test("who falls due while the pages are gone through waits for the next run", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  for (let n = 1; n <= 100; n += 1) await addInstance(plane, n.toString(16).padStart(6, "0"), { dueAt: NOW });
  const first = await listDue({}, plane);
  expect(first.due).toHaveLength(100);
  expect(first.next).toBeDefined();

  await addInstance(plane, "fffffe", { dueAt: NOW + 1 });
  plane.clock.at += LONGEST_ROTATION_MS;
  const second = await listDue({ at: first.at, after: first.next }, plane);
  expect(second).toEqual({ at: NOW, due: [expect.anything()] });
  expect(new Set([...first.due, ...second.due].map(({ id }) => id)).size).toBe(101);
});

test("a new instance is listed when it is due", async () => {
  const plane = await controlPlane({ dueAt: NOW, status: "NEW" });
  expect((await listDue({}, plane)).due).toEqual([{ id: ID, name: `${ID}-due-${NOW}-0` }]);
});

describe("those whom somebody names", () => {
  test("are listed though they are not due, each once, under a name made of the run's moment", async () => {
    const plane = await controlPlane({ dueAt: NOW + 1 });
    await addInstance(plane, "ffffff", { dueAt: NOW });
    expect(await listDue({ input: { ids: [ID, "ffffff", ID] } }, plane)).toEqual({
      at: NOW,
      due: [
        { id: ID, name: `${ID}-asked-${NOW}` },
        { id: "ffffff", name: `ffffff-asked-${NOW}` },
      ],
    });
  });

  test.each<Partial<InstanceRecord>>([{ status: "STOPPED" }, { status: "QUARANTINED" }, { status: "NEW" }])(
    "are listed as %j: what is started for them says what comes of it",
    async (changes) => {
      const plane = await controlPlane({ dueAt: NOW + 1, ...changes });
      expect((await listDue({ input: { ids: [ID] } }, plane)).due).toHaveLength(1);
    },
  );

  test("are listed a hundred at a time, the pages of one moment", async () => {
    const plane = await controlPlane();
    const ids = Array.from({ length: 250 }, (_, n) => n.toString(16).padStart(6, "0"));
    for (const id of ids) await addInstance(plane, id);
    const pages = await pagesOf(plane, { ids });
    expect(pages.map(({ due }) => due.length)).toEqual([100, 100, 50]);
    expect(pages.flatMap(({ due }) => due)).toEqual(ids.map((id) => ({ id, name: `${id}-asked-${NOW}` })));
  });

  test("and are not there are named to whoever asked, before anybody is listed", async () => {
    const plane = await controlPlane();
    const listed = (ids: string[]) => listDue({ input: { ids } }, plane);
    const said = "so nothing was done. Look at the IDs.";
    await expect(listed([ID, "00000f"])).rejects.toMatchObject({
      name: "UnknownId",
      message: `No instance is registered under 00000f, ${said}`,
    });
    const many = Array.from({ length: 150 }, (_, n) => n.toString(16).padStart(6, "0"));
    await expect(listed([ID, ...many])).rejects.toMatchObject({
      name: "UnknownId",
      message: `No instance is registered under 000000, 000001, 000002, 000003, 000004, nor under 145 more of these, ${said}`,
    });
  });

  test("and were turned since the run began are not turned again", async () => {
    const plane = await controlPlane();
    await addInstance(plane, "ffffff");
    plane.clock.at += 1000;
    await turned(plane);
    const { due } = await listDue({ input: { ids: [ID, "ffffff"] }, at: NOW }, plane);
    expect(due.map(({ id }) => id)).toEqual(["ffffff"]);
  });
});

describe("all", () => {
  test("are those that can be turned, due or not; nobody else", async () => {
    const plane = await controlPlane({ dueAt: NOW + ROTATE_EVERY_MS });
    for (const status of ["NEW", "STOPPED", "QUARANTINED"] as const) {
      await addInstance(plane, { NEW: "000001", STOPPED: "000002", QUARANTINED: "000003" }[status], { status });
    }
    const retired = await addInstance(plane, "000004");
    await plane.registry.retire(retired.id, { ec2InstanceId: retired.ec2InstanceId, at: NOW, line: LINE });
    const { due, next } = await listDue({ input: { all: true } }, plane);
    expect(due.map(({ name }) => name).sort()).toEqual([`000001-asked-${NOW}`, `${ID}-asked-${NOW}`].sort());
    expect(next).toBeUndefined();
  });

  test("are listed each once, though those of the page before are turned by then, and due later", async () => {
    const plane = await controlPlane({ dueAt: NOW });
    for (let n = 1; n <= 100; n += 1) await addInstance(plane, n.toString(16).padStart(6, "0"), { dueAt: NOW });
    const pages = await pagesOf(plane, { all: true }, async () => {
      plane.clock.at += 60_000;
      await turned(plane);
    });
    const ids = pages.flatMap(({ due }) => due).map(({ id }) => id);
    expect(pages).toHaveLength(2);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(100);
  });

  test("of another run have other names, and none has the name that the schedule would give it", async () => {
    const plane = await controlPlane({ dueAt: NOW });
    const namesOf = async (input: object) => (await listDue({ input }, plane)).due.map(({ name }) => name);
    const names = [await namesOf({ all: true }), await namesOf({})];
    plane.clock.at += 1;
    names.push(await namesOf({ all: true }));
    expect(new Set(names.flat()).size).toBe(3);
    for (const name of names.flat()) expect(name).toMatch(/^[\w-]{1,80}$/);
  });
});

test.each<[string, unknown, string, string]>([
  ["no object", "all", "input", "must be an object"],
  ["an empty list", { ids: [] }, "input.ids", "must be a list of 1 to 1000 instance IDs"],
  ["no list", { ids: ID }, "input.ids", "must be a list of 1 to 1000 instance IDs"],
  ["too many", { ids: Array(1001).fill(ID) }, "input.ids", "must be a list of 1 to 1000 instance IDs"],
  ["what is no ID", { ids: ["A1"] }, "input.ids.0", "must be 6 lower-case hexadecimal characters"],
  ["all, but not so", { all: false }, "input.all", "must be true, or left out"],
  ["some and all", { ids: [ID], all: true }, "input", "must name whom it means by ids or by all alone"],
])("who starts a run with %s is told what is wrong", (_, input, field, problem) => {
  expect(checkInput(contract.input, { input })).toEqual({ ok: false, field, problem });
});

test.each([{}, { trigger: "schedule" }, { requestedBy: "x".repeat(5000) }])(
  "a run that is started with %j is one over those that are due",
  (input) => {
    expect(checkInput(contract.input, { input })).toEqual({ ok: true, value: { input: {} } });
  },
);

/** All pages of a run, as its execution asks for them. */
async function pagesOf(
  plane: ControlPlane,
  input: InputOf<typeof contract>["input"],
  between: () => Promise<void> = async () => {},
) {
  const pages = [await listDue({ input }, plane)];
  for (let [page] = pages; page?.next !== undefined; page = pages.at(-1)) {
    await between();
    pages.push(await listDue({ input, at: page.at, after: page.next }, plane));
  }
  return pages;
}

/** The key of the instance that tests have is turned now. */
async function turned(plane: ControlPlane): Promise<void> {
  const record = await plane.record();
  plane.registry.records.set(ID, { ...record, current: { ...record.current, since: plane.now() } });
}
