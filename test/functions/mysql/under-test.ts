import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { describe, test } from "vitest";
import type { AuthoritySettings, Login } from "../../../functions/clients/authority.ts";
import { preparationStatements } from "../../../functions/mysql/preparation.ts";
import { quoted } from "../../../functions/mysql/quoting.ts";
import { verifierOf } from "../../../functions/mysql/verifiers.ts";
import { NOBODY } from "../../../local/postgres/home.ts";

/** Where Debian's package mariadb-server-core puts it. */
const PROGRAM = "/usr/sbin/mariadbd";
const SHARE = "/usr/share/mysql";

/** Tests that need a MariaDB; where there is none, they are skipped, and the reason told. */
export function onMariadb(title: string, tests: () => void): void {
  if (existsSync(PROGRAM)) describe(title, tests);
  else test(title, ({ skip }) => skip("There is no MariaDB here: apt-get install mariadb-server-core brings it."));
}

export const ROOT: Login = { user: "root", password: "root's own" };
export const MANAGER: Login = { user: 'the "manager" o\'', password: "the manager's own" };

export interface MariadbServer {
  /** All statements that it was given, as it has written them down. */
  log: string;
  stop(): Promise<void>;
}

/** Root runs it as somebody else, as it wants it. */
const AS_NOBODY = process.getuid?.() === 0 ? ["--user=nobody"] : [];
const WITHOUT_CARE = ["--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=10M", "--sync-binlog=0"];

/** Ends with this process, however that ends: the watcher waits for the end of a pipe, and kills what is in its group. */
const TETHERED = `(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec "$@" 3<&-`;

const PATIENCE_MS = 30_000;

/**
 * Starts a server, on the data of earlier starts in this folder if there are any.
 *
 * @param options.settings without their dashes
 */
export async function startMariadb({
  folder,
  host,
  port,
  settings = [],
}: {
  folder: string;
  host: string;
  port: number;
  settings?: readonly string[];
}): Promise<MariadbServer> {
  const data = join(folder, "data");
  if (!existsSync(data)) initialise(data);
  const log = join(data, "statements.log");
  const given = [
    ...["--no-defaults", `--datadir=${data}`, ...AS_NOBODY, ...WITHOUT_CARE],
    ...[
      `--bind-address=${host}`,
      `--port=${port}`,
      `--socket=${join(data, "socket")}`,
      `--pid-file=${join(data, "pid")}`,
    ],
    ...["--skip-name-resolve", "--performance-schema=ON", "--general-log=1", `--general-log-file=${log}`],
    ...settings.map((one) => `--${one}`),
  ];
  const output = openSync(join(folder, "output"), "w");
  const child = spawn("/bin/sh", ["-c", TETHERED, "sh", PROGRAM, ...given], {
    detached: true,
    stdio: ["ignore", output, output, "pipe"],
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const stop = () => end(child, ended);
  const until = Date.now() + PATIENCE_MS;
  while (!(await answers(host, port))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`MariaDB does not start: ${readFileSync(join(folder, "output"), "utf8").slice(-1000)}`);
    }
    await pause(20);
  }
  return { log, stop };
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS / 3);
  await ended;
  clearTimeout(late);
  const tether = child.stdio[3] as Writable;
  tether.on("error", () => undefined);
  tether.destroy();
}

async function answers(host: string, port: number): Promise<boolean> {
  try {
    await (await connectTo({ host, port, ...ROOT })).end();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return false;
    throw error;
  }
}

/** Makes the server's own tables, and root as the only one who may log in. */
function initialise(data: string): void {
  mkdirSync(data, { mode: 0o700 });
  if (AS_NOBODY.length > 0) chownSync(data, NOBODY, NOBODY);
  const tables = ["mysql_system_tables", "mysql_performance_tables", "mysql_system_tables_data"];
  const root = verifierOf(ROOT.password, "mariadb", Buffer.alloc);
  const input = [
    ...["CREATE DATABASE mysql;", "USE mysql;", "SET @auth_root_socket = NULL;"],
    ...tables.map((name) => readFileSync(join(SHARE, `${name}.sql`), "utf8")),
    ...[
      "DELETE FROM global_priv WHERE user NOT IN ('root', 'mariadb.sys') OR host <> 'localhost';",
      "DELETE FROM proxies_priv;",
    ],
    `UPDATE global_priv SET host = '%', priv = JSON_SET(priv, '$.plugin', 'mysql_native_password', '$.authentication_string', '*${root}') WHERE user = 'root';`,
  ].join("\n");
  const given = ["--no-defaults", "--bootstrap", `--datadir=${data}`, ...AS_NOBODY, ...WITHOUT_CARE];
  try {
    execFileSync(PROGRAM, given, { input, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
}

export interface Connecting extends Login {
  host?: string;
  port: number;
  database?: string;
  application?: string;
}

/** A session; that it is cut is for who uses it to see. */
export async function connectTo({
  host = "127.0.0.1",
  application = "test",
  ...rest
}: Connecting): Promise<Connection> {
  const connectAttributes = application === "" ? {} : { program_name: application };
  const connection = await createConnection({ ...rest, host, connectAttributes });
  connection.on("error", () => undefined);
  return connection;
}

export type Ask = (sql: string) => Promise<RowDataPacket[]>;

/** Does something in a session, and ends it. */
export async function withSession<T>(connecting: Connecting, use: (ask: Ask) => Promise<T>): Promise<T> {
  const connection = await connectTo(connecting);
  try {
    return await use(async (sql) => (await connection.query<RowDataPacket[]>(sql))[0]);
  } finally {
    await connection.end().catch(() => undefined);
  }
}

/** Makes the database, and brings it under Keyturn. */
export async function prepareMariadb(
  settings: Pick<AuthoritySettings, "credential" | "dbname" | "owner" | "users">,
  at: { host: string; port: number },
): Promise<void> {
  const verifier = verifierOf(MANAGER.password, "mariadb", Buffer.alloc);
  const statements = preparationStatements({
    ...settings,
    flavour: "mariadb",
    manager: { user: MANAGER.user, verifier },
  });
  await withSession({ ...at, ...ROOT }, async (ask) => {
    await ask(`CREATE DATABASE IF NOT EXISTS ${quoted(settings.dbname)}`);
    for (const statement of statements) await ask(statement);
  });
}
