import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { describe, test } from "vitest";
import type { AuthoritySettings, Login } from "../../../functions/clients/authority.ts";
import { preparationSql } from "../../../functions/postgres/preparation.ts";
import { scramVerifier } from "../../../functions/postgres/scram-verifier.ts";
import { findPrograms } from "../../../local/postgres/programs.ts";
import { type PostgresOptions, type PostgresServer, startPostgres } from "../../../local/postgres/server.ts";
import { randomOf } from "./random-of.ts";

const programs = findPrograms();

/** Tests that need a PostgreSQL; where there is none, they are skipped, and the reason told. */
export function onPostgres(title: string, tests: () => void): void {
  if ("missing" in programs) test(title, ({ skip }) => skip(programs.missing));
  else describe(title, tests);
}

/** A folder for a server, which others may go into: a server that root starts is somebody else's. */
export function serverFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  chmodSync(folder, 0o711);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function startServer(
  options: Omit<PostgresOptions, "programs"> & { programs?: string },
): Promise<PostgresServer> {
  if ("missing" in programs) throw new Error(programs.missing);
  return startPostgres({ programs: programs.folder, outlasts: false, ...options });
}

export interface Connecting extends Login {
  host?: string;
  port: number;
  database?: string;
  application?: string;
}

/** A session; that it is cut is for who uses it to see. */
export async function connect({ host = "127.0.0.1", application = "test", ...rest }: Connecting): Promise<Client> {
  const client = new Client({ database: "postgres", ...rest, host, application_name: application, ssl: false });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Does something in a session, and ends it. */
export async function withSession<T>(connecting: Connecting, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(connecting);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export const MANAGER: Login = { user: 'the "manager" o\'', password: "the manager's own" };

/** Makes the database, and brings it under Keyturn. */
export async function prepare(
  { port, superuser }: PostgresServer,
  settings: Pick<AuthoritySettings, "credential" | "dbname" | "owner" | "users">,
  host?: string,
): Promise<void> {
  const own = { port, ...superuser, ...(host !== undefined && { host }) };
  await withSession(own, (session) => session.query(`CREATE DATABASE ${session.escapeIdentifier(settings.dbname)}`));
  const manager = { user: MANAGER.user, verifier: scramVerifier(MANAGER.password, randomOf("manager")) };
  await withSession({ ...own, database: settings.dbname }, (session) =>
    session.query(preparationSql({ ...settings, manager })),
  );
}
