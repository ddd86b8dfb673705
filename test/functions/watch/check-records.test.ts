import { describe, expect, test } from "vitest";
import type { InstanceRecord, Status } from "../../../functions/record/record.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { contract } from "../../../functions/watch/check-records/contract.ts";
import { checkRecords } from "../../../functions/watch/check-records/step.ts";
import { type ControlPlane, EC2, hex64Of, ID, INTERVAL_MS, LINE, NOW } from "../support.ts";
import { AN_HOUR_MS, alterRecord, LOOK, lookOnce, prove, subjects, watched, watchedBeside } from "./looked.ts";

const CHECK = "arn:aws:states:us-east-1:000000000000:execution:keyturn-watch:check";
const MISMATCH = `Keyturn: MISMATCH on ${ID} (${EC2})`;

type Whom = InputOf<typeof contract>["check"];

/** Somebody checks; those who start executions, and ask EC2, are out of reach. */
function check(
  plane: ControlPlane,
  whom: Whom = { ids: [ID] },
  neighbours: Partial<ControlPlane> = {},
  after?: string,
) {
  const { executions: _, hosts: __, ...reached } = { ...plane, ...neighbours };
  return checkRecords({ check: whom, execution: CHECK, ...(after !== undefined && { after }) }, reached);
}

/** What is said of the instance that tests have. */
async function verdictOf(plane: ControlPlane, neighbours: Partial<ControlPlane> = {}) {
  const { instances } = await check(plane, { ids: [ID] }, neighbours);
  return instances[0]?.verdict;
}

/** Whoever wrote so does not hold the key. */
function forge(plane: ControlPlane, generation = 1): void {
  plane.timeSeries.write(ID, EC2, { timeMs: plane.now(), generation, hash: hex64Of("forged") });
}

describe("one that is checked", () => {
  test("and proves its key is sound, and its record says so as of now, however lately it was judged", async () => {
    const plane = await watched();
    prove(plane);
    const counts = { checked: 1, sound: 1, wrong: 0, other: 0 };
    expect(await check(plane)).toEqual({ ...counts, instances: [{ id: ID, verdict: "MATCH" }] });
    expect(await plane.record()).toMatchObject({ verdict: "MATCH", judgedAt: NOW, lastProofAt: NOW });
    expect(plane.mail.sent).toEqual([]);
  });

  test("and proves another key is told of once, and its record says so", async () => {
    const plane = await watched();
    forge(plane);
    const counts = { checked: 1, sound: 0, wrong: 1, other: 0 };
    for (let times = 0; times < 2; times += 1) {
      expect(await check(plane)).toEqual({ ...counts, instances: [{ id: ID, verdict: "MISMATCH" }] });
    }
    expect(subjects(plane)).toEqual([MISMATCH]);
    expect(plane.mail.sent[0]?.text).toContain(CHECK);
    expect(await plane.record()).toMatchObject({ verdict: "MISMATCH", judgedAt: NOW });
  });

  test("and claims a generation that its record does not know is left to the next look, which has a rotation follow it", async () => {
    const plane = await watched();
    forge(plane, 7);
    expect(await verdictOf(plane)).toBe("MISMATCH");
    expect([plane.mail.sent, plane.executions.started]).toEqual([[], []]);
    await lookOnce(plane);
    expect(plane.executions.started).toMatchObject([{ input: { id: ID, trigger: "watch" } }]);
  });

  test("and has fallen silent is said to be stale; its record, and whether people are told, is left to the look", async () => {
    const plane = await watched();
    const before = await plane.record();
    expect(await check(plane)).toMatchObject({ wrong: 1, instances: [{ verdict: "STALE" }] });
    expect(await plane.record()).toEqual(before);
    expect(plane.mail.sent).toEqual([]);
  });

  test("and has just registered is waited for, which is neither sound nor wrong", async () => {
    const plane = await watched({ registeredAt: NOW - INTERVAL_MS });
    expect(await check(plane)).toMatchObject({ sound: 0, wrong: 0, other: 1, instances: [{ verdict: "WAITING" }] });
  });

  test("and was turned between the reading of its record and of its samples is judged by no old key", async () => {
    const plane = await watched();
    const read: ControlPlane["timeSeries"]["read"] = async (window) => {
      await alterRecord(plane, ID, ({ current }) => {
        current.generation = 2;
      });
      return plane.timeSeries.read(window);
    };
    forge(plane);
    expect(await verdictOf(plane, { timeSeries: { ...plane.timeSeries, read } })).toBe("SUPERSEDED");
    expect(plane.mail.sent).toEqual([]);
  });

  test.each<Status>(["NEW", "STOPPED", "QUARANTINED"])(
    "and is %s is said to be so, and is not judged",
    async (status) => {
      const plane = await watched({ status });
      forge(plane);
      const before = await plane.record();
      expect(await check(plane)).toEqual({
        ...{ checked: 1, sound: 0, wrong: 0, other: 1 },
        instances: [{ id: ID, verdict: status }],
      });
      expect(await plane.record()).toEqual(before);
      expect(plane.mail.sent).toEqual([]);
    },
  );

  test("and is retired, or was never there, is said to be so", async () => {
    const plane = await watched();
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    expect(await check(plane, { ids: [ID, "ffffff"] })).toEqual({
      ...{ checked: 2, sound: 0, wrong: 0, other: 2 },
      instances: [
        { id: ID, verdict: "RETIRED" },
        { id: "ffffff", verdict: "UNKNOWN" },
      ],
    });
  });

  test("and is named twice is checked once", async () => {
    const plane = await watched();
    prove(plane);
    expect(await check(plane, { ids: [ID, ID] })).toMatchObject({ checked: 1, instances: [{ id: ID }] });
  });
});

