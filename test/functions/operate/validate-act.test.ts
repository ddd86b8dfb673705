import { describe, expect, test } from "vitest";
import { contract } from "../../../functions/operate/validate-act/contract.ts";
import { validateAct } from "../../../functions/operate/validate-act/step.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { controlPlane, EC2, ID, LINE, NOW } from "../support.ts";

test.each(["quarantine", "release", "retire"] as const)("for %s the record is looked up", async (act) => {
  const plane = await controlPlane({ status: "STOPPED" });
  const found = { act, id: ID, ec2InstanceId: EC2, status: "STOPPED", anew: false, reason: "", requestedBy: "" };
  expect(await validateAct({ act, id: ID }, plane)).toEqual(found);
  const claims = { reason: "a leak", requestedBy: "Ann" };
  expect(await validateAct({ act, id: ID, ...claims }, plane)).toEqual({ ...found, ...claims });
});

test("one that is retired is found as well", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await validateAct({ act: "retire", id: ID }, plane)).toMatchObject({ ec2InstanceId: EC2, status: "RETIRED" });
});

test("an ID that nobody has is told with a sentence", async () => {
  const plane = await controlPlane();
  const error = { name: "UnknownId", message: expect.stringContaining("No instance is registered under ffffff") };
  await expect(validateAct({ act: "quarantine", id: "ffffff" }, plane)).rejects.toMatchObject(error);
});

describe("a rekey", () => {
  const claimed = { reason: "", requestedBy: "" };

  test("of one is of a record that is looked up, anew only where that is said", async () => {
    const plane = await controlPlane();
    const found = { act: "rekey", id: ID, ec2InstanceId: EC2, status: "ACTIVE", ...claimed };
    expect(await validateAct({ act: "rekey", id: ID }, plane)).toEqual({ ...found, anew: false });
    expect(await validateAct({ act: "rekey", id: ID, anew: false }, plane)).toEqual({ ...found, anew: false });
    expect(await validateAct({ act: "rekey", id: ID, anew: true }, plane)).toEqual({ ...found, anew: true });
  });

  test.each([{ ids: [ID, "ffffff"] }, { cause: "MISMATCH" }, { all: true as const }])("of many: %j", async (named) => {
    const plane = await controlPlane();
    const many = { act: "rekey-many", ...named, anew: false, ...claimed };
    expect(await validateAct({ act: "rekey", ...named }, plane)).toEqual(many);
    const more = { since: "2026-11-20T03:00:00Z", anew: true, reason: "a leak", requestedBy: "Ann" };
    expect(await validateAct({ act: "rekey", ...named, ...more }, plane)).toEqual({ ...many, ...more, since: NOW });
  });

  test("of an ID that nobody has is told with a sentence", async () => {
    const plane = await controlPlane();
    await expect(validateAct({ act: "rekey", id: "ffffff" }, plane)).rejects.toMatchObject({ name: "UnknownId" });
  });
});

test("a drill means no record", async () => {
  const plane = await controlPlane();
  expect(await validateAct({ act: "drill" }, plane)).toEqual({ act: "drill", reason: "", requestedBy: "" });
});

describe("what is malformed is refused, by its field", () => {
  const A_TEXT = "must be a text of printable characters, 200 at the most";
  const AN_ACT = "must be one of quarantine, release, retire, rekey, drill";
  const AN_ID = "must be 6 lower-case hexadecimal characters";
  const EXACTLY_ONE = "must name whom it means by exactly one of id, ids, cause and all";
  const A_LIST = "must be a list of 1 to 1000 instance IDs";
  const A_CAUSE = "must be the cause of a finding as mails name it, such as MISMATCH";
  const A_MOMENT = "must be a moment like 2026-11-20T03:00:00Z";
  test.each<[unknown, string, string]>([
    [{}, "act", AN_ACT],
    [{ act: "rotate", id: ID }, "act", AN_ACT],
    [null, "input", "must be an object"],
    [[], "input", "must be an object"],
    [{ act: "quarantine" }, "id", AN_ID],
    [{ act: "release", id: "A1B2C3" }, "id", AN_ID],
    [{ act: "retire", id: 5 }, "id", AN_ID],
    [{ act: "drill", id: ID }, "id", "must be left out of a drill"],
    [{ act: "retire", id: ID, ec2InstanceId: EC2 }, "ec2InstanceId", "is not known"],
    [{ act: "quarantine", id: ID, reason: "x".repeat(201) }, "reason", A_TEXT],
    [{ act: "quarantine", id: ID, reason: "a\nline of its own" }, "reason", A_TEXT],
    [{ act: "quarantine", id: ID, reason: "a\u2028line of its own" }, "reason", A_TEXT],
    [{ act: "drill", requestedBy: "\u001b[31mAnn" }, "requestedBy", A_TEXT],
    [{ act: "drill", requestedBy: "\u202enna" }, "requestedBy", A_TEXT],
    [{ act: "drill", requestedBy: 1 }, "requestedBy", A_TEXT],
    [{ act: "rekey" }, "input", EXACTLY_ONE],
    [{ act: "rekey", id: ID, ids: [ID] }, "input", EXACTLY_ONE],
    [{ act: "rekey", id: ID, all: true }, "input", EXACTLY_ONE],
    [{ act: "rekey", cause: "MISMATCH", all: true }, "input", EXACTLY_ONE],
    [{ act: "rekey", id: "A1B2C3" }, "id", AN_ID],
    [{ act: "rekey", ids: [] }, "ids", A_LIST],
    [{ act: "rekey", ids: ID }, "ids", A_LIST],
    [{ act: "rekey", ids: Array(1001).fill(ID) }, "ids", A_LIST],
    [{ act: "rekey", ids: [ID, "x"] }, "ids.1", AN_ID],
    [{ act: "rekey", cause: "" }, "cause", A_CAUSE],
    [{ act: "rekey", cause: "$(reboot)" }, "cause", A_CAUSE],
    [{ act: "rekey", cause: 5 }, "cause", A_CAUSE],
    [{ act: "rekey", cause: "MISSMATCH" }, "cause", A_CAUSE],
    [{ act: "rekey", cause: "toString" }, "cause", A_CAUSE],
    [{ act: "rekey", all: false }, "all", "must be true, or left out"],
    [{ act: "rekey", all: true, since: "yesterday" }, "since", A_MOMENT],
    [{ act: "rekey", all: true, since: "2026-11-20" }, "since", A_MOMENT],
    [{ act: "rekey", all: true, since: NOW }, "since", A_MOMENT],
    [{ act: "rekey", all: true, since: "1969-12-31T23:59:59Z" }, "since", "must not be before 1970"],
    [
      { act: "rekey", id: ID, since: "2026-11-20T03:00:00Z" },
      "since",
      "must be left out of a rekey of one: it says where one of many goes on",
    ],
    [{ act: "rekey", id: ID, anew: "yes" }, "anew", "must be true or false"],
    [{ act: "quarantine", id: ID, anew: true }, "anew", "is not known"],
    [{ act: "quarantine", all: true }, "id", AN_ID],
  ])("%j", (input, field, problem) => {
    expect(checkInput(contract.input, input)).toEqual({ ok: false, field, problem });
  });

  test("two hundred characters of any writing are none of it", () => {
    const reason = `Schlüssel geleakt 🔑 鍵 ${"x".repeat(170)}`;
    expect(checkInput(contract.input, { act: "quarantine", id: ID, reason, requestedBy: "" }).ok).toBe(true);
  });
});
