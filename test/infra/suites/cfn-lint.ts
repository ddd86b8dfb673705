import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { FOLDER, missing } from "../../second-opinion/emulators.ts";
import type { Synthesized } from "../synthesized.ts";

/** What CloudFormation's own linter objects to, and what is right all the same. */
const ACCEPTED: Record<string, string> = {
  E3601:
    "Its schema of state machines wants `arn:aws:` where the partition is filled in, knows no Output in a rule of a Choice, \
and takes no JSONata for a number (cfn-lint#4206).",
  W3005: "CDK writes down dependencies that references hold already; they do no harm.",
  W3697:
    "Timestream for LiveAnalytics is closed to new accounts: docs/deploying.md says so, and `npm run deploy` asks.",
};

/** Reads one template after the other. */
const LONGEST_MS = 300_000;

/**
 * CloudFormation's linter, over templates as CloudFormation is given them.
 *
 * @param templates by what tells them apart
 */
export function cfnLint(templates: Record<string, Synthesized>): void {
  describe("cfn-lint", () => {
    test("finds nothing in any template", { timeout: LONGEST_MS }, async ({ skip }) => {
      const why = missing();
      if (why !== undefined) skip(why);
      const folder = mkdtempSync(join(tmpdir(), "keyturn-cfn-lint-"));
      try {
        const names = Object.keys(templates);
        const files = names.map((_, place) => join(folder, `${place}.json`));
        for (const [place, file] of files.entries()) {
          writeFileSync(file, JSON.stringify(templates[names[place] ?? ""]?.template, undefined, 1));
        }
        const found = (await lint(files)).map(({ Filename, Rule, Message, Location }) => {
          const settings = names[files.indexOf(Filename)];
          return `${settings}: ${Rule.Id} at ${Location.Path?.join("/")}: ${Message}`;
        });
        const message =
          "Mend these in infra; what is right all the same is ignored in test/infra/suites/cfn-lint.ts, with the reason";
        expect(found, message).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}

interface Match {
  Filename: string;
  Rule: { Id: string };
  Message: string;
  Location: { Path?: (string | number)[] };
}

async function lint(files: string[]): Promise<Match[]> {
  const python = readFileSync(join(FOLDER, "python"), "utf8");
  const ignored = Object.keys(ACCEPTED).flatMap((rule) => ["--ignore-checks", rule]);
  // Nothing of this machine's own is read: no other packages, no configuration of the linter.
  const options = { cwd: FOLDER, env: { HOME: FOLDER, PYTHONPATH: FOLDER }, maxBuffer: 2 ** 26 };
  const asked = ["-s", join(FOLDER, "bin/cfn-lint"), "--format", "json", ...ignored, "--", ...files];
  const run = promisify(execFile)(python, asked, options);
  // It ends with another code than 0 when it has found something.
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  if (!stdout.startsWith("[")) throw new Error(`cfn-lint did not run: ${stderr || stdout}`);
  return JSON.parse(stdout);
}
