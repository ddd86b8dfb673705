import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contract as verifyHash } from "../../functions/rotation/verify-hash/contract.ts";
import { ADVICE, adviceFor } from "../../functions/telling/advice.ts";
import { gatheredMail } from "../../functions/telling/gathered-mail.ts";
import { ALARMS } from "../../infra/alarms.ts";
import {
  LOOKS,
  looksTable,
  monthTable,
  REKEY_PATHS,
  ROTATION,
  ROTATION_CALLS,
  ROTATION_PATH,
  rotationTable,
  watching,
  watchTable,
} from "../../infra/costs.ts";
import { credentialTable, tokenTable } from "../../infra/credential-costs.ts";
import { EXPOSED_KEY, exposedKeysTable } from "../../infra/exposed-key-costs.ts";
import { networkTable } from "../../infra/network-costs.ts";
import { dollars } from "../../infra/prices.ts";
import { headingsOf, sectionsUnder } from "./headings.ts";
import { shippedSettings } from "./synthesized.ts";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

describe("the runbook", () => {
  const sections = headingsOf(read("runbook.md"));

  test("has a section for each verdict", () => {
    expect(
      verifyHash.output.shape.verdict.options.filter((verdict) => !sections.includes(verdict)),
      "docs/runbook.md: write a section named after each of these verdicts",
    ).toEqual([]);
  });

  test("has the section that the mail about each cause names", () => {
    // What nobody has foreseen is told as well.
    const named = [...Object.keys(ADVICE), "SomethingNew"].map((cause) => adviceFor(cause).section);
    expect(
      [...new Set(named)].filter((section) => !sections.includes(section)),
      "Mails lead to these, by functions/telling/advice.ts: write a section named after each in docs/runbook.md",
    ).toEqual([]);
  });

  test("says in a section that several causes share what each of them means", () => {
    const text = read("runbook.md");
    const shared = Object.keys(ADVICE).filter((cause) => adviceFor(cause).section !== cause);
    expect(shared.length).toBeGreaterThan(3);
    const sectionNamed = (name: string) => text.split(/^#{2,3} /m).find((one) => one.startsWith(`${name}\n`)) ?? "";
    expect(
      shared.filter((cause) => !sectionNamed(adviceFor(cause).section).includes(`\`${cause}\``)),
      "docs/runbook.md: name these causes in the section that their mail leads to, in back-quotes, with what each means",
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

test("the mail that has a seal in it leads to a document that there is, and that to the runbook", () => {
  const seal = { day: "2026-11-26", digest: "0".repeat(64) };
  const execution = "arn:aws:states:eu-west-1:111122223333:execution:keyturn-watch:one";
  const { text } = gatheredMail({ standing: [], ended: [] }, { execution, seal });
  const [, name = ""] = /docs\/(\w+\.md)/.exec(text) ?? [];
  const message = "functions/telling/gathered-mail.ts: name a document that says what to do with a seal";
  expect(read(name), message).toContain("(runbook.md#audit)");
  expect(headingsOf(read("runbook.md")), message).toContain("Audit");
});

describe("the costs", () => {
  test("are those that the counts and prices come to", () => {
    const message =
      "docs/costs.md does not hold the tables that `node tools/node.mjs infra/costs.ts` prints: paste them";
    const tables = [
      rotationTable(),
      watchTable(),
      looksTable(),
      monthTable(),
      credentialTable(LOOKS),
      tokenTable(LOOKS),
      networkTable(),
      exposedKeysTable(watching(0)),
    ];
    for (const table of tables) expect(read("costs.md"), message).toContain(table);
  });

  test("count the looks of the settings as shipped", () => {
    expect(shippedSettings().watch, "infra/costs.ts, LOOKS: as cdk.json has them").toEqual(LOOKS);
  });

  test("say in words what the counts are", () => {
    const message = `docs/costs.md, One rotation and Exposed access keys: the number of calls, state transitions, invocations or write units is another now`;
    for (const count of [
      `takes ${ROTATION_CALLS.length} calls`,
      `${ROTATION_PATH.length} state transitions`,
      `${ROTATION.lambdaRequest} invocations`,
      `the ${ROTATION.tableWriteUnit} write units`,
      `${EXPOSED_KEY.stateTransition} state transitions and ${EXPOSED_KEY.lambdaRequest} invocations`,
      `$${dollars(EXPOSED_KEY, 1000).toFixed(2)} for a thousand`,
      `an execution of \`operate\`, ${REKEY_PATHS.operate.length} state transitions, and the rotation that it starts, ${REKEY_PATHS.rotation.length},`,
    ]) {
      expect(read("costs.md").replaceAll("\n", " "), message).toContain(count);
    }
  });
});