describe("one that cannot be judged is told of, and the others are checked", () => {
  test("because its key cannot be decrypted", async () => {
    const plane = await watched();
    const beside = await watchedBeside(plane, "000001");
    for (const instance of [plane.instance, beside]) prove(plane, instance);
    const unseal: ControlPlane["vault"]["unseal"] = async (ciphertext, name) => {
      if (name.id === ID) throw new StepError("KeyUnreadable", "KMS refuses it.");
      return plane.vault.unseal(ciphertext, name);
    };
    expect(await check(plane, { ids: [ID, "000001"] }, { vault: { ...plane.vault, unseal } })).toMatchObject({
      instances: [
        { id: ID, verdict: "UNREADABLE" },
        { id: "000001", verdict: "MATCH" },
      ],
    });
    expect(subjects(plane)).toEqual([`Keyturn: KeyUnreadable on ${ID} (${EC2})`]);
  });

  test("because somebody has altered its record", async () => {
    const plane = await watched();
    await alterRecord(plane, ID, (record) => {
      Object.assign(record, { current: {} });
    });
    expect(await verdictOf(plane)).toBe("UNREADABLE");
    expect(subjects(plane)).toEqual([`Keyturn: RecordUnreadable on ${ID} (${EC2})`]);
  });

  test("but where AWS is away for a moment, the step is tried again", async () => {
    const plane = await watched();
    const unseal = () => Promise.reject(new StepError("TemporarilyUnavailable", "KMS is away."));
    await expect(check(plane, { ids: [ID] }, { vault: { ...plane.vault, unseal } })).rejects.toThrow("KMS is away.");
    expect(plane.mail.sent).toEqual([]);
  });
});

