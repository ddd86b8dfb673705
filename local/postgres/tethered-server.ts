import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";

/*
 * The server must not outlive its caller, however that ends: it would go on for ever, and keep the port and the data. So it
 * runs in a process group with a tiny watcher, which waits for the end of a pipe that the caller holds open. When that is
 * closed, by the caller's death too, the watcher has the server end in order (`INT`: PostgreSQL's fast shutdown), and when
 * it has, or after ten seconds, kills what is left of the group, itself included. `$$` is the server, which takes the
 * shell's place; it removes the file `$1` as its last act. (Where nobody asks how a process without a parent ended, its
 * number alone does not tell that it did.)
 */
const LIVES = 'kill -0 $$ && [ -e "$1" ]';
const END_IN_ORDER = `kill -INT $$; n=0; while [ $n -lt 100 ] && ${LIVES}; do sleep 0.1; n=$((n + 1)); done; sleep 0.1`;
const WATCHED = `(read -r _ <&3; ${END_IN_ORDER}; kill -KILL 0) >/dev/null 2>&1 & shift; exec "$@" 3<&-`;

/** How a server's process has ended. */
export interface Ended {
  exitCode: number | null;
  signal: string | null;
}

/** A server that ends with its caller. */
export class TetheredServer {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #tether: Writable;

  /**
   * @param command the program and its arguments
   * @param pidFile is there while it lives
   * @param log file descriptor to which it writes
   * @param user whom it runs as; none for the caller's own
   */
  constructor(
    command: readonly string[],
    pidFile: string,
    log: number,
    user: { uid: number; gid: number } | undefined,
  ) {
    this.#child = spawn("/bin/sh", ["-c", WATCHED, "sh", pidFile, ...command], {
      cwd: "/",
      env: SERVER_ENVIRONMENT,
      detached: true,
      stdio: ["ignore", log, log, "pipe"],
      ...user,
    });
    this.#tether = this.#child.stdio[3] as Writable;
    this.#tether.on("error", () => undefined); // That the watcher is gone is no news.
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (exitCode, signal) => {
        this.#tether.destroy();
        resolve({ exitCode, signal });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Has it end in order, and waits for that. */
  async stop(): Promise<void> {
    this.#tether.destroy();
    await this.ended;
  }
}

/** Nothing of the user's own settings: `PGDATA` and its kind would lead the server elsewhere. */
export const SERVER_ENVIRONMENT = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
