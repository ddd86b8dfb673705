import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type HookOutcome, isPlainName } from "../../protocol/index.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import { codeOf } from "../way-out.ts";
import type { Hooks } from "./hooks.ts";

export interface FolderHooksOptions {
  folder: string;
  /** For one hook. */
  timeoutMs: number;
  /** For all hooks of an attempt: the command that brought the ticket has a limit of its own. */
  totalMs: number;
  /** Their output stays on this instance. */
  logPath: string;
  clock: Clock;
  /** The variables that hooks are given from the agent's own environment. */
  environment: Record<string, string | undefined>;
}

const LOG_BYTES = 1_048_576;
/** Never through a link that somebody has put there. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
const INHERITED = ["PATH", "HOME", "LANG", "TZ"];

/** The executable files of a folder, in the order of their names. A folder that is not there holds none. */
export function folderHooks(options: FolderHooksOptions): Hooks {
  const { folder, timeoutMs, totalMs, clock } = options;
  return {
    folder,
    async list() {
      const names: string[] = [];
      for (const name of await namesIn(folder)) {
        const file = await stat(join(folder, name));
        if (file.isFile() && (file.mode & 0o111) !== 0) names.push(name);
      }
      return names;
    },
    begin(signal) {
      const deadline = clock.monotonic() + totalMs;
      return {
        async run(name, variables) {
          const limitMs = Math.min(timeoutMs, deadline - clock.monotonic());
          if (limitMs <= 0) return "timed-out";
          const log = await openLog(options.logPath);
          try {
            const time = new Date(clock.now()).toISOString();
            await log
              ?.write(`== ${time} ${name} (generation ${variables.KEYTURN_GENERATION ?? ""})\n`)
              .catch(unlessFull);
            return await runFile(
              join(folder, name),
              environmentOf(options.environment, variables),
              log,
              limitMs,
              signal,
            );
          } finally {
            await log?.close();
          }
        },
      };
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    // Editors' and package managers' leftovers (`~`, `.rpmsave`, hidden files) do not have a plain name.
    return (await readdir(folder)).filter(isHook).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function isHook(name: string): boolean {
  return isPlainName(name) && !name.startsWith(".") && !/\.(rpm|dpkg-)[a-z]+$/.test(name);
}

/**
 * Begins the log anew when it has grown long; the former one is kept beside it. On a full disk there is none: what
 * hooks have to do counts more than what they say.
 */
async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    const log = await open(path, APPEND, 0o600);
    if ((await log.stat()).size < LOG_BYTES) return log;
    await log.close();
    await rename(path, `${path}.1`);
    return await open(path, APPEND, 0o600);
  } catch (error) {
    return unlessFull(error);
  }
}

function unlessFull(error: unknown): undefined {
  if (codeOf(error) !== "ENOSPC" && codeOf(error) !== "EDQUOT") throw error;
}

function environmentOf(own: Record<string, string | undefined>, variables: Record<string, string>) {
  const inherited = INHERITED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return { ...Object.fromEntries(inherited), ...variables };
}

function runFile(
  path: string,
  env: Record<string, string>,
  log: FileHandle | undefined,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<HookOutcome> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Failure("Stopped before all hooks had run; the same ticket goes on from here."));
      return;
    }
    const output = log?.fd ?? "ignore";
    // `detached` gives the hook a process group of its own, so that what it started is ended with it.
    const child = spawn(path, [], { env, cwd: "/", stdio: ["ignore", output, output], detached: true });
    let ended: HookOutcome | "stopped" | undefined;
    const kill = (as: "timed-out" | "stopped") => {
      ended ??= as;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const stop = () => kill("stopped");
    const timer = setTimeout(() => kill("timed-out"), limitMs);
    signal?.addEventListener("abort", stop, { once: true });
    const finish = (outcome: HookOutcome) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      if (ended === "stopped") reject(new Failure("Stopped during a hook; the same ticket runs it again."));
      else resolve(ended ?? outcome);
    };
    // A file that vanished or cannot be executed fails like one that ran and failed.
    child.on("error", () => finish("failed"));
    child.on("exit", (code) => finish(code === 0 ? "done" : "failed"));
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It may have ended by itself meanwhile.
    if (codeOf(error) !== "ESRCH") throw error;
  }
}
