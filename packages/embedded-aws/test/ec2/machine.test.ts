import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEc2 } from "./harness.ts";

let folder: string;
let ec2: ReturnType<typeof openEc2>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  ec2 = openEc2(folder);
});

afterEach(async () => {
  await ec2.close();
  rmSync(folder, { recursive: true });
});

async function launch(): Promise<string> {
  const [row] = ec2.instances.launch(1);
  await ec2.instances.settled();
  return row?.id ?? "";
}

const starts = (id: string) => ec2.log(id).match(/^agent run/gm)?.length ?? 0;
/** Whether a file grows while one looks. */
const grows = async (file: string) => {
  const before = statSync(file).size;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return statSync(file).size > before;
};
const run = (id: string, script: string, timeoutMs = 5000) => ec2.instances.runScript(id, { script, timeoutMs });

describe("the agent", () => {
  test("runs with the variables of its instance", async () => {
    const id = await launch();
    await expect.poll(() => ec2.log(id)).toBe(`agent run of ${id}\n`);
  });

  test("is started again when it ends", async () => {
    const id = await launch();
    await expect.poll(() => starts(id)).toBe(1);
    writeFileSync(join(ec2.instances.folderOf(id), "end"), "");
    await expect.poll(() => starts(id)).toBe(2);
    expect(ec2.log(id)).toContain("The agent ended (exit code 7); it starts again in 100 ms.");
  });

  test("is asked to end when its instance is stopped", async () => {
    const id = await launch();
    await expect.poll(() => starts(id)).toBe(1);
    ec2.instances.send([id], "stopping");
    await ec2.instances.settled();
    expect(ec2.log(id)).toMatch(/asked to end\n$/);
    expect(await grows(join(ec2.instances.folderOf(id), "agent-beat"))).toBe(false);
  });

  test("hangs by a signal and goes on by another; one that hangs is ended with its instance all the same", async () => {
    const id = await launch();
    await expect.poll(() => starts(id)).toBe(1);
    const beat = join(ec2.instances.folderOf(id), "agent-beat");
    await expect.poll(() => grows(beat).catch(() => false)).toBe(true);
    ec2.instances.signalAgent(id, "SIGSTOP");
    await expect.poll(() => grows(beat)).toBe(false);
    ec2.instances.signalAgent(id, "SIGCONT");
    await expect.poll(() => grows(beat)).toBe(true);
    ec2.instances.signalAgent(id, "SIGSTOP");
    ec2.instances.send([id], "stopping");
    await ec2.instances.settled();
    // It was not killed after all its time to end.
    expect(ec2.log(id)).toMatch(/asked to end\n$/);
    expect(() => ec2.instances.signalAgent(id, "SIGCONT")).toThrow(`Instance ${id} is not running.`);
  });
});

describe("an application", () => {
  const logged = (id: string) => readFileSync(join(ec2.instances.folderOf(id), "web.log"), "utf8");

  test("runs beside the agent, told of its instance, and is started again when it ends", async () => {
    const id = await launch();
    await expect.poll(() => logged(id)).toMatch(new RegExp(`^web on ${id}, http://127.0.0.1:\\d+\n`));
    await run(id, "kill -KILL $(cat web-pid)");
    await expect.poll(() => logged(id)).toMatch(/\nThe web ended \(SIGKILL\); it starts again in 100 ms.\nweb on /);
  });

  test("is asked to end when its instance is stopped", async () => {
    const id = await launch();
    await expect.poll(() => logged(id)).toMatch(/^web on /);
    ec2.instances.send([id], "stopping");
    await ec2.instances.settled();
    expect(logged(id)).toMatch(/asked to end\n$/);
    expect(await grows(join(ec2.instances.folderOf(id), "web-beat"))).toBe(false);
  });
});

describe("a script", () => {
  test("runs in the folder of its instance", async () => {
    const id = await launch();
    const result = await run(id, "pwd; echo a word >&2; exit 3");
    expect(result).toEqual({
      exitCode: 3,
      stdout: `${ec2.instances.folderOf(id)}\n`,
      stderr: "a word\n",
      timedOut: false,
    });
  });

  test("finds the agent of its instance by its name", async () => {
    const id = await launch();
    const result = await run(id, 'test-agent turn; cat "$(command -v test-agent)"');
    expect(result.stdout).toContain(`agent turn of ${id}\n`);
    expect(result.stdout).toContain("export ODD='it'\\''s $HOME'");
  });

  test("is killed with all that it started when its time is over", async () => {
    const id = await launch();
    const result = await run(id, "(while :; do echo >> beat; sleep 0.02; done) & wait", 150);
    expect(result).toMatchObject({ exitCode: null, timedOut: true });
    await expect.poll(() => grows(join(ec2.instances.folderOf(id), "beat"))).toBe(false);
  });

  test("is killed when its instance is stopped", async () => {
    const id = await launch();
    const result = run(id, "sleep 60");
    ec2.instances.send([id], "stopping");
    expect(await result).toMatchObject({ exitCode: null, timedOut: false });
  });

  test("ends also when something that it left behind keeps its output open", async () => {
    const id = await launch();
    const result = await run(id, "setsid sleep 3 & echo done");
    expect(result).toMatchObject({ exitCode: 0, stdout: "done\n" });
  });

  test("is refused on an instance that does not run", async () => {
    await expect(run("i-0123456789abcdef0", "true")).rejects.toThrow("Instance i-0123456789abcdef0 is not running.");
  });
});

describe("a restart", () => {
  test("brings back what was running and lets arrive what was on its way", async () => {
    const [running, stopping] = [await launch(), await launch()];
    await expect.poll(() => starts(running)).toBe(1);
    await ec2.close();
    const reopened = openEc2(folder);
    reopened.parts.store.db.prepare("UPDATE ec2_instances SET state = 'stopping' WHERE id = ?").run(stopping);
    ec2 = reopened;
    ec2.instances.start();
    await ec2.instances.settled();
    expect(ec2.instances.list().map(({ state }) => state)).toEqual(["running", "stopped"]);
    expect(ec2.events.map(({ detail }) => detail)).toEqual([{ "instance-id": stopping, state: "stopped" }]);
    await expect.poll(() => starts(running)).toBe(2);
  });

  test("gets no result of a script that was cut off when the embedded AWS closed", async () => {
    const id = await launch();
    let settled = false;
    void run(id, "sleep 60").finally(() => {
      settled = true;
    });
    await ec2.instances.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toBe(false);
  });

  test("leaves nothing running when the embedded AWS is killed", async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, "holder.ts"), folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    holder.stdout.on("data", (chunk) => {
      output += chunk;
    });
    await expect.poll(() => output, { timeout: 5000 }).toMatch(/\n$/);
    const growing = () => Promise.all(["agent-beat", "script-beat"].map((name) => grows(join(output.trim(), name))));
    expect(await growing()).toEqual([true, true]);
    holder.kill("SIGKILL");
    await expect.poll(growing).toEqual([false, false]);
  });
});
