import * as z from "zod/mini";
import {
  type CredentialSettings,
  credentialsOf,
  ENGINES,
  type ManagerSettings,
  type ToldCredential,
} from "../../functions/shared/credential-settings.ts";
import { ANY_CREDENTIAL, foreignSecret } from "./credential-fields.ts";
import { checked, eachOnce, group, oneOf, text, whole } from "./forms.ts";
import { faultOfRotationSchedule } from "./rotation-schedule.ts";
import { deadlineSecondsOf, HALF_LIFE, lifetimeSecondsOf, type Token, token } from "./token.ts";

const HOST = "must be the name of a server, without port, e.g. orders.abc123.eu-west-1.rds.amazonaws.com";

/** Behind one name of these there is no server of its own, so that nobody sees all sessions there. */
function faultOfHost(host: string): string | undefined {
  const labels = host.split(".");
  const isName = labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)) && host.length <= 253;
  if (!isName) return HOST;
  if (!isOfRds(host)) return undefined;
  if (labels.some((label) => label.startsWith("proxy-"))) {
    return "must be the database itself and no RDS Proxy, which signs in with the secrets that it was given (docs/credentials.md)";
  }
  if (labels.some((label) => /^cluster-(ro|custom)-/.test(label))) {
    return "must be one server: behind this name there are several, of which a look would see one; name each by its own endpoint";
  }
  return undefined;
}

/** Whether Amazon RDS names a server so, and its certificate too. */
export function isOfRds(host: string): boolean {
  return /\.rds\.amazonaws\.com(\.cn)?$/i.test(host);
}

const DATABASE_NAME = "must be 1 to 63 letters, digits, _ and -, a letter or _ first";
const databaseName = text(/^[a-z_][\w-]{0,62}$/i, DATABASE_NAME);

/** Roles that a database has taken for itself, or does not take. */
const TAKEN = /^(pg_.*|rds.*|public|none|root|postgres|mysql.*|mariadb.*)$/i;
const role = checked(DATABASE_NAME, (name) => {
  if (!/^[a-z_][\w-]{0,62}$/i.test(name)) return DATABASE_NAME;
  return TAKEN.test(name)
    ? "must be a role that was made for this alone, and this is one of the database's own"
    : undefined;
});

/** Who alters the users: by the login in a secret, or by IAM authentication. Both at once would leave open which one counts. */
const manager = group({
  secret: z.optional(foreignSecret),
  user: z.optional(databaseName),
  iam: z.optional(z.literal(true, "must be true, or be left out with its user")),
}).check(({ value, issues }) => {
  const { secret, user, iam } = value;
  const isOne = secret === undefined ? user !== undefined && iam === true : user === undefined && iam === undefined;
  const message = 'must be { "secret": … }, or { "user": …, "iam": true } where Amazon RDS lets him in by IAM';
  if (!isOne) issues.push({ code: "custom", input: value, message });
});

/** The login of a database's user: where it is honoured, and whom it is about. docs/deploying.md says what each means. */
export const database = group({
  kind: z.optional(z.literal("database")),
  ...ANY_CREDENTIAL,
  engine: oneOf(ENGINES),
  hosts: z
    .array(checked(HOST, faultOfHost), "must be a list of servers: first the one that is written to, then the readers")
    .check(
      z.minLength(1, "must name a server at least"),
      eachOnce((host) => host.toLowerCase()),
    ),
  port: whole(1, 65_535),
  dbname: databaseName,
  owner: role,
  users: z.tuple([role, role], 'must be the two users that take turns, e.g. ["orders_a", "orders_b"]'),
  manager,
  schedule: checked("must be when it is turned", faultOfRotationSchedule),
  deadlineHours: z._default(whole(1, 312), 24),
  securityGroup: text(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, "must be the ID of the database's security group (sg-…)"),
  tlsName: z.optional(
    text(/^[a-z0-9*]([a-z0-9.-]{0,251}[a-z0-9])?$/i, "must be a name that the server's certificate has"),
  ),
});

export type Database = z.infer<typeof database>;

