import { followCredential, isRefusedByMysql, isRefusedByPostgres } from "../index.ts";
import { pooledPostgres, postgres } from "./database.postgres.ts";
import type { Database } from "./database.ts";
import { followOptionsOf } from "./environment.ts";
import { fingerprints } from "./fingerprint.ts";
import { run } from "./run.ts";
import { readExampleSettings } from "./settings.ts";
import { statusNow } from "./status.ts";

// The example application: consumer/README.md says what it shows, and its settings.

/** Its client is large: loaded when a secret is MySQL's. */
const mysql: Database = { ask: async (login) => (await import("./database.mysql.ts")).mysql.ask(login) };

await run((log) => {
  const settings = readExampleSettings(process.env);
  const credential = followCredential({
    ...followOptionsOf(settings, log),
    isRefusal: (error) => isRefusedByPostgres(error) || isRefusedByMysql(error),
  });
  const fingerprint = fingerprints();
  const pool = settings.sessions === 0 ? undefined : pooledPostgres(settings.sessions);
  return {
    settings,
    status: () => statusNow({ credential, databases: { postgres: pool ?? postgres, mysql }, fingerprint, settings }),
    async close() {
      await pool?.close();
      await credential.close();
    },
  };
});
