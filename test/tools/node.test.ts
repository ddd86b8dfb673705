import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const LAUNCHER = fileURLToPath(new URL("../../tools/node.mjs", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Launches a script that says whether it was started again, and then does something. */
function launch(does: string) {
  const script = join(folder, `${Math.abs(hash(does))}.mjs`);
  writeFileSync(
    script,
    `import { writeSync } from "node:fs";
     const again = process.env.KEYTURN_AGAIN;
     writeSync(1, again === undefined ? "first " : "again ");
     ${does}`,
  );
  const { KEYTURN_AGAIN: _, ...env } = process.env;
  const child = spawn(process.execPath, [LAUNCHER, script, "with", "arguments"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
  return { child, ended, said: () => said };
}

const hash = (text: string) => [...text].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) | 0, 7);
const DIES = `process.kill(process.pid, "SIGKILL");`;

test("a script that is killed and wanted that is started again, with the same arguments; what it ends with is the end", async () => {
  const { ended, said } = launch(
    `if (again) { writeSync(1, process.argv.slice(2).join(" ")); process.exit(3); }
     writeSync(3, "50\\n"); ${DIES}`,
  );
  expect(await ended).toEqual({ code: 3, signal: null });
  expect(said()).toBe("first again with arguments");
});

test("one that is killed by somebody else ends it", async () => {
  const { ended, said } = launch(DIES);
  expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
  expect(said()).toBe("first ");
});

test("who asks it to end while it waits ends it, and nothing is started", async () => {
  const { child, ended, said } = launch(`writeSync(3, "60000\\n"); writeSync(1, String(process.pid) + "."); ${DIES}`);
  await vi.waitFor(() => expect(said()).toMatch(/^first \d+\.$/));
  const pid = Number(/\d+/.exec(said())?.[0]);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow());
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: null, signal: "SIGTERM" });
  expect(said()).toMatch(/^first \d+\.$/);
});
