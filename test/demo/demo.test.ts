import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Report } from "../../local/demo/report.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import { hostileSettings } from "../restart/hostile-settings.ts";
import { processesThatName } from "../restart/processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DEMO = join(ROOT, "local/demo.ts");

/** Whether there is a PostgreSQL here: without it, the part about a shared credential is left out. */
const isShared = !("missing" in findPrograms());

/** Where the demo makes its folder. */
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterEach(() => rmSync(temporary, { recursive: true, maxRetries: 10 }));

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Starts the demo; `ended` resolves when it has, with what it said. */
function startDemo(options: string[]) {
  return start(process.execPath, ["--disable-warning=ExperimentalWarning", DEMO, ...options], process.env);
}

function start(command: string, args: string[], environment: NodeJS.ProcessEnv) {
  const child: ChildProcess = spawn(command, args, { cwd: ROOT, env: { ...environment, TMPDIR: temporary } });
  const said = { out: "", err: "" };
  child.stdout?.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<Ran>((resolve) => child.once("close", (code) => resolve({ code, ...said })));
  return { child, ended, said: () => said.out + said.err };
}

test("the story comes out right, whatever is set for the real AWS; --json prints it and nothing else", async () => {
  const home = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const hostile = await hostileSettings(home);
  // Before its version 12, npm writes two lines of its own to standard output, unless --json is told to it.
  const npms = { npm_config_update_notifier: "false" };
  const environment = { PATH: process.env.PATH, ...npms, ...hostile.environment };
  const { code, out, err } = await start("npm", ["run", "demo", "--json"], environment).ended;
  expect(hostile.asked()).toEqual([]);
  hostile.close();
  rmSync(home, { recursive: true });
  const report: Report = JSON.parse(out);
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect({ code, ok: report.ok }).toEqual({ code: 0, ok: true });
  expect(err).toContain("That was the story.");

  expect(report.instances.map(({ status }) => status).sort()).toEqual([
    "ACTIVE",
    "ACTIVE",
    "ACTIVE",
    "ACTIVE",
    "RETIRED",
  ]);
  expect(report.mails.map(({ subject }) => subject.replace(/[0-9a-f]{6}\b|i-[0-9a-f]{17}|AKIA\w+/g, "…"))).toEqual([
    "Keyturn: MISMATCH on … (…)",
    "Keyturn: NOT_OWNER on … (…)",
    "Keyturn: CONFLICT on … (…)",
    ...(isShared
      ? ["ConsumersBehind", "CredentialMismatch", "AuthorityUnreachable"].map(
          (cause) => `Keyturn: ${cause} on orders/db`,
        )
      : []),
    "Keyturn: CredentialMismatch on shop/token",
    "Keyturn: AccessKeyExposed on … (deployer)",
  ]);
  const ends = report.executions.map(({ stateMachine, status }) => `${stateMachine} ${status}`);
  expect(new Set(ends)).toEqual(
    new Set([
      "keyturn-fleet-rotation SUCCEEDED",
      "keyturn-rotation SUCCEEDED",
      "keyturn-rotation FAILED",
      "keyturn-watch SUCCEEDED",
      "keyturn-operate SUCCEEDED",
      "keyturn-credential SUCCEEDED",
      "keyturn-exposed-key SUCCEEDED",
      ...(isShared ? ["keyturn-credential FAILED"] : []),
    ]),
  );
  expect(readdirSync(temporary)).toEqual([]);
  expect(processesThatName(temporary)).toEqual([]);
}, 240_000);

test("Ctrl-C in the middle leaves neither files nor processes, and exit code 130", async () => {
  const { child, ended, said } = startDemo([]);
  await vi.waitFor(() => expect(said()).toContain("registered from"), { timeout: 20_000 });
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 130, err: "" });
  expect(readdirSync(temporary)).toEqual([]);
  await vi.waitFor(() => expect(processesThatName(temporary)).toEqual([]), { timeout: 5_000 });
});

test.skipIf(process.platform !== "linux")(
  "when the story cannot go on, the exit code is 1, and it says where everything is kept",
  async () => {
    const { ended, said } = startDemo(["--json"]);
    await vi.waitFor(() => expect(said()).toContain("registered from"), { timeout: 20_000 });
    const aws = processesThatName(temporary).find(({ command }) => command.includes("aws-process.ts"));
    if (aws === undefined) throw new Error("the process with the embedded AWS is not there");
    process.kill(aws.pid, "SIGKILL");
    const { code, out, err } = await ended;
    const report: Report = JSON.parse(out);
    expect({ code, ok: report.ok }).toEqual({ code: 1, ok: false });
    expect(report.checks.find(({ what }) => what === "the story goes on to its end")).toMatchObject({ ok: false });
    const [kept] = readdirSync(temporary);
    expect(err).toContain(`What happened is kept in ${join(temporary, kept ?? "")}`);
  },
);

test("--help tells the options, and a bad one is refused in one sentence", async () => {
  const [help, bad] = await Promise.all([startDemo(["--help"]).ended, startDemo(["--jsn"]).ended]);
  expect(help).toMatchObject({ code: 0, err: "" });
  expect(help.out).toContain("--json");
  expect(bad).toEqual({ code: 2, out: "", err: "Unknown option '--jsn'. See npm run demo -- --help.\n" });
});
