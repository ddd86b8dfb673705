import { describe, expect, test } from "vitest";
import { contract } from "../../../functions/operate/validate-act/contract.ts";
import { validateAct } from "../../../functions/operate/validate-act/step.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { controlPlane, EC2, ID, LINE, NOW } from "../support.ts";

test.each(["quarantine", "release", "retire"] as const)("for %s the record is looked up", async (act) => {
  const plane = await controlPlane({ status: "STOPPED" });
  const found = { act, id: ID, ec2InstanceId: EC2, status: "STOPPED", reason: "", requestedBy: "" };
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

test("a drill means no record", async () => {
  const plane = await controlPlane();
  expect(await validateAct({ act: "drill" }, plane)).toEqual({ act: "drill", reason: "", requestedBy: "" });
});

describe("what is malformed is refused, by its field", () => {
  const A_TEXT = "must be a text of printable characters, 200 at the most";
  const AN_ACT = "must be one of quarantine, release, retire, drill";
  const AN_ID = "must be 6 lower-case hexadecimal characters";
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
  ])("%j", (input, field, problem) => {
    expect(checkInput(contract.input, input)).toEqual({ ok: false, field, problem });
  });

  test("two hundred characters of any writing are none of it", () => {
    const reason = `Schlüssel geleakt 🔑 鍵 ${"x".repeat(170)}`;
    expect(checkInput(contract.input, { act: "quarantine", id: ID, reason, requestedBy: "" }).ok).toBe(true);
  });
});
