import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "warm-aws.py");

/** The AWS CLI, as a shell calls it. */
export interface Cli {
  /** In place of `aws`. */
  command: string;
  close(): Promise<void>;
}

/**
 * An AWS CLI that has started already, where it is Debian's: four fifths of what a command takes is its start. Each
 * command has a process of its own, with the folder, the environment and the streams of whoever types it.
 *
 * @param aws the CLI, which is a script of Python's, or else is taken as it is
 * @param folder where nobody else writes; its path is short, as sockets want it
 */
export async function warmAws(aws: string, folder: string): Promise<Cli> {
  const [, python] = /^#!(\/\S*python3)\n/.exec(readFileSync(aws, "latin1").slice(0, 100)) ?? [];
  if (python === undefined) return { command: aws, close: async () => {} };
  const socket = join(folder, "aws.socket");
  const server = spawn(python, [PROGRAM, "serve", socket, aws], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(server, "exit");
  const said = await Promise.race([once(server.stdout, "data"), ended]);
  if (!String(said[0]).startsWith("ready"))
    throw new Error(`${PROGRAM} did not start with ${aws}: exit status ${said[0]}`);
  return {
    command: `${python} -I -S ${PROGRAM} run ${socket}`,
    async close() {
      server.stdin.end();
      await ended;
    },
  };
}
