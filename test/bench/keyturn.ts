import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EmbeddedAws } from "embedded-aws";
import { VERSION } from "../../agent/version.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { eachAtOnce } from "../../functions/shared/at-once.ts";
import { NAMES } from "../../infra/wiring.ts";
import { startFleet } from "../../local/fleet.ts";
import { type Measurement, rounded } from "./measurement.ts";

const RECORDS = 5000;
const RUNS = 5;

/** What a run of the process took, in milliseconds in all and of a processor, and the most memory that it had. */
interface Run {
  ms: number;
  cpuMs: number;
  megabytes: number;
}
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How long `keyturn fleet` takes over a large fleet, as whoever types it sees it, what it calls, and how much memory it needs. */
export async function measureKeyturn(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  let calls: string[] = [];
  const aws = await startFleet({
    port: 0,
    folder,
    log: (sentence) => process.stderr.write(`${sentence}\n`),
    settings: {
      ...{ sampleIntervalSeconds: 3600, rotateEverySeconds: 86_400, allowedSkewSeconds: 60 },
      ...{ nonceMode: "hmac", timeSeries: "dynamodb", formerTimeSeries: "none", pushTimeoutSeconds: 60 },
      watchSeconds: { looks: 3600, proofs: 3600 },
    },
    scheduleSeconds: 3600,
    onCall: ({ operation }) => calls.push(operation),
  });
  try {
    await fillRecords(aws);
    // Node keeps what it has compiled.
    await run(aws);
    calls = [];
    const runs: Run[] = [];
    for (let n = 0; n < RUNS; n += 1) runs.push(await run(aws));
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
    const ms = median(runs.map((one) => one.ms));
    const cpuMs = median(runs.map((one) => one.cpuMs));
    const most = Math.max(...runs.map(({ megabytes }) => megabytes));
    const scans = calls.filter((operation) => operation === "Scan").length / RUNS;
    const others = calls.length / RUNS - scans;
    return [
      {
        what: `keyturn fleet over ${RECORDS} records, the whole process`,
        figure: `${(ms / 1000).toFixed(2)} s`,
        beside: `${(cpuMs / 1000).toFixed(2)} s of CPU; medians of ${RUNS}`,
        aim: "under 1.5 s",
        met: ms < 1500,
      },
      {
        what: "  its calls",
        figure: `${rounded(scans)} pages, ${others} others`,
        beside: "",
        aim: "at most 2 others",
        met: others <= 2,
      },
      {
        what: "  the most memory in it, resident",
        figure: `${rounded(most)} MB`,
        beside: "",
        aim: "under 200 MB",
        met: most < 200,
      },
    ];
  } finally {
    await aws.close();
    rmSync(folder, { recursive: true });
  }
}

/** Records as they are after a while, each with the item of its host. */
async function fillRecords({ endpoint, region, credentials }: EmbeddedAws): Promise<void> {
  const registry = dynamoRegistry(new DynamoDBClient({ endpoint, region, credentials }), NAMES.instanceTable);
  const now = Date.now();
  const hex = (bytes: number) => randomBytes(bytes).toString("hex");
  const numbers = Array.from({ length: RECORDS }, (_, n) => n + 1);
  await eachAtOnce(numbers, async (n) => {
    const [id, ec2InstanceId] = [n.toString(16).padStart(6, "0"), `i-${n.toString(16).padStart(17, "0")}`];
    const since = now - n * 60_000;
    await registry.add({
      ...{ id, ec2InstanceId, ip: "10.0.0.1", status: "ACTIVE", agentVersion: VERSION, agentPublic: hex(32) },
      ...{ serverPublic: hex(32), registeredAt: since, startedAt: since, dueAt: now + 86_400_000, lastProofAt: now },
      ...{ verdict: n % 500 === 0 ? "MISMATCH" : "MATCH", judgedAt: now, auditHead: { n: 9, digest: hex(32) } },
      current: { generation: 9, nonce: hex(32), ciphertext: randomBytes(180).toString("base64"), since },
    });
    await registry.writeOwner(ec2InstanceId, { holder: id, cameAt: [since] }, undefined);
  });
}

async function run({ endpoint, region, credentials }: EmbeddedAws): Promise<Run> {
  const began = performance.now();
  const child = spawn(process.execPath, ["tools/keyturn.mjs", "fleet"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...{ PATH: process.env.PATH, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    },
  });
  child.stdout.resume();
  let used = { megabytes: 0, cpuMs: 0 };
  const timer = setInterval(() => {
    used = usedBy(child.pid ?? 0) ?? used;
  }, 10);
  const [code] = await once(child, "close");
  clearInterval(timer);
  if (code !== 0) throw new Error(`keyturn fleet ended with ${code}.`);
  return { ms: performance.now() - began, ...used };
}

/** What a process has used so far; undefined of one that has ended. */
function usedBy(pid: number): Omit<Run, "ms"> | undefined {
  try {
    const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    const words = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    // A hundredth of a second each.
    const ticks = Number(words[11]) + Number(words[12]);
    return Number.isNaN(peak) ? undefined : { megabytes: peak / 1024, cpuMs: ticks * 10 };
  } catch {
    return undefined;
  }
}
