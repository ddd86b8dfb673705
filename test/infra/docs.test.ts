import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contract as verifyHash } from "../../functions/rotation/verify-hash/contract.ts";
import { ADVICE } from "../../functions/telling/advice.ts";
import { ALARMS } from "../../infra/alarms.ts";
import { monthTable, ROTATION, ROTATION_CALLS, ROTATION_PATH, rotationTable } from "../../infra/costs.ts";
import { headingsOf, sectionsUnder } from "./headings.ts";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

describe("the runbook", () => {
  const sections = headingsOf(read("runbook.md"));

  test("has a section for each verdict", () => {
    expect(
      verifyHash.output.shape.verdict.options.filter((verdict) => !sections.includes(verdict)),
      "docs/runbook.md: write a section named after each of these verdicts",
    ).toEqual([]);
  });

  test("has a section for each error that people are mailed about", () => {
    expect(
      Object.keys(ADVICE).filter((what) => !sections.includes(what)),
      "People are mailed about these: write a section named after each in docs/runbook.md",
    ).toEqual([]);
  });

  test("has a section for each alarm of infra/alarms.ts, and no other, in that order", () => {
    expect(
      sectionsUnder(read("runbook.md"), "Alarms"),
      "Each alarm needs a section of its name under Alarms in docs/runbook.md; see docs/changing.md",
    ).toEqual(ALARMS.map(({ name }) => name));
  });

  test("says in each section what it means, where to look and what to do", () => {
    for (const section of read("runbook.md").split(/^### /m).slice(1)) {
      const name = section.split("\n")[0];
      const missing = ["**It means**", "**Look**", "**Do**"].filter((lead) => !section.includes(lead));
      expect(missing, `docs/runbook.md, ${name}: say these too, each in a paragraph that begins so`).toEqual([]);
    }
  });
});

describe("the costs", () => {
  test("are those that the counts and prices come to", () => {
    const message =
      "docs/costs.md does not hold the tables that `node tools/node.mjs infra/costs.ts` prints: paste them";
    for (const table of [rotationTable(), monthTable()]) expect(read("costs.md"), message).toContain(table);
  });

  test("say in words what the counts are", () => {
    const message = `docs/costs.md, One rotation: the number of calls, state transitions, invocations or write units is another now`;
    for (const count of [
      `takes ${ROTATION_CALLS.length} calls`,
      `${ROTATION_PATH.length} state transitions`,
      `${ROTATION.lambdaRequest} invocations`,
      `the ${ROTATION.tableWriteUnit} write units`,
    ]) {
      expect(read("costs.md").replaceAll("\n", " "), message).toContain(count);
    }
  });
});
