import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PostgresError } from "./postgres-error.ts";

const LOOK_MS = 50;
/** Longer than the watcher of a server lets it live once its caller is dead. */
const PATIENCE_MS = 15_000;

/** What the server writes about itself beside its data. */
export const PID_FILE = "postmaster.pid";

/**
 * Looks at what an earlier run on the same data left. A server whose caller was killed is about to end, and waited for. A
 * process that has nothing to do with it may have got its number since, as happens in containers: PostgreSQL would refuse to
 * start then, so the file is removed. All else PostgreSQL sees to by itself.
 *
 * @throws PostgresError when a server goes on with these data
 */
export async function lookAtEarlierRun(data: string, patienceMs = PATIENCE_MS): Promise<void> {
  for (let waited = 0; waited <= patienceMs; waited += LOOK_MS) {
    const pid = pidIn(data);
    const command = pid === undefined ? undefined : commandOf(pid);
    if (command === undefined) return;
    if (!command.includes(data)) return rmSync(join(data, PID_FILE));
    await pause(LOOK_MS);
  }
  const pid = pidIn(data);
  throw new PostgresError(`Another PostgreSQL, process ${pid}, runs on ${data}; stop it: kill -INT ${pid}`);
}

function pidIn(data: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(data, PID_FILE), "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** With what a process was started; undefined where there is none of that number. */
function commandOf(pid: number): string | undefined {
  if (process.platform !== "linux") {
    return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim() || undefined;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
  } catch {
    return undefined;
  }
}
