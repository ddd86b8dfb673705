import type { Credential } from "../credential.ts";
import { Failure, wordsOf } from "../failure.ts";
import type { FollowedCredential } from "../follow.ts";
import type { Database, Login } from "./database.ts";
import type { ExampleSettings } from "./settings.ts";

/** What `GET /` answers. Without `user` and what follows where no version of the secret is at hand. */
export interface Status {
  db_status: "CONNECTED" | "DISCONNECTED";
  /** What the database, or whoever else stands in the way, says. */
  error?: string;
  /** The user who logged in, or who was refused. */
  user?: string;
  /** The version of the secret that was used. */
  version?: string;
  /** A short digest of the password, which helps nobody to guess it: see fingerprint.ts. */
  fingerprint?: string;
  /** Since when this process has that version, as ISO 8601 in UTC. */
  since?: string;
}

export interface StatusParts {
  credential: FollowedCredential;
  /** By what they speak. MariaDB speaks as MySQL does. */
  databases: Readonly<Record<"postgres" | "mysql", Database>>;
  fingerprint: (password: string) => string;
  settings: Pick<ExampleSettings, "consumer" | "database" | "tls">;
}

/** Logs in to the database once, with the credential as it is now, and says how that went. Never throws. */
export async function statusNow({ credential, databases, fingerprint, settings }: StatusParts): Promise<Status> {
  let used: Omit<Status, "db_status" | "error"> = {};
  let password: string | undefined;
  /** What the database, or its driver, threw. */
  let thrown: unknown;
  try {
    await credential.withCredential(async (current, { secret, versionId, since }) => {
      password = current.password;
      used = {
        user: current.username,
        version: versionId,
        fingerprint: fingerprint(current.password),
        since: new Date(since).toISOString(),
      };
      const speaks = languageOf(current, secret);
      const login = loginWith(current, secret, settings);
      try {
        used.user = (await databases[speaks].ask(login)).user;
      } catch (error) {
        thrown = error;
        throw error;
      }
    });
    return { db_status: "CONNECTED", ...used };
  } catch (error) {
    return { db_status: "DISCONNECTED", error: told(error, { isOfDatabase: error === thrown, password }), ...used };
  }
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

function languageOf({ engine = "postgres" }: Credential, secret: string): keyof StatusParts["databases"] {
  if (engine === "postgres") return "postgres";
  if (engine === "mysql" || engine === "mariadb") return "mysql";
  throw new Failure(
    `The secret ${secret} is for none of PostgreSQL, MySQL and MariaDB, which is all that this example speaks.`,
  );
}

function loginWith(current: Credential, secret: string, settings: StatusParts["settings"]): Login {
  const { username: user, password } = current;
  const host = settings.database.host ?? current.host;
  if (host === undefined) {
    throw new Failure(`Neither the secret ${secret} nor EXAMPLE_DATABASE_HOST says where the database is.`);
  }
  if (settings.tls === "none" && !LOOPBACK.test(host)) {
    throw new Failure("EXAMPLE_DATABASE_TLS is none, which is for a database on this machine only.");
  }
  return {
    host,
    port: settings.database.port ?? current.port ?? 5432,
    database: settings.database.name ?? current.dbname,
    user,
    password,
    application: settings.consumer,
    tls: settings.tls,
  };
}

/** The words of the database or its driver, which name users and hosts; of all else what is known to quote no values. */
function told(
  error: unknown,
  { isOfDatabase, password }: { isOfDatabase: boolean; password: string | undefined },
): string {
  const own = isOfDatabase && error instanceof Error ? error.message.split("\n")[0] : "";
  const words = own || wordsOf(error);
  // No server repeats a password; should one do so after all, nothing of what it says is told.
  return password !== undefined && words.includes(password) ? "the database's words hold the password" : words;
}
