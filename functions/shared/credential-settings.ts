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

/** What every kind of credential has. None of it is taken from the secret's value, which more people may write than the stack. */
interface AnyCredential {
  /** The name of its secret in Secrets Manager. */
  name: string;
  /** The two that take turns: users of a database, or `TOKENS`. */
  users: readonly [string, string];
  consumers: readonly ConsumerSettings[];
  /** How long nobody must have been seen on the former one before it is retired: longer than the longest cache. */
  quietSeconds: number;
  /** How long consumers are waited for before people are told who has not moved. */
  deadlineSeconds: number;
}

/** The login of a database's user: where the database is, and whom it is about. */
export interface DatabaseCredential extends AnyCredential {
  kind: "database";
  engine: Engine;
  /** The servers: first the one that is written to, then the readers. */
  hosts: readonly [string, ...string[]];
  port: number;
  dbname: string;
  /** The role as which both users act. It cannot log in. */
  owner: string;
  /** Who may alter the two users. */
  manager: ManagerSettings;
  /**
   * `rds`: encrypted, and the server must prove its name by a certificate of Amazon RDS. `none`: in the clear, which is for
   * servers on this machine's loopback alone.
   */
  tls: "rds" | "none";
  /** What the server's certificate must name; without it, the host. */
  tlsName?: string;
}

/** The two tokens that take turns, as the record and the sightings call them. */
export const TOKENS = ["token_a", "token_b"] as const;

/** How many tokens of one API key an issuer honours at a time. */
export const TOKENS_PER_KEY = ["one", "many"] as const;

/** A bearer token that an OAuth 2 issuer gives for an API key, by client credentials (RFC 6749, section 4.4). */
export interface TokenCredential extends AnyCredential {
  kind: "token";
  users: typeof TOKENS;
  /** The issuer's token endpoint. */
  tokenUrl: string;
  /** Its revocation endpoint (RFC 7009); missing where it has none, and then a former token ends by its own expiry. */
  revocationUrl?: string;
  /** What is asked whether a token is accepted, by GET: a resource that the token opens. */
  probeUrl: string;
  /**
   * The secrets with the API keys, by name or ARN: the first makes `token_a`, the second `token_b`. One is enough where the
   * issuer honours many tokens of a key.
   */
  keys: readonly [string] | readonly [string, string];
  tokensPerKey: (typeof TOKENS_PER_KEY)[number];
  /** What the token is asked for, as OAuth has it: words with blanks between them. */
  scope?: string;
  /** How long the issuer says that a token lasts. */
  lifetimeSeconds: number;
  /** No schedule of Secrets Manager's has it turned: the watch does, when half of its life is over. */
  halfLife?: true;
}

/** A credential that is turned, as the deployment has it. */
export type CredentialSettings = DatabaseCredential | TokenCredential;

/** What each of a credential says of itself, as the setting CREDENTIALS has it: what is the same for all of its kind is left out. */
export type ToldCredential = Omit<DatabaseCredential, "kind"> | Omit<TokenCredential, "users">;

/**
 * Reads the setting CREDENTIALS, which the deployment has checked. One without a kind is a database's, as all were before there
 * were tokens.
 *
 * @throws Error when it is no JSON list of credentials
 */
export function credentialsOf(text: string): CredentialSettings[] {
  const credentials: unknown = JSON.parse(text);
  const isNamed = (one: unknown) => FORMS.secretName.test((one as ToldCredential | null)?.name ?? "");
  if (Array.isArray(credentials) && credentials.every(isNamed)) return credentials.map(completed);
  throw new Error("CREDENTIALS must be a JSON list of credentials. The deployment sets it; deploy again.");
}

function completed(told: ToldCredential): CredentialSettings {
  return "tokenUrl" in told ? { ...told, users: TOKENS } : { ...told, kind: "database" };
}

/** The secret with the API key that makes one of the two tokens. */
export function keyOf({ keys }: Pick<TokenCredential, "keys">, user: string): string {
  return user === TOKENS[1] ? (keys[1] ?? keys[0]) : keys[0];
}

/** The user that takes turns with one of the two; the first one for a name that is neither. */
export function otherUser({ users }: Pick<CredentialSettings, "users">, user: string | undefined): string {
  return user === users[0] ? users[1] : users[0];
}
