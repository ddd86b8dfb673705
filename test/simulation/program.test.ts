import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { simulate } from "./simulation.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-simulate-"));
const [LAUNCHER = "", PROGRAM = ""] = ["../../tools/node.mjs", "simulate.ts"].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(child: ChildProcess): Promise<{ code: number; out: string; errors: string }> {
  const [out, errors, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
  return { code, out, errors };
}

test("another process comes to the same history, byte for byte, also after another seed, and prints its digest", async () => {
  const file = join(folder, "history");
  const setup = { seed: 4, agents: 4, days: 4, only: ["the power goes", "a call is struck"] };
  const only = setup.only.flatMap((name) => ["--only", name]);
  const { out } = await ended(
    start("--seed", "3", "--seeds", "2", "--agents", "4", "--days", "4", ...only, "--history", file),
  );
  const { fleet } = await simulate(setup);
  const [, last] = readFileSync(file, "utf8").split(/^seed 4\n/m);
  expect(last).toBe(`${fleet.history.lines.join("\n")}\n`);
  expect(out).toContain(`history ${fleet.history.digest().slice(0, 16)}`);
});

test("a failure prints its seed, how to see it again, and the shortest history that shows it, and exits with 1", async () => {
  const { code, out, errors } = await ended(start("--bug", "sync", "--seeds", "2"));
  expect(code).toBe(1);
  expect(out).toMatch(/^seed 1 fails, on day \d+ [\d:.]+:\n {2}no host is locked out: /m);
  expect(out).toContain(
    `Again: npm run simulate -- --seed 1 --agents 2 --days 4 --often 40 --only "the power goes" --bug`,
  );
  const [, shortest = ""] = out.split("The shortest history that shows it");
  expect(shortest).toMatch(/^, of \d+ tries: 1 of \d+ happenings, 1 of 2 agents, \d of 4 days\n/);
  expect(shortest).toMatch(/^ {2}\d [\d:.]+ {2}the power goes: \{"agent":1\}$/m);
  expect(shortest).toMatch(/^ {2}The last calls before, the newest last:\n( {4}[^\n]+: [^\n]+\n)+/m);
  expect(shortest).not.toContain("arn:aws:states");
  expect(errors).toContain("try 1: it fails with 1 agents");
  // The second seed fails by the same, and is not shrunk once more.
  expect(out.match(/^seed \d fails/gm)).toEqual(["seed 1 fails", "seed 2 fails"]);
  expect(out.trimEnd().split("\n").at(-1)).toMatch(/^2 seeds \(2 failed\), \d+ rotations, \d+ faults, 2 lock-outs; /);
});

test("Ctrl-C ends it, with what was done so far", async () => {
  const child = start("--seeds", "1000", "--agents", "1", "--days", "3", "--only", "the power goes");
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const { out } = await ended(child);
  expect(out.trimEnd().split("\n").at(-1)).toMatch(/^Interrupted. Done so far: \d+ seeds?, \d+ rotations/);
});

test("Ctrl-C while the shortest history is looked for tells the one that was found until then", async () => {
  const child = start("--bug", "sync", "--seeds", "9");
  child.stderr?.once("data", () => child.kill("SIGINT"));
  const { out } = await ended(child);
  expect(out).toContain("The shortest history that shows it");
  expect(out).not.toContain("seed 2");
  expect(out.trimEnd().split("\n").at(-1)).toMatch(/^Interrupted. Done so far: 1 seed \(1 failed\)/);
});

test("a history that cannot be written is refused in a sentence, with 2", async () => {
  const { code, out, errors } = await ended(start("--agents", "1", "--history", folder));
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(errors).toMatch(/^--history cannot be written to .*EISDIR.*\.\n$/);
});

test("nonsense is refused in a sentence, with 2", async () => {
  const { code, out, errors } = await ended(start("--agents", "none"));
  expect({ code, out, errors }).toEqual({
    code: 2,
    out: "",
    errors: '--agents takes a whole number from 1 to 5000, not "none".\n',
  });
});
