import { Failure, wordsOf } from "../failure.ts";
import {
  followCredential,
  isRefusedByMysql,
  isRefusedByPostgres,
  metadataIdentity,
  proofsIn,
  secretsManagerSource,
} from "../index.ts";
import { pooledPostgres, postgres } from "./database.postgres.ts";
import type { Database } from "./database.ts";
import { fingerprints } from "./fingerprint.ts";
import { serve } from "./server.ts";
import { readExampleSettings } from "./settings.ts";
import { statusNow } from "./status.ts";

// The example application: consumer/README.md says what it shows, and its settings.

const log = (message: string) =>
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message })}\n`);

/** Its client is large: loaded when a secret is MySQL's. */
const mysql: Database = { ask: async (login) => (await import("./database.mysql.ts")).mysql.ask(login) };

async function main(): Promise<void> {
  const settings = readExampleSettings(process.env);
  const { secretId, consumer, cacheMs, proofs, region } = settings;
  const credential = followCredential({
    source: secretsManagerSource(secretId, region === undefined ? {} : { region }),
    consumer,
    cacheMs,
    isRefusal: (error) => isRefusedByPostgres(error) || isRefusedByMysql(error),
    tell: log,
    ...(proofs && {
      proofs: {
        writer: proofsIn(proofs.store, { identity: metadataIdentity(settings.metadataEndpoint) }),
        intervalMs: proofs.intervalMs,
      },
    }),
  });
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
  const fingerprint = fingerprints();
  const pool = settings.sessions === 0 ? undefined : pooledPostgres(settings.sessions);
  const server = await serve(settings.listen, () =>
    statusNow({ credential, databases: { postgres: pool ?? postgres, mysql }, fingerprint, settings }),
  );
  log(`${consumer} listens at ${server.url.href} and uses the secret ${secretId}.`);
  log(`${await stopped}: no more requests are taken.`);
  await server.close();
  await pool?.close();
  await credential.close();
  log("All requests are answered. It ends.");
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Failure ? error.message : `It could not start: ${wordsOf(error)}`}\n`);
  process.exitCode = 1;
}
