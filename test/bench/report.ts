import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { type EmbeddedAws, REGION, startAws } from "embedded-aws";
import { dayOf } from "../../functions/audit/days.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import { createAuditTable, createInstanceTable } from "../../local/deploy-tables.ts";
import { number } from "../../operator/output/count.ts";
import { fillAudit } from "./many-lines.ts";
import { type Measurement, rounded } from "./measurement.ts";
import { memoryOf } from "./memory.ts";

const INSTANCES = 10_000;
const DAYS = 30;
const A_DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 100;
/** Of Linux: in how many parts of a second a process's time is counted. */
const TICKS = 100;

/** How long `keyturn report` takes for a month of a large fleet, and how much memory. */
export async function measureReport(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  try {
    await withAws(folder, async (aws) => {
      const client = new DynamoDBClient(aws);
      const key = await keyNamed(new KMSClient(aws), NAMES.tableKey, "SYMMETRIC_DEFAULT");
      await createInstanceTable(client, key);
      await createAuditTable(client, key);
    });
    const today = Date.parse(dayOf(Date.now()));
    const seals = await fillAudit(folder, INSTANCES, DAYS, today - (DAYS - 1) * A_DAY_MS);
    return await withAws(folder, async (aws) => {
      const audit = dynamoAudit(new DynamoDBClient(aws), NAMES.auditTable);
      for (const seal of seals) await audit.putSeal(seal);
      const { seconds, cpuSeconds, megabytes, said } = await report(aws, seals.at(-1));
      if (!said.includes(`${number(INSTANCES * DAYS)} audit lines`)) throw new Error(`keyturn report says: ${said}`);
      return [
        {
          what: `keyturn report, ${INSTANCES} instances, ${DAYS} days`,
          figure: `${rounded(seconds)} s`,
          beside: `${rounded(cpuSeconds)} s of CPU of its own; the rest is the embedded DynamoDB`,
          ...{ aim: "under 60 s", met: seconds < 60 },
        },
        {
          what: "  the most memory in it, resident",
          ...{ figure: `${rounded(megabytes)} MB`, beside: "", aim: "under 400 MB", met: megabytes < 400 },
        },
      ];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function withAws<Result>(folder: string, work: (aws: EmbeddedAws) => Promise<Result>): Promise<Result> {
  const aws = await startAws({ folder });
  try {
    aws.resume();
    return await work(aws);
  } finally {
    await aws.close();
  }
}

/** Types it, as a process. */
async function report(aws: EmbeddedAws, seal: { day: string; digest: string } | undefined) {
  const began = performance.now();
  const given = ["operator/main.ts", "report", "--csv", "--seal", `${seal?.day}=${seal?.digest}`];
  const env = {
    ...{ PATH: process.env.PATH, AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: REGION },
    ...{ AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey },
  };
  const cwd = join(import.meta.dirname, "../..");
  const child = spawn(process.execPath, given, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let [megabytes, cpuSeconds, said] = [0, 0, ""];
  child.stderr.on("data", (text) => {
    said += text;
  });
  const looking = setInterval(() => {
    try {
      megabytes = Math.max(megabytes, memoryOf(child.pid ?? 0).resident);
      cpuSeconds = cpuSecondsOf(child.pid ?? 0);
    } catch {
      // It has ended since the last look.
    }
  }, LOOK_EVERY_MS);
  await new Promise((resolve) => child.on("close", resolve));
  clearInterval(looking);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds, megabytes, said };
}

/** How long a process has been at work, in seconds. */
function cpuSecondsOf(pid: number): number {
  const words = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(words[11]) + Number(words[12])) / TICKS;
}
