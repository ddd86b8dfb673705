import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { PlaysDocument } from "../../../operator/page/wire/plays.ts";
import { findRunning } from "../../../operator/place/running.ts";
import { processesThatName } from "../../restart/processes.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PATIENCE = { timeout: 60_000, interval: 200 };
let data: string;
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterAll(() => {
  for (const { pid } of processesThatName(data)) process.kill(pid, "SIGKILL");
  rmSync(data, { recursive: true, maxRetries: 10 });
});

/** Whoever looks at the page, with the cookie that its token was exchanged for. */
async function visitor(): Promise<(path: string, body?: object) => Promise<unknown>> {
  const address = new URL(findRunning(data)?.page ?? "");
  const headers = { origin: address.origin };
  const token = address.hash.replace("#token=", "");
  const session = await fetch(`${address.origin}/session`, {
    method: "POST",
    headers,
    body: JSON.stringify({ token }),
  });
  const cookie = session.headers.get("set-cookie")?.split(";")[0] ?? "";
  return async (path, body) => {
    const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(`${address.origin}${path}`, { headers: { ...headers, cookie }, ...posted });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
}

test("AWS is killed in the midst of rotations and comes back over its folder, at the same page, though it was to begin anew", async () => {
  const options = ["--data", data, "--port", "0", "--agents", "2", "--every", "60s", "--samples", "1s"];
  const args = ["tools/node.mjs", "local/start.ts", ...options, "--no-database", "--no-token", "--fresh"];
  const launcher = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  launcher.stdout.on("data", (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => launcher.once("close", (code) => resolve(code)));
  await vi.waitFor(() => expect(findRunning(data)?.page).toBeDefined(), PATIENCE);
  const first = findRunning(data);
  const ask = await visitor();
  const document = async () => (await ask("/here/plays")) as PlaysDocument;
  await vi.waitFor(async () => expect((await document()).plays[0]?.on).toHaveLength(2), PATIENCE);
  const before = (await document()).plays[0]?.on?.toSorted();
  await ask("/here/plays/kill", {});

  await vi.waitFor(() => expect(said).toContain("AWS is back"), PATIENCE);
  // The cookie of before is good, at the same address: a page that is open finds it.
  const [run] = await vi.waitFor(async () => {
    const { runs } = await document();
    expect(runs[0]?.expectations.map(({ metAt }) => typeof metAt)).toEqual(Array(4).fill("number"));
    return runs;
  }, PATIENCE);
  expect(run?.expectations[2]?.said).toMatch(/^\d+ rotations? went on: /);
  expect(run?.expectations[3]?.said).toBe("2 of 2 have proved their keys since.");
  expect((await document()).plays[0]?.on?.toSorted()).toEqual(before);
  const second = findRunning(data);
  expect(second?.pid).not.toBe(first?.pid);
  expect(second?.page).toBe(first?.page);
  expect(said.match(/To look and steer/g)).toHaveLength(1);

  launcher.kill("SIGINT");
  expect(await ended).toBe(0);
  await vi.waitFor(() => expect(processesThatName(data)).toEqual([]), PATIENCE);
});
