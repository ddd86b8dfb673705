import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sentenceOn } from "../../local/port.ts";
import { run, startKeyturn } from "./keyturn.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterEach(() => rmSync(data, { recursive: true, maxRetries: 10 }));

test.each([
  [["--agents", "0"], '--agents takes a whole number from 1 to 500, not "0".'],
  [["--every", "soon"], '--every takes a duration from 1s to 24h, such as 30s, 5m or 1h, not "soon".'],
  [["--port", "70000"], '--port takes a whole number from 0 to 65535, not "70000".'],
  [["--agent", "3"], "Unknown option '--agent'. See npm start -- --help."],
  [["--data", ""], "--data needs a value."],
  // What npm leaves of `npm start -p 4000`.
  [["4000"], "Unexpected argument '4000'; options come after two dashes. See npm start -- --help."],
])("a bad option is refused in one sentence, with exit code 2: %j", async (options, sentence) => {
  expect(await run(options).ended).toEqual({ code: 2, signal: null, out: "", err: `${sentence}\n` });
});

test.each([["--help"], ["-h"]])("%s tells the options", async (option) => {
  const { code, out, err } = await run([option]).ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("--agents N");
});

test("an option that npm took for itself is refused in one sentence, with exit code 2", async () => {
  const env = { ...process.env, npm_config_port: "true" };
  expect(await run(["4000"], env).ended).toEqual({
    code: 2,
    signal: null,
    out: "",
    err: "npm took --port for itself; put two dashes before the options: npm start -- --port …\n",
  });
});

test("so is one that begins with no-, which npm takes for the opposite of another", async () => {
  const env = { ...process.env, npm_config_database: "" };
  const err = "npm took --no-database for itself; put two dashes before the options: npm start -- --no-database …\n";
  expect(await run([], env).ended).toEqual({ code: 2, signal: null, out: "", err });
});

test("a port in use is refused in one sentence, with exit code 1, and the folder is as it was", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const folders = { empty: join(data, "empty"), absent: join(data, "absent"), filled: join(data, "filled") };
  mkdirSync(folders.empty);
  mkdirSync(folders.filled);
  for (const name of ["keyturn-data.sqlite", "aws.sqlite"]) writeFileSync(join(folders.filled, name), "");
  for (const folder of Object.values(folders)) {
    const { code, err } = await run(["--data", folder, "--fresh", "--port", String(port)]).ended;
    expect({ code, err }).toEqual({
      code: 1,
      err: `Port ${port} on 127.0.0.1 is in use by another program; choose another with --port.\n`,
    });
  }
  other.close();
  expect(readdirSync(data).toSorted()).toEqual(["empty", "filled"]);
  expect(readdirSync(folders.empty)).toEqual([]);
  expect(readdirSync(folders.filled).toSorted()).toEqual(["aws.sqlite", "keyturn-data.sqlite"]);
});

test("a start that fails later leaves no filled folder either", async () => {
  const folder = join(data, "absent");
  // What bundles the agent is a program that ends at once.
  const env = { ...process.env, ESBUILD_BINARY_PATH: process.execPath };
  expect((await run(["--data", folder, "--port", "0"], env).ended).code).toBe(1);
  expect(existsSync(folder)).toBe(false);
});

test.each([
  [{ code: "EACCES", message: "permission denied" }, "is one that only root may open"],
  [{ code: "EADDRNOTAVAIL", message: "no such address" }, "cannot be opened (no such address)"],
])("a port that the system refuses: %j", (error, reason) => {
  expect(sentenceOn(80, error)).toBe(`Port 80 on 127.0.0.1 ${reason}; choose another with --port.`);
});

test("a folder whose parent is missing is refused in one sentence, with exit code 1", async () => {
  const { code, err } = await run(["--data", join(data, "parent", "folder"), "--port", "0"]).ended;
  expect({ code, err }).toEqual({
    code: 1,
    err: `The folder ${data}/parent, in which the data folder would be, does not exist; make it, or choose another with --data.\n`,
  });
});

test("a folder that cannot be one is refused in one sentence, with exit code 1", async () => {
  const file = join(data, "file");
  writeFileSync(file, "");
  const { code, err } = await run(["--data", join(file, "folder"), "--port", "0"]).ended;
  expect(code).toBe(1);
  expect(err).toMatch(/^The data folder .*folder cannot be used: ENOTDIR.*\n$/);
});

test("somebody else's folder is refused in one sentence, with exit code 1, also with --fresh", async () => {
  writeFileSync(join(data, "thesis.txt"), "");
  const { code, err } = await run(["--data", data, "--port", "0", "--fresh"]).ended;
  expect({ code, err }).toEqual({
    code: 1,
    err: `The folder ${data} is not empty and not Keyturn's; choose another with --data.\n`,
  });
  expect(readdirSync(data)).toEqual(["thesis.txt"]);
});

test("a second one on the same folder is refused in one sentence; the first one goes on", async () => {
  const first = await startKeyturn(data, ["--agents", "1"]);
  const { code, err } = await run(["--data", data, "--port", "0", "--fresh"]).ended;
  expect({ code, err }).toEqual({
    code: 1,
    err: `The data folder ${data} is in use by another npm start (process ${first.child.pid}); stop that one, or choose another with --data.\n`,
  });
  expect(await first.rotations.list("keyturn-rotation")).toEqual([]);
  expect((await first.end("SIGINT")).code).toBe(0);
});

test("--fresh empties the folder and begins anew", async () => {
  const first = await startKeyturn(data, ["--agents", "1"]);
  await first.end("SIGKILL");
  mkdirSync(join(data, "instances", "left-over"), { recursive: true });
  const second = await startKeyturn(data, ["--agents", "1", "--fresh"]);
  expect(existsSync(join(data, "instances", "left-over"))).toBe(false);
  await second.end("SIGINT");
});

test("nobody but its owner may look into the data folder, into one of a former run neither", async () => {
  const folder = join(data, "folder");
  const mode = () => (statSync(folder).mode & 0o777).toString(8);
  const first = await startKeyturn(folder, ["--agents", "1"]);
  expect(mode()).toBe("700");
  await first.end("SIGINT");
  chmodSync(folder, 0o755);
  const second = await startKeyturn(folder, ["--agents", "1"]);
  expect(mode()).toBe("700");
  await second.end("SIGINT");
});