const KINDS = 'must be "database" or "token", or be left out for a database';

/** A credential of either kind. */
export const credential = z.discriminatedUnion("kind", [database, token], {
  error: ({ code }) =>
    code === "invalid_union" ? KINDS : "must be { … } with the settings that docs/deploying.md lists",
});

export type Credential = Database | Token;

export function isToken(credential: Credential): credential is Token {
  return credential.kind === "token";
}

export function isDatabase(credential: Credential): credential is Database {
  return credential.kind !== "token";
}

/** Of which kind a setting is that one of the other kind has, and what to do; undefined for one that neither has. */
export function kindThatHas(setting: string): string | undefined {
  if (setting in token.shape)
    return 'is a setting of a token, and this credential is a database\'s: take it out, or say "kind": "token"';
  if (setting in database.shape) return "is a setting of a database, and this credential is a token: take it out";
  return undefined;
}

const ROUTE_TABLES =
  'must be the route tables of the subnets, e.g. ["rtb-0123456789abcdef0"], or "there" where they lead to DynamoDB already';

/** Where the functions run that talk to databases, and how they reach AWS from there. */
export const credentialNetwork = group({
  vpcId: text(/^(none|vpc-([0-9a-f]{8}|[0-9a-f]{17}))$/, 'must be "none" or the ID of a VPC (vpc-…)'),
  subnets: z
    .array(
      text(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, "must be the ID of a subnet (subnet-…)"),
      "must be a list of subnets' IDs",
    )
    .check(eachOnce(), z.maxLength(16, "must be 16 at the most, as Lambda takes")),
  waysOut: oneOf(["none", "nat", "endpoints"]),
  routeTables: z.union(
    [z.literal("there"), z.array(text(/^rtb-([0-9a-f]{8}|[0-9a-f]{17})$/, "must be the ID of a route table (rtb-…)"))],
    ROUTE_TABLES,
  ),
});

export type CredentialNetwork = z.infer<typeof credentialNetwork>;

/** By what a credential's manager signs in. */
export function managerOf({ manager: { secret, user = "" } }: Pick<Database, "manager">): ManagerSettings {
  return secret === undefined ? { iamUser: user } : { secret };
}

/** The credentials as functions are told of them (the variable CREDENTIALS). */
export function toldOf(credentials: readonly Credential[]): ToldCredential[] {
  return credentials.map((one) => {
    const { name, quietMinutes } = one;
    const consumers = one.consumers.map(({ name, seenBy }) => ({ name, seenBy }));
    const any = { name, consumers, quietSeconds: quietMinutes * 60 };
    return one.kind === "token" ? { ...any, ...aboutToken(one) } : { ...any, ...aboutDatabase(one) };
  });
}

/** The same, as functions have them when they have read it. */
export function credentialSettingsOf(credentials: readonly Credential[]): CredentialSettings[] {
  return credentialsOf(JSON.stringify(toldOf(credentials)));
}

function aboutDatabase(database: Database) {
  const { engine, port, dbname, owner, users, tlsName, deadlineHours } = database;
  const [writer = "", ...readers] = database.hosts;
  return {
    ...{ engine, hosts: [writer, ...readers] as const, port, dbname, owner, users },
    manager: managerOf(database),
    deadlineSeconds: deadlineHours * 3600,
    tls: "rds" as const,
    ...(tlsName !== undefined && { tlsName }),
  };
}

function aboutToken(token: Token) {
  const { kind, tokenUrl, revocationUrl, probeUrl, tokensPerKey, scope } = token;
  const [first = "", second] = token.keys;
  return {
    ...{ kind, tokenUrl, probeUrl, tokensPerKey },
    ...(revocationUrl !== "none" && { revocationUrl }),
    keys: second === undefined ? ([first] as const) : ([first, second] as const),
    ...(scope !== undefined && { scope }),
    lifetimeSeconds: lifetimeSecondsOf(token.tokenLifetime),
    ...(token.schedule === HALF_LIFE && { halfLife: true as const }),
    deadlineSeconds: deadlineSecondsOf(token),
  };
}
