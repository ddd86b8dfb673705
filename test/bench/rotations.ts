import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SFNClient } from "@aws-sdk/client-sfn";
import { startFleet } from "../../local/fleet.ts";
import { liveArn } from "../../local/roles.ts";
import { Agents } from "./agents.ts";
import { backToBack } from "./back-to-back.ts";
import { type Measurement, perSecond, rounded } from "./measurement.ts";
import { inParallel } from "./parallel.ts";
import { Runs } from "./runs.ts";

const AGENTS = 200;
const ROUNDS = 3;
/** So many rotations are under way at once, as many as the run over the fleet allows. */
const AT_ONCE = 20;

/** How fast a fleet turns, against the same AWS calls made by one client without any workflow. */
export async function measureRotations(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  const agents = new Agents();
  const runs = new Runs();
  let calls = 0;
  const aws = await startFleet({
    port: 0,
    folder,
    log: (sentence) => process.stderr.write(`${sentence}\n`),
    shell: agents,
    settings: {
      ...{ sampleIntervalSeconds: 3600, rotateEverySeconds: 3600, allowedSkewSeconds: 1 },
      ...{ nonceMode: "hmac", timeSeries: "timestream", formerTimeSeries: "none", pushTimeoutSeconds: 60 },
      watchSeconds: { looks: 3600, proofs: 3600 },
    },
    scheduleSeconds: 3600,
    onCall: () => {
      calls += 1;
    },
    onEvent: (event) => runs.onEvent(event),
  });
  try {
    const client = new SFNClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
    const rotate = (id: string) => runs.run(client, liveArn("rotation"), { id });
    const ids = await agents.boot(aws, join(folder, "agents"), AGENTS);
    const call = await backToBack(aws);
    await inParallel(ids.slice(0, AT_ONCE), rotate, AT_ONCE);
    for (let n = 0; n < AT_ONCE; n += 1) await call();

    calls = 0;
    const alone = await rate(AGENTS, async () => {
      for (let n = 0; n < AGENTS; n += 1) await call();
    });
    const callsAlone = calls / AGENTS;
    calls = 0;
    const turned = await rate(ROUNDS * AGENTS, async () => {
      for (let round = 0; round < ROUNDS; round += 1) await inParallel(ids, rotate, AT_ONCE);
    });
    const callsTurned = calls / (ROUNDS * AGENTS);
    return [
      {
        what: `rotations a second, ${AGENTS} agents in one process`,
        figure: `${rounded(turned)}/s (${rounded(callsTurned)} calls each)`,
        beside: `${rounded(alone)}/s the same calls back to back (${rounded(callsAlone)} each): ${rounded(turned / alone)}`,
        aim: "at least half",
        met: turned >= alone / 2,
      },
    ];
  } finally {
    await aws.close();
    rmSync(folder, { recursive: true });
  }
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return perSecond(count, performance.now() - began);
}
