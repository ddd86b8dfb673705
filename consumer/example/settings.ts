import type { Login } from "./database.ts";
import { type Environment, type FollowSettings, readFollowSettings, readVariables } from "./environment.ts";

export interface ExampleSettings extends FollowSettings {
  /** Counts more than what the secret says. */
  database: { host: string | undefined; port: number | undefined; name: string | undefined };
  tls: Login["tls"];
  /** How many sessions with the database may stay open; 0 connects for each request. */
  sessions: number;
}

/** @throws Failure with every missing or malformed setting in one message */
export function readExampleSettings(environment: Environment): ExampleSettings {
  return readVariables(environment, (variables) => {
    const { value, optional, number, oneOf } = variables;
    return {
      ...readFollowSettings(variables),
      database: {
        host: optional("EXAMPLE_DATABASE_HOST", /^[\w.:-]+$/, "a host's name or address"),
        port: number("EXAMPLE_DATABASE_PORT", undefined, 1, 65_535),
        name: value("EXAMPLE_DATABASE_NAME"),
      },
      tls: oneOf("EXAMPLE_DATABASE_TLS", ["verify-full", "none"]),
      sessions: number("EXAMPLE_DATABASE_SESSIONS", 0, 0, 50) ?? 0,
    };
  });
}
