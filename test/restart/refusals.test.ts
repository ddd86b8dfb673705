import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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
])("a bad option is refused in one sentence, with exit code 2: %j", async (options, sentence) => {
  expect(await run(options).ended).toEqual({ code: 2, signal: null, out: "", err: `${sentence}\n` });
});

test("a port in use is refused in one sentence, with exit code 1", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { code, err } = await run(["--data", data, "--port", String(port)]).ended;
  other.close();
  expect({ code, err }).toEqual({
    code: 1,
    err: `Port ${port} on 127.0.0.1 is in use by another program; choose another with --port.\n`,
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
    err: `The data folder ${data} is in use by another npm start; stop that one, or use --data.\n`,
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
