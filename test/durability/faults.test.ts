import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CallRecord, Faults } from "embedded-aws";
import { expect, onTestFinished, test } from "vitest";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { startTestFleet } from "../flows/support.ts";
import { Watch } from "./invariants.ts";
import { seedsToRun } from "./seeded.ts";

const AGENTS = 3;
const TURNS = 2;

test.each(seedsToRun([1]))(
  "with calls refused, delayed and unanswered, events doubled and lost, reads that lag and clocks that differ (seed %i), every key is turned and no invariant breaks",
  { timeout: 90_000 },
  async (seed) => {
    const promoted: string[] = [];
    const failed: CallRecord[] = [];
    const fleet = await startTestFleet(AGENTS, {
      faults: new Faults(seed),
      // The clocks of instances differ, by as much as is allowed.
      clockMs: (ec2InstanceId) => (Number.parseInt(ec2InstanceId.slice(2, 6), 16) % 1601) - 800,
      scheduleSeconds: 1,
      settings: { rotateEverySeconds: 2, sampleIntervalSeconds: 1, pushTimeoutSeconds: 3 },
      onCall: (call) => {
        if (call.error !== undefined) failed.push(call);
      },
      onTraffic: ({ operation, request, response }) => {
        const body = request.body.toString();
        // The one write that ends in a new current key.
        if (operation !== "UpdateItem" || !body.includes("#current.#generation = #pending.#generation")) return;
        const { Key, ExpressionAttributeValues: values } = JSON.parse(body);
        if (response.status === 200) promoted.push(`${Key.id.S}/${values[":g"].N}`);
      },
    });
    onTestFinished(() => fleet.close());
    const watch = new Watch(fleet);
    // The index by which records are found is behind at times: none is not all.
    const turned = ({ current }: InstanceRecord) => current.generation > TURNS;
    await watch.until((records) => records.length === AGENTS && records.every(turned), 60_000);

    expect(watch.broken).toEqual([]);
    expect(promoted.length).toBeGreaterThanOrEqual(AGENTS * TURNS);
    expect(new Set(promoted).size).toBe(promoted.length);
    // Faults there were, and no defects of the embedded AWS.
    expect(failed.some(({ error }) => error === "ThrottlingException")).toBe(true);
    expect(failed.filter(({ error }) => error === "InternalFailure" || error === "ServiceException")).toEqual([]);
  },
);

test("npm start -- --faults SEED turns keys all the same, and stops in order", { timeout: 60_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), "keyturn-faults-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const options = ["--faults", "7", "--agents", "2", "--every", "2s", "--samples", "1s", "--port", "0", "--data", data];
  const program = join(import.meta.dirname, "../../local/start.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  let complained = "";
  child.stdout.on("data", (text: Buffer) => {
    said += text;
  });
  child.stderr.on("data", (text: Buffer) => {
    complained += text;
  });
  const turned = () => new Set(said.match(/[0-9a-f]{6}(?= {2}turned its key)/g)).size;
  await expect.poll(turned, { timeout: 40_000, interval: 100 }).toBe(2);
  child.kill("SIGINT");
  const [exitCode] = await once(child, "close");
  expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: "" });
});
