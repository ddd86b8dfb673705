import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Measurement, rounded } from "./measurement.ts";
import { descendantsOf, memoryOf } from "./memory.ts";
import { NpmStart } from "./npm-start.ts";

const AGENTS = 5;
const ROTATIONS = 40;
const TURNED = "turned its key and proved it";
/** What the sampling of memory takes a figure from, since memory rises and falls. */
const SAMPLES = 10;
const STARTS = 3;

/** How soon `npm start` is ready and turns the first key, and how much memory it and its agents have. */
export async function measureStart(): Promise<Measurement[]> {
  const starts: { readyMs: number; turnedMs: number }[] = [];
  for (let n = 0; n < STARTS; n += 1) {
    starts.push(
      await withNpmStart(async (npmStart) => ({
        readyMs: await npmStart.printed("AWS_ENDPOINT_URL="),
        turnedMs: await npmStart.printed(TURNED),
      })),
    );
  }
  const readyMs = median(starts.map((start) => start.readyMs));
  const turnedMs = median(starts.map((start) => start.turnedMs));
  const { aws, agent, agents } = await withNpmStart(measureMemory);
  return [
    {
      what: "embedded AWS ready, from the start of the process",
      figure: `${(readyMs / 1000).toFixed(2)} s`,
      beside: `median of ${STARTS} starts`,
      aim: "under 1 s",
      met: readyMs < 1000,
    },
    {
      what: "start to first completed rotation, --every 2s",
      figure: `${(turnedMs / 1000).toFixed(2)} s`,
      beside: `median of ${STARTS} starts`,
      aim: "under 5 s",
      met: turnedMs < 5000,
    },
    {
      what: `embedded AWS, resident, after ${ROTATIONS} rotations`,
      figure: `${rounded(aws)} MB`,
      beside: `${AGENTS} agents beside it`,
      aim: "under 300 MB",
      met: aws < 300,
    },
    {
      what: "an agent, proportional",
      figure: `${rounded(agent.proportional)} MB`,
      beside: `${rounded(agent.resident)} MB resident; the largest of ${agents}`,
      aim: "under 50 MB",
      met: agent.proportional < 50,
    },
  ];
}

async function withNpmStart<T>(work: (npmStart: NpmStart) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  const options = ["--agents", String(AGENTS), "--every", "2s", "--samples", "1s", "--port", "0"];
  const npmStart = new NpmStart([...options, "--data", data]);
  try {
    return await work(npmStart);
  } finally {
    await npmStart.stop();
    rmSync(data, { recursive: true });
  }
}

/** The most that was seen of each, while rotations go on. */
async function measureMemory(npmStart: NpmStart) {
  await npmStart.printed(TURNED, ROTATIONS);
  let aws = 0;
  const agent = { resident: 0, proportional: 0 };
  let agents = 0;
  for (let n = 0; n < SAMPLES; n += 1) {
    aws = Math.max(aws, memoryOf(npmStart.pid).resident);
    // Its watcher, a shell, has the same arguments behind its own.
    const daemons = descendantsOf(npmStart.pid).filter(
      ({ command }) => command.startsWith(process.execPath) && command.endsWith("keyturn-agent.mjs run "),
    );
    agents = Math.max(agents, daemons.length);
    for (const { pid } of daemons) {
      const { resident, proportional } = memoryOf(pid);
      agent.resident = Math.max(agent.resident, resident);
      agent.proportional = Math.max(agent.proportional, proportional);
    }
    await pause(200);
  }
  return { aws, agent, agents };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
