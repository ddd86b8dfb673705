import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TURN_DOCUMENT as document } from "../../agent/ssm-document.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-ssm-"));
  writeFileSync(join(folder, "keyturn-agent"), '#!/bin/sh\nfor word; do printf "[%s]" "$word"; done\nexit 3\n', {
    mode: 0o755,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the SSM document has the agent turn, and ends as it ends", () => {
  const script = document.mainSteps[0].inputs.runCommand.join("\n");
  const { stdout, status } = spawnSync("sh", ["-c", script], {
    env: { PATH: `${folder}:${process.env.PATH}` },
    encoding: "utf8",
  });
  expect({ stdout, status }).toEqual({ stdout: "[turn]", status: 3 });
});

test.each([undefined, "", "/nowhere"])(
  "the SSM document finds the agent where it is installed, with PATH %o",
  (PATH) => {
    const script = document.mainSteps[0].inputs.runCommand.join("\n").replaceAll("/usr/local/bin", folder);
    const { stdout, status } = spawnSync("/bin/sh", ["-c", script], {
      env: PATH === undefined ? {} : { PATH },
      encoding: "utf8",
    });
    expect({ stdout, status }).toEqual({ stdout: "[turn]", status: 3 });
  },
);

test("the SSM document takes no parameter: SSM shows those to whoever may list commands", () => {
  expect(document).not.toHaveProperty("parameters");
  expect(JSON.stringify(document)).not.toContain("{{");
});
