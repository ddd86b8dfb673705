import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lookAtEarlierRun, PID_FILE } from "./earlier-run.ts";
import { type Home, makeHome } from "./home.ts";
import { PostgresError } from "./postgres-error.ts";
import { type Ended, SERVER_ENVIRONMENT, TetheredServer } from "./tethered-server.ts";

const LOOK_MS = 10;
/** How often another free port is tried: somebody else may take it before the server does. */
const PORTS_TRIED = 3;
/** A server that was killed leaves processes behind, which hold on to its memory until they notice: soon, if there is time. */
const STILL_IN_USE = /pre-existing shared memory block .* is still in use/;
const LOOK_AGAIN_MS = 100;
const LOOKS_AGAIN = 150;
const SUPERUSER = "postgres";

export interface PostgresOptions {
  /** Where the server's data are kept between starts; made if it is not there. Nobody else may write into it. */
  folder: string;
  /** PostgreSQL's programs, as `findPrograms` found them. */
  programs: string;
  /** On 127.0.0.1; without it, any free one. */
  port?: number;
  /** Settings of `postgresql.conf`, for this start. */
  settings?: Record<string, string>;
  /** Whether what is written outlasts the computer's own failure; true if it is left out. Tests need not wait for that. */
  outlasts?: boolean;
  /** Of which the superuser's password is made. */
  random?: (bytes: number) => Buffer;
  /** Where homes are made for a root whose folder is closed to others. */
  homes?: string;
}

/** A PostgreSQL that listens on 127.0.0.1, and asks for a password by SCRAM. */
export interface PostgresServer {
  port: number;
  pid: number;
  superuser: { user: string; password: string };
  /** Where the data lie. */
  data: string;
  /** The file that it writes its log to, anew at each start. */
  log: string;
  /** How it ended, whoever ended it. */
  ended: Promise<Ended>;
  /** Ends it in order; sessions that are open are cut. */
  stop(): Promise<void>;
  /** Ends it, and removes its data. The folder stays. */
  remove(): Promise<void>;
}

/**
 * Starts a server, on the data of earlier starts in this folder if there are any. It ends with this process, even if that is
 * killed.
 *
 * @throws PostgresError when it does not start, with its own last words
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const home = makeHome(folder, options.programs, process.getuid?.() === 0, options.homes);
  const { outlasts = true, random = randomBytes } = options;
  const password = await initialise(home, folder, { outlasts, random });
  const log = join(folder, "log");
  let looks = LOOKS_AGAIN;
  for (let left = PORTS_TRIED; ; left--) {
    await lookAtEarlierRun(home.data);
    const port = options.port || (await freePort());
    const server = run(home, log, { fsync: outlasts ? "on" : "off", ...options.settings, port: String(port) });
    if (await isReady(server, home.data)) {
      const stop = () => server.stop();
      const remove = async () => {
        await server.stop();
        home.remove();
        for (const name of ["log", PASSWORD_FILE]) rmSync(join(folder, name), { force: true });
      };
      const superuser = { user: SUPERUSER, password };
      return { port, pid: server.pid ?? 0, superuser, data: home.data, log, ended: server.ended, stop, remove };
    }
    const words = lastWords(log);
    if (STILL_IN_USE.test(words) && looks > 0) {
      looks--;
      left++;
      await pause(LOOK_AGAIN_MS);
      continue;
    }
    const isTaken = /could not (bind|create any TCP)/.test(readFileSync(log, "utf8"));
    if (isTaken && !options.port && left > 1) continue;
    if (isTaken) throw new PostgresError(`PostgreSQL cannot have port ${port} on 127.0.0.1; choose another.`);
    throw new PostgresError(`PostgreSQL does not start on ${home.data}: ${words}`);
  }
}

const PASSWORD_FILE = "superuser-password";

/** Makes the data and the superuser's password, unless they are there; data whose password is gone are of no use any more. */
async function initialise(
  home: Home,
  folder: string,
  { outlasts, random }: Required<Pick<PostgresOptions, "outlasts" | "random">>,
): Promise<string> {
  const kept = join(folder, PASSWORD_FILE);
  if (existsSync(kept) && existsSync(home.data)) return readFileSync(kept, "utf8");
  rmSync(home.data, { recursive: true, force: true });
  const password = random(24).toString("hex");

  // Whole or not there, whenever this process dies: the data get their name last.
  const made = join(home.place, "data-in-the-making");
  const told = join(home.place, "password-in-the-making");
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { mode: 0o700 });
  rmSync(told, { force: true });
  writeFileSync(told, password, { mode: 0o600, flag: "wx" });
  if (home.user) for (const path of [made, told]) chownSync(path, home.user.uid, home.user.gid);
  const failure = await initdb(home, made, told, outlasts);
  rmSync(told, { force: true });
  if (failure !== undefined) {
    rmSync(made, { recursive: true, force: true });
    throw new PostgresError(`PostgreSQL's data cannot be made in ${home.place}: ${failure}`);
  }
  rmSync(kept, { force: true });
  writeFileSync(kept, password, { mode: 0o600, flag: "wx" });
  renameSync(made, home.data);
  return password;
}

/** Makes a cluster; gives the last thing that `initdb` said if it failed. */
function initdb(
  { programs, user }: Home,
  data: string,
  passwordFile: string,
  outlasts: boolean,
): Promise<string | undefined> {
  const given = [
    ...["--pgdata", data, "--username", SUPERUSER, "--pwfile", passwordFile, "--auth", "scram-sha-256"],
    ...["--encoding", "UTF8", "--locale", "C", "--no-instructions"],
    ...(outlasts ? [] : ["--no-sync"]),
  ];
  return new Promise((resolve) => {
    execFile(
      join(programs, "bin", "initdb"),
      given,
      { cwd: "/", env: SERVER_ENVIRONMENT, ...user },
      (error, _, stderr) => resolve(error === null ? undefined : stderr.trim().split("\n").at(-1) || error.message),
    );
  });
}

function run(home: Home, log: string, settings: Record<string, string>): TetheredServer {
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings };
  const set = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const descriptor = openSync(log, "w", 0o600);
  try {
    const command = [join(home.programs, "bin", "postgres"), "-D", home.data, ...set];
    return new TetheredServer(command, join(home.data, PID_FILE), descriptor, home.user);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until a server takes connections, as its file says, or has ended. */
async function isReady(server: TetheredServer, data: string): Promise<boolean> {
  let hasEnded = false;
  const noteEnd = () => {
    hasEnded = true;
  };
  server.ended.then(noteEnd, noteEnd);
  while (!hasEnded) {
    const [pid, , , , , , , status] = linesOf(join(data, PID_FILE));
    if (pid === String(server.pid) && status === "ready") return true;
    await pause(LOOK_MS);
  }
  return false;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim());
  } catch {
    return [];
  }
}

/** What a server wrote before it ended: its last complaint. */
function lastWords(log: string): string {
  const lines = linesOf(log);
  return (
    lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.findLast((line) => line !== "") ?? "it says nothing"
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
