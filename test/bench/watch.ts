import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SFNClient } from "@aws-sdk/client-sfn";
import { startFleet } from "../../local/fleet.ts";
import { liveArn } from "../../local/roles.ts";
import { fillTables } from "./many-instances.ts";
import { type Measurement, rounded } from "./measurement.ts";
import { heapMegabytes, memoryOf } from "./memory.ts";
import { Runs } from "./runs.ts";
import { WatchCalls } from "./watch-calls.ts";

const RECORDS = 10_000;
const MEMORY_EVERY_MS = 200;

/** How long one look of the watch takes over a large fleet, what it calls, and how much memory it needs. */
export async function measureWatch(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  const runs = new Runs();
  const calls = new WatchCalls();
  const aws = await startFleet({
    port: 0,
    folder,
    log: (sentence) => process.stderr.write(`${sentence}\n`),
    settings: {
      // No sample grows old while this is measured.
      ...{ sampleIntervalSeconds: 3600, rotateEverySeconds: 86_400, allowedSkewSeconds: 60 },
      ...{ nonceMode: "hmac", timeSeries: "dynamodb", formerTimeSeries: "none", pushTimeoutSeconds: 60 },
      watchSeconds: { looks: 3600, proofs: 3600 },
    },
    scheduleSeconds: 3600,
    onCall: (call) => calls.onCall(call),
    onEvent: (event) => runs.onEvent(event),
  });
  try {
    await fillTables(aws, RECORDS, RECORDS);
    const client = new SFNClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
    const measurements: Measurement[] = [];
    // Nobody has judged them before the first look; at the second one all is well, and nothing due.
    for (const kind of ["all proofs due", "none due"]) {
      const heapBefore = heapMegabytes();
      const look = await whileWatching(() => runs.run(client, liveArn("watch"), {}));
      measurements.push(
        {
          what: `a look at ${RECORDS} records, ${kind}`,
          figure: `${rounded(look.seconds)} s`,
          beside: `${rounded(look.cpuSeconds)} s of CPU, the embedded AWS's included`,
          aim: "under 60 s",
          met: look.seconds < 60,
        },
        { what: "  its calls, for each record", figure: eachOf(calls.take()), beside: "", aim: "" },
        {
          what: "  the most memory in it, resident",
          figure: `${rounded(look.most)} MB`,
          beside: `${rounded(heapMegabytes())} MB of it still reachable after it, ${rounded(heapBefore)} MB before`,
          aim: "",
        },
      );
    }
    return measurements;
  } finally {
    await aws.close();
    rmSync(folder, { recursive: true });
  }
}

/** What is called for each record, and how often; and how many other calls there are in all. */
function eachOf(counts: Record<string, number>): string {
  const isEach = ([, count]: [string, number]) => count >= RECORDS;
  const all = Object.entries(counts);
  const each = all.filter(isEach).map(([what, count]) => `${rounded(count / RECORDS)} ${what.split(":").at(-1)}`);
  const others = all.filter((one) => !isEach(one)).reduce((sum, [, count]) => sum + count, 0);
  return `${each.join(", ")}; ${others} others`;
}

/** How long something took, and the most megabytes that this process had in the meantime. */
async function whileWatching(
  work: () => Promise<void>,
): Promise<{ seconds: number; cpuSeconds: number; most: number }> {
  let most = 0;
  const look = () => {
    most = Math.max(most, memoryOf(process.pid).resident);
  };
  const timer = setInterval(look, MEMORY_EVERY_MS);
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  try {
    await work();
    look();
    const { user, system } = process.cpuUsage(cpuBefore);
    return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6, most };
  } finally {
    clearInterval(timer);
  }
}
