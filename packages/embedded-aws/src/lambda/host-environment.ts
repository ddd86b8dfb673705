import { AsyncLocalStorage } from "node:async_hooks";
import { openSync, writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { logFileOf, stamped } from "./log-file.ts";

/** The function on whose behalf code runs in the handlers' thread. */
export interface RunningFunction {
  name: string;
  requestId: string;
  environment: Record<string, string>;
}

const running = new AsyncLocalStorage<RunningFunction>();
const logFiles = new Map<string, number>();

export function runningFunction(): RunningFunction | undefined {
  return running.getStore();
}

/** Runs `work`, and what it starts, as this function: with its variables and its log. */
export function inFunction<T>(context: RunningFunction, work: () => T): T {
  return running.run(context, work);
}

/** Appends to the log of the running function (`host` outside of any). */
export function writeLog(text: string | Uint8Array): void {
  const name = running.getStore()?.name ?? "host";
  let file = logFiles.get(name);
  if (file === undefined) {
    file = openSync(logFileOf((workerData as { logsFolder: string }).logsFolder, name), "a");
    logFiles.set(name, file);
  }
  writeSync(file, stamped(typeof text === "string" ? text : Buffer.from(text).toString(), new Date()));
}

/**
 * Gives each function what on AWS its own process gives it: `process.env` shows the variables of the function that
 * reads it, and what is printed goes into that function's log.
 */
export function separateFunctions(): void {
  const common: Record<string, string> = { ...(process.env as Record<string, string>) };
  const variables = () => running.getStore()?.environment ?? common;
  process.env = new Proxy(common, {
    get: (_, name) => Reflect.get(variables(), name),
    has: (_, name) => Reflect.has(variables(), name),
    set: (_, name, value) => Reflect.set(variables(), name, String(value)),
    deleteProperty: (_, name) => Reflect.deleteProperty(variables(), name),
    ownKeys: () => Reflect.ownKeys(variables()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(variables(), name),
    defineProperty: (_, name, descriptor) => Reflect.defineProperty(variables(), name, descriptor),
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = ((text: string | Uint8Array, ...rest: unknown[]) => {
      writeLog(text);
      const done = rest.at(-1);
      if (typeof done === "function") process.nextTick(done as () => void);
      return true;
    }) as typeof stream.write;
  }
}
