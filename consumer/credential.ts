import type { Kind } from "./followed-secret.ts";
import { demand, fieldsOf, hiding, textOf } from "./secret-fields.ts";

/** A database user's credential, in the shape that AWS's drivers, rotation functions and RDS Proxy read and write. */
export interface Credential {
  username: string;
  password: string;
  /** `postgres`, `mysql`, `mariadb`, …; undefined where the secret does not say. */
  engine: string | undefined;
  /** Whoever may write the secret says where the password goes: an application that knows its host need not believe it. */
  host: string | undefined;
  port: number | undefined;
  dbname: string | undefined;
}

/** Where a server listens if nobody says. */
const PORTS: Record<string, number> = { postgres: 5432, mysql: 3306, mariadb: 3306 };

/**
 * Reads a credential from the text of a secret. Fields that are not known are passed over. Printed, or written as JSON as a
 * whole, the result shows no password; its fields are plain.
 *
 * @param secret the secret's name, for messages
 * @throws Failure that says what is missing, and never what is there
 */
export function readCredential(text: string, secret: string): Credential {
  const fields = fieldsOf(text, secret, "username and password");
  const credential: Credential = {
    username: demand(fields, "username", secret),
    password: demand(fields, "password", secret),
    engine: textOf(fields.engine),
    host: textOf(fields.host),
    port: portOf(fields.port) ?? PORTS[textOf(fields.engine) ?? ""],
    dbname: textOf(fields.dbname),
  };
  return hiding(credential, "password");
}

/** Its kind. */
export const LOGIN: Kind<Credential> = {
  read: readCredential,
  word: ({ password }) => password,
  endsAt: () => undefined,
};

/** Some write it as a number, others as a text. */
function portOf(value: unknown): number | undefined {
  const port = typeof value === "string" ? Number(value) : value;
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
