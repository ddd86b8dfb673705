import * as z from "zod/mini";
import {
  type DatabaseCredential,
  ENGINES,
  type ManagerSettings,
  OWN_NAME,
  SEEN_BY,
} from "../../functions/shared/credential-settings.ts";
import { FORMS } from "../../protocol/index.ts";
import { FLOWS } from "../wiring.ts";
import { checked, eachOnce, group, oneOf, text, whole } from "./forms.ts";
import { faultOfRotationSchedule } from "./rotation-schedule.ts";

/** What else findings and audit lines are about, beside instances and their hosts. */
const OTHER_SUBJECTS: readonly string[] = ["fleet", "watch", "mail", ...FLOWS.map(({ name }) => name)];

const SECRET = "must be the name of a secret in Secrets Manager: up to 512 letters, digits and _ / + = . @ -";

/** A finding's subject is the secret's name: it must be nobody else's. */
function faultOfSecretName(name: string): string | undefined {
  if (!FORMS.secretName.test(name)) return SECRET;
  if (FORMS.instanceId.test(name)) return "must be another one: it looks like the ID of an instance";
  if (FORMS.ec2InstanceId.test(name)) return "must be another one: it looks like the ID of a host";
  if (OTHER_SUBJECTS.includes(name)) return `must be another one: by "${name}" people are told of something else`;
  return undefined;
}

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

const consumer = group({
  name: checked("must be a consumer's name", (name) => {
    if (!FORMS.consumer.test(name)) return "must be 1 to 63 letters, digits and _ . : @ / + = -";
    return name === OWN_NAME
      ? `must be another one: by "${OWN_NAME}" the database knows Keyturn's own sessions`
      : undefined;
  }),
  seenBy: oneOf(SEEN_BY),
});

/** Who alters the users: by the login in a secret, or by IAM authentication. Both at once would leave open which one counts. */
const manager = group({
  // RDS names the secrets that it manages itself with a `!`.
  secret: z.optional(
    text(
      /^([\w/+=.@!-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]{1,512}-[A-Za-z0-9]{6})$/,
      "must be the name or the whole ARN of a secret in Secrets Manager",
    ),
  ),
  user: z.optional(databaseName),
  iam: z.optional(z.literal(true, "must be true, or be left out with its user")),
}).check(({ value, issues }) => {
  const { secret, user, iam } = value;
  const isOne = secret === undefined ? user !== undefined && iam === true : user === undefined && iam === undefined;
  const message = 'must be { "secret": … }, or { "user": …, "iam": true } where Amazon RDS lets him in by IAM';
  if (!isOne) issues.push({ code: "custom", input: value, message });
});

/** A credential: where it is honoured, and whom it is about. docs/deploying.md says what each means. */
export const credential = group({
  name: checked(SECRET, faultOfSecretName),
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
  consumers: z.array(consumer, "must be a list of consumers").check(({ value, issues }) => {
    for (const [i, { name }] of value.entries()) {
      if (value.findIndex((one) => one.name === name) === i) continue;
      issues.push({ code: "custom", input: name, path: [i, "name"], message: `is "${name}" once more` });
    }
  }),
  schedule: checked("must be when it is turned", faultOfRotationSchedule),
  quietMinutes: z._default(whole(1, 10_080), 65),
  deadlineHours: z._default(whole(1, 312), 24),
  securityGroup: text(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, "must be the ID of the database's security group (sg-…)"),
  tlsName: z.optional(
    text(/^[a-z0-9*]([a-z0-9.-]{0,251}[a-z0-9])?$/i, "must be a name that the server's certificate has"),
  ),
  existingSecret: z._default(z.boolean("must be true or false"), false),
  instancesRead: z._default(z.boolean("must be true or false"), false),
});

export type Credential = z.infer<typeof credential>;

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
export function managerOf({ manager: { secret, user = "" } }: Pick<Credential, "manager">): ManagerSettings {
  return secret === undefined ? { iamUser: user } : { secret };
}

/** The credentials as functions are told of them (the variable CREDENTIALS). */
export function credentialSettingsOf(credentials: readonly Credential[]): DatabaseCredential[] {
  return credentials.map((one) => {
    const { name, engine, port, dbname, owner, users, consumers, tlsName } = one;
    const [writer = "", ...readers] = one.hosts;
    return {
      kind: "database",
      ...{ name, engine, hosts: [writer, ...readers], port, dbname, owner, users },
      manager: managerOf(one),
      consumers,
      quietSeconds: one.quietMinutes * 60,
      deadlineSeconds: one.deadlineHours * 3600,
      tls: "rds",
      ...(tlsName !== undefined && { tlsName }),
    };
  });
}
