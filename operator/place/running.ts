import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

/** The file of a data folder in which a running `npm start` says how it is reached. */
export const RUNNING_FILE = "running.json";

const form = z.object({
  /** Of the process: who reads a file that a killed one left asks whether it is there. */
  pid: z.int().check(z.positive()),
  endpoint: z.url({ protocol: /^https?$/ }),
  region: z.string(),
  account: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  /** The address of its page, with the token that lets one in. */
  page: z.optional(z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ })),
});

/** How a running `npm start` is reached. Its credentials are good for its embedded AWS and for nothing else. */
export type Running = z.infer<typeof form>;

/**
 * The `npm start` that runs over a data folder.
 *
 * @returns undefined where none does
 */
export function findRunning(data: string): Running | undefined {
  try {
    const running = form.parse(JSON.parse(readFileSync(join(data, RUNNING_FILE), "utf8")));
    process.kill(running.pid, 0);
    return running;
  } catch {
    // No such file, one that is half written or altered, or one that a killed process left: none runs.
    return undefined;
  }
}
