import { join } from "node:path";
import pg from "pg";
import type { Login } from "../../functions/clients/authority.ts";
import { preparationSql } from "../../functions/postgres/preparation.ts";
import { scramVerifier } from "../../functions/postgres/scram-verifier.ts";
import type { DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import { PostgresError } from "../postgres/postgres-error.ts";
import { findPrograms } from "../postgres/programs.ts";
import { type PostgresServer, startPostgres } from "../postgres/server.ts";

/** The folder in the data folder where PostgreSQL keeps its own. */
const FOLDER = "postgres";

/**
 * Starts the PostgreSQL of a data folder.
 *
 * @param options.outlasts whether what is written outlasts this computer's own failure
 * @returns the server, or in one sentence why there is none
 */
export async function startDatabase(
  folder: string,
  options: { port: number; outlasts?: boolean },
): Promise<PostgresServer | { missing: string }> {
  const programs = findPrograms();
  if ("missing" in programs) return programs;
  try {
    return await startPostgres({ folder: join(folder, FOLDER), programs: programs.folder, ...options });
  } catch (error) {
    if (error instanceof PostgresError) return { missing: error.message };
    throw error;
  }
}

/**
 * Makes the database, and brings it under Keyturn, as its superuser does once: the owner, the two users, who may not log in
 * yet, and the manager. What is there already is left as it is: a user who was shut since stays shut.
 *
 * @param manager with the password that he is to have
 */
export async function prepareDatabase(
  { name: credential, port, dbname, owner, users }: DatabaseCredential,
  superuser: Login,
  manager: Login,
  random: (bytes: number) => Buffer,
): Promise<void> {
  const own = { host: "127.0.0.1", port, ...superuser, ssl: false };
  await inSession({ ...own, database: "postgres" }, async (session) => {
    const there = await session.query("SELECT FROM pg_database WHERE datname = $1", [dbname]);
    if (there.rowCount === 0) await session.query(`CREATE DATABASE ${session.escapeIdentifier(dbname)}`);
  });
  await inSession({ ...own, database: dbname }, async (session) => {
    const there = await session.query("SELECT FROM pg_roles WHERE rolname = $1", [manager.user]);
    if (there.rowCount !== 0) return;
    const verifier = scramVerifier(manager.password, random);
    await session.query(
      preparationSql({ credential, dbname, owner, users, manager: { user: manager.user, verifier } }),
    );
  });
}

async function inSession(options: pg.ClientConfig, use: (session: pg.Client) => Promise<void>): Promise<void> {
  const session = new pg.Client(options);
  await session.connect();
  try {
    await use(session);
  } finally {
    await session.end();
  }
}
