import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contract as verifyHash } from "../../functions/rotation/verify-hash/contract.ts";
import { ADVICE } from "../../functions/telling/advice.ts";
import { IDLE_RUN_PATH, monthTable, ROTATION, ROTATION_PATH, rotationTable } from "../../infra/costs.ts";
import { readFlow } from "../../statemachines/read.ts";
import { headingsOf } from "./headings.ts";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const stepsCalling = (action: string) =>
  readdirSync(new URL("../../functions/rotation", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("contract.ts"))
    .filter((path) =>
      readFileSync(new URL(`../../functions/rotation/${path}`, import.meta.url), "utf8").includes(`"${action}"`),
    ).length;

describe("the runbook", () => {
  const sections = headingsOf(read("runbook.md"));

  test("has a section for each verdict", () => {
    for (const verdict of verifyHash.output.shape.verdict.options) expect(sections).toContain(verdict);
  });

  test("has a section for each error that people are mailed about", () => {
    for (const what of Object.keys(ADVICE)) expect(sections).toContain(what);
  });

  test("says in each section what it means, where to look and what to do", () => {
    for (const section of read("runbook.md").split(/^### /m).slice(1)) {
      const name = section.split("\n")[0];
      for (const lead of ["**It means**", "**Look**", "**Do**"]) expect(section, name).toContain(lead);
    }
  });
});

describe("the costs", () => {
  test("are those that the counts and prices come to", () => {
    expect(read("costs.md")).toContain(rotationTable());
    expect(read("costs.md")).toContain(monthTable());
  });

  test.each([
    ["rotation", ROTATION_PATH],
    ["fleet-rotation", IDLE_RUN_PATH],
  ])("count a path that the state machine %s has", (name, path) => {
    const { StartAt, States } = readFlow(name).definition;
    expect(path[0]).toBe(StartAt);
    path.slice(1).forEach((state, index) => {
      const { Next, Default, Choices = [] } = States[path[index] ?? ""] ?? {};
      expect([Next, Default, ...Choices.map((choice) => choice.Next)]).toContain(state);
    });
    expect(States[path.at(-1) ?? ""]?.Type).toBe("Succeed");
  });

  test("count the calls of KMS that the steps may make", () => {
    const calls = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateMac"].map(stepsCalling);
    expect(calls.reduce((sum, n) => sum + n, 0)).toBe(ROTATION.kmsCall);
  });
});
