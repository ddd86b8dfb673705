import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { demandSmallEnough, sentenceAbout } from "../../infra/app.ts";
import { SettingsError } from "../../infra/settings.ts";
import { readSettings } from "../../infra/settings-file.ts";
import { type Edit, instead } from "../changing/checklist.ts";
import { Copy } from "../changing/copy.ts";
import { shippedSettings, synthesize } from "./synthesized.ts";

const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const copy = new Copy();
afterAll(() => copy.remove());

/** What `npm run` starts says, on a tree with these edits. */
function said(script: string, edits: Edit[]): { text: string; status: number | null } {
  copy.apply(edits);
  const { stdout, stderr, status } = spawnSync(scripts[script], { cwd: copy.folder, shell: true, encoding: "utf8" });
  return { text: `${stdout}${stderr}`, status };
}

/** The scripts that read the settings, apart from the demo, which says more than what is wrong. */
const COMMANDS = Object.keys(scripts).filter((name) => / (infra|local\/start)\b/.test(scripts[name]));
const broken: Edit = { file: "cdk.json", change: () => '{ "app": ' };
const wrong = instead("cdk.json", '"maxConcurrency": 20', '"maxConcurrency": "many"');

describe("every command says in a line", () => {
  test("which these are", () => {
    expect(COMMANDS).toEqual(expect.arrayContaining(["start", "synth", "diff", "deploy"]));
  });

  test.each(COMMANDS)("that cdk.json is broken: npm run %s", (script) => {
    const line = /^cdk\.json is no JSON: .+\n$/;
    expect(said(script, [broken])).toEqual({ text: expect.stringMatching(line), status: 1 });
  });

  test.each(COMMANDS)("which setting is wrong: npm run %s", (script) => {
    const { text, status } = said(script, [wrong]);
    expect(status).toBe(1);
    expect(text).toMatch(/^In cdk\.json, keyturn\.maxConcurrency must be a (whole )?number.*\n/);
    expect(text, "one line, and perhaps where to read on").toMatch(/^.+\n(docs\/deploying\.md .+\n)?$/);
  });

  test("that there is no such file", () => {
    const none = new URL("none/cdk.json", import.meta.url);
    expect(() => readSettings(none)).toThrow(/^cdk\.json cannot be read: .+ Put it back/);
    expect(() => readSettings(none)).toThrow(SettingsError);
  });
});

describe("what the checks have missed", () => {
  test("is one sentence of the construct that does not take it, and no stack trace", () => {
    const twice = ["me@example.com", "me@example.com"];
    copy.apply([instead("infra/settings.ts", "    .check(eachOnce((address) => address.toLowerCase())),\n", ",\n")]);
    // As CDK starts it.
    const { app } = JSON.parse(readFileSync(join(copy.folder, "cdk.json"), "utf8"));
    const CDK_CONTEXT_JSON = JSON.stringify({ keyturn: { ...shippedSettings(), alertEmails: twice } });
    const env = { ...process.env, CDK_CONTEXT_JSON };
    const { stderr, status } = spawnSync(app, { cwd: copy.folder, shell: true, encoding: "utf8", env });
    expect(stderr).toMatch(/^The stack cannot be made with the settings of cdk\.json: .*me@example\.com.*\n$/);
    expect(status).toBe(1);
  });

  test("is shown with where it comes from to whoever asks", () => {
    const error = new Error("There is already a Construct with that name\nand more");
    expect(sentenceAbout(error, {})).toBe(
      "The stack cannot be made with the settings of cdk.json: There is already a Construct with that name " +
        "(npm run synth -- --debug says where.)",
    );
    expect(sentenceAbout(error, { CDK_DEBUG: "true" })).toBe(error.stack);
  });
});

test("tags that make the template larger than CloudFormation takes are named", () => {
  expect(() => demandSmallEnough(1_000_001)).toThrow(/1000001 bytes.*keyturn\.tags must be fewer, or shorter/);
  demandSmallEnough(1_000_000);
});

test("CDK takes what is odd, but allowed", () => {
  const { resources } = synthesize({
    alertEmails: ["o'neill+key/turn@mail.example.com", "oneillkeyturn@mail.example.com"],
    audit: { keepYears: 10, bucket: "seals.example.com" },
    logRetentionDays: 3653,
    instanceType: "p6e-gb200.36xlarge",
    existingRoles: { "Web+Server=1,@a.b-c": "AROAEXAMPLEEXAMPLE", WebServer1abc: "AROAEXAMPLEEXAMPLF" },
    eventSenders: ["arn:aws:iam::111122223333:role/team/*"],
    tags: { "Kosten/stelle: Zürich": "", ["T".repeat(128)]: "v".repeat(256) },
  });
  expect(JSON.stringify(resources)).toContain("al2023-ami-kernel-default-arm64");
});
