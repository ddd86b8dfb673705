import { inspect } from "node:util";
import { Failure } from "./failure.ts";

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
  const fields = fieldsOf(text, secret);
  const credential: Credential = {
    username: demand(fields, "username", secret),
    password: demand(fields, "password", secret),
    engine: textOf(fields.engine),
    host: textOf(fields.host),
    port: portOf(fields.port) ?? PORTS[textOf(fields.engine) ?? ""],
    dbname: textOf(fields.dbname),
  };
  const shown = () => ({ ...credential, password: "(not shown)" });
  return Object.defineProperties(credential, {
    toJSON: { value: shown },
    [inspect.custom]: { value: shown },
  });
}

function fieldsOf(text: string, secret: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, without the parser's words: they quote what it could not read.
  }
  throw new Failure(`The secret ${secret} is no JSON object with username and password.`);
}

function demand(fields: Record<string, unknown>, name: string, secret: string): string {
  const value = textOf(fields[name]);
  if (value === undefined) throw new Failure(`The secret ${secret} has no ${name}.`);
  return value;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Some write it as a number, others as a text. */
function portOf(value: unknown): number | undefined {
  const port = typeof value === "string" ? Number(value) : value;
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
