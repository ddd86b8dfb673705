import { FORMS } from "../../protocol/index.ts";

/** What speaks to which database. */
export const ENGINES = ["postgres", "mysql", "mariadb"] as const;

export type Engine = (typeof ENGINES)[number];

/** How a consumer is seen: by its sessions on the database, or by its use proofs in the time series. */
export const SEEN_BY = ["sessions", "proofs"] as const;

/** What Keyturn's own sessions call themselves at the database: no consumer may. */
export const OWN_NAME = "keyturn";

export interface ConsumerSettings {
  /** What it tells the database as its `application_name`, and calls itself in its use proofs. */
  name: string;
  seenBy: (typeof SEEN_BY)[number];
}

/**
 * By what the manager signs in: the secret with his login, by name or ARN, or his name in the database alone, where Amazon RDS
 * lets him in by IAM authentication.
 */
export type ManagerSettings = { secret: string } | { iamUser: string };

/**
 * A credential that is turned, as the deployment has it: everything that says where and whom. None of it is taken from the
 * secret's value, which more people may write than the stack.
 */
export interface CredentialSettings {
  /** The name of its secret in Secrets Manager. */
  name: string;
  engine: Engine;
  /** The servers: first the one that is written to, then the readers. */
  hosts: readonly [string, ...string[]];
  port: number;
  dbname: string;
  /** The role as which both users act. It cannot log in. */
  owner: string;
  /** The two users that take turns. */
  users: readonly [string, string];
  /** Who may alter the two users. */
  manager: ManagerSettings;
  consumers: readonly ConsumerSettings[];
  /** How long nobody must have been seen on the former user before he is shut: longer than the longest cache. */
  quietSeconds: number;
  /** How long consumers are waited for before people are told who has not moved. */
  deadlineSeconds: number;
  /**
   * `rds`: encrypted, and the server must prove its name by a certificate of Amazon RDS. `none`: in the clear, which is for
   * servers on this machine's loopback alone.
   */
  tls: "rds" | "none";
  /** What the server's certificate must name; without it, the host. */
  tlsName?: string;
}

/**
 * Reads the setting CREDENTIALS, which the deployment has checked.
 *
 * @throws Error when it is no JSON list of credentials
 */
export function credentialsOf(text: string): CredentialSettings[] {
  const credentials: unknown = JSON.parse(text);
  const isNamed = (one: unknown) => FORMS.secretName.test((one as CredentialSettings | null)?.name ?? "");
  if (Array.isArray(credentials) && credentials.every(isNamed)) return credentials as CredentialSettings[];
  throw new Error("CREDENTIALS must be a JSON list of credentials. The deployment sets it; deploy again.");
}

/** The user that takes turns with one of the two; the first one for a name that is neither. */
export function otherUser({ users }: Pick<CredentialSettings, "users">, user: string | undefined): string {
  return user === users[0] ? users[1] : users[0];
}
