import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TURN_DOCUMENT as document } from "../../agent/ssm-document.ts";
import { TICKET_FIELDS } from "../../protocol/index.ts";

const PARAMETERS = { id: "0a1b2c", generation: "2", nonce: "a1".repeat(32), proof: "b2".repeat(32) };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-ssm-"));
  writeFileSync(join(folder, "keyturn-agent"), '#!/bin/sh\nfor word; do printf "[%s]" "$word"; done\nexit 3\n', {
    mode: 0o755,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the document's script as the SSM agent does; `braces` as agents did that knew no variables. */
function run(parameters: Record<string, string>, how: "variables" | "braces") {
  let script = document.mainSteps[0].inputs.runCommand.join("\n");
  const env: Record<string, string> = { PATH: `${folder}:${process.env.PATH}` };
  for (const [name, value] of Object.entries(parameters)) {
    if (how === "variables") env[`SSM_${name}`] = value;
    else script = script.replaceAll(`{{${name}}}`, value);
  }
  return spawnSync("sh", ["-c", script], { env, encoding: "utf8" });
}

describe("the SSM document", () => {
  test("has a parameter for each field of a ticket", () => {
    const message = "agent/ssm-document.ts: a parameter for each field of a ticket, in the order of the protocol";
    expect(Object.keys(document.parameters), message).toEqual(TICKET_FIELDS);
  });

  test.each(["variables", "braces"] as const)("hands the ticket to the agent by %s, and ends as it ends", (how) => {
    const { id, nonce, proof } = PARAMETERS;
    const { stdout, status } = run(PARAMETERS, how);
    expect(stdout).toBe(`[turn][--id][${id}][--generation][2][--nonce][${nonce}][--proof][${proof}]`);
    expect(status).toBe(3);
  });

  test.each(["variables", "braces"] as const)("hands an empty nonce on by %s", (how) => {
    expect(run({ ...PARAMETERS, nonce: "" }, how).stdout).toContain("[--nonce][][--proof]");
  });

  test("keeps every parameter out of the script's text where the SSM agent can", () => {
    for (const { type, interpolationType } of Object.values(document.parameters)) {
      const message = "agent/ssm-document.ts: hand parameters on as variables, or what is in them runs as a script";
      expect({ type, interpolationType }, message).toEqual({ type: "String", interpolationType: "ENV_VAR" });
    }
  });

  test.each([
    ["id", ["0a1b2c"], ["0A1B2C", "0a1b2", "../../", "0a1b2c\n", '";reboot;"']],
    ["generation", ["2", "1000000"], ["0", "-1", "02", "2;reboot", ""]],
    ["nonce", ["", "a1".repeat(32)], ["g".repeat(64), "a1", "$(reboot)"]],
    ["proof", ["b2".repeat(32)], ["", "B2".repeat(32), "`reboot`"]],
  ] as const)("takes %s in its form only", (name, right, wrong) => {
    const pattern = new RegExp(document.parameters[name]?.allowedPattern ?? "(?!)");
    expect(right.filter((value) => !pattern.test(value))).toEqual([]);
    expect(wrong.filter((value) => pattern.test(value))).toEqual([]);
  });
});