describe("what was told of one", () => {
  const finding = (plane: ControlPlane, cause: string) => plane.findings.find({ subject: ID, cause });

  /** A look finds what was forged; then only proofs are there. */
  async function mended(verdict = "MISMATCH"): Promise<ControlPlane> {
    const plane = await watched({ judgedAt: NOW - 20 * AN_HOUR_MS });
    if (verdict === "MISMATCH") forge(plane);
    await lookOnce(plane);
    expect(await plane.record()).toMatchObject({ verdict });
    plane.clock.at += AN_HOUR_MS;
    prove(plane);
    return plane;
  }

  test.each(["MISMATCH", "STALE"])("is over when its proofs fit again: %s", async (cause) => {
    const plane = await mended(cause);
    expect(await verdictOf(plane)).toBe("MATCH");
    expect(await finding(plane, cause)).toMatchObject({ endedAt: plane.now(), endAnnouncedAt: plane.now() });
  });

  test("stands while they do not", async () => {
    const plane = await mended();
    forge(plane);
    expect(await verdictOf(plane)).not.toBe("MATCH");
    expect(await finding(plane, "MISMATCH")).not.toHaveProperty("endedAt");
  });

  test("and was not mailed yet is ended by nobody before the next look has told it", async () => {
    const plane = await mended();
    const known = await finding(plane, "MISMATCH");
    if (known === undefined) throw new Error("nothing was found");
    const { toldAt: _, ...untold } = known;
    await plane.findings.write(untold, known);
    expect(await verdictOf(plane)).toBe("MATCH");
    expect(await finding(plane, "MISMATCH")).not.toHaveProperty("endedAt");
  });

  test("and is found anew at that very moment stands", async () => {
    const plane = await mended();
    const known = await finding(plane, "MISMATCH");
    if (known === undefined) throw new Error("nothing was found");
    await plane.findings.write({ ...known, seenAt: plane.now() }, known);
    expect(await verdictOf(plane)).toBe("MATCH");
    expect(await finding(plane, "MISMATCH")).not.toHaveProperty("endedAt");
  });

  test("is looked for only of those with whom something was wrong", async () => {
    const plane = await watched();
    prove(plane);
    const find = () => Promise.reject(new Error("asked for a finding"));
    expect(await verdictOf(plane, { findings: { ...plane.findings, find } })).toBe("MATCH");
  });
});

describe("all", () => {
  test("are counted, those with whom something is wrong are listed, and what is retired is passed over", async () => {
    const plane = await watched();
    forge(plane);
    const changes: Record<string, Partial<InstanceRecord>> = {
      "000001": {},
      "000002": { status: "STOPPED" },
      "000003": {},
    };
    for (const [id, change] of Object.entries(changes)) prove(plane, await watchedBeside(plane, id, change));
    await plane.registry.retire("000003", { ec2InstanceId: "i-00000000000000003", at: NOW, line: LINE });
    expect(await check(plane, { all: true })).toEqual({
      ...{ checked: 3, sound: 1, wrong: 1, other: 1 },
      instances: [{ id: ID, verdict: "MISMATCH" }],
    });
  });

  test("are gone through in pages", async () => {
    const plane = await watched();
    prove(plane);
    const record = await plane.record();
    const asked: unknown[] = [];
    const listPage: ControlPlane["registry"]["listPage"] = async (page) => {
      asked.push(page);
      return page.after === undefined ? { records: [record], next: "{}" } : { records: [] };
    };
    const registry = { ...plane.registry, listPage };
    const first = await check(plane, { all: true }, { registry });
    expect(first).toMatchObject({ checked: 1, next: "{}" });
    const second = await check(plane, { all: true }, { registry }, first.next);
    expect(second).toEqual({ checked: 0, sound: 0, wrong: 0, other: 0, instances: [] });
    expect(asked).toEqual([
      { limit: 1000, after: undefined },
      { limit: 1000, after: "{}" },
    ]);
  });
});

test.each<[string, unknown, string, string]>([
  ["nothing", null, "check", "must be an object"],
  ["nobody", {}, "check", "must name either ids or all"],
  ["some and all", { ids: [ID], all: true }, "check", "must name either ids or all"],
  ["an empty list", { ids: [] }, "check.ids", "must be a list of 1 to 1000 instance IDs"],
  ["too many", { ids: Array(1001).fill(ID) }, "check.ids", "must be a list of 1 to 1000 instance IDs"],
  ["what is no ID", { ids: ["A1"] }, "check.ids.0", "must be 6 lower-case hexadecimal characters"],
  ["all but not so", { all: false }, "check.all", "must be true, or left out"],
  ["a misspelt field", { id: ID }, "id", "is not known"],
])("who asks for a check of %s is told what is wrong", (_, asked, field, problem) => {
  expect(checkInput(contract.input, { check: asked, execution: LOOK })).toEqual({ ok: false, field, problem });
});
