import type { Check, Circumstances } from "./check.ts";
import {
  type Credential,
  type CredentialNetwork,
  type Database,
  isDatabase,
  isOfRds,
  isToken,
  toldOf,
} from "./credentials.ts";
import { type Pauses, pausesOf } from "./pause.ts";
import { deadlineSecondsOf, HALF_LIFE, lifetimeSecondsOf } from "./token.ts";

export interface CredentialsAndMore {
  credentials: Credential[];
  credentialNetwork: CredentialNetwork;
  timeSeries: string;
  formerTimeSeries: string;
  watch: { freshnessMinutes: number };
}

export type Faults = Generator<[setting: string, fault: string]>;

/** Secrets Manager rotates no secret more often. */
const LEAST_HOURS_BETWEEN_ROTATIONS = 4;
/**
 * An execution of the flow may take 14 days (statemachines/credential.asl.yaml): consumers are waited for until the
 * deadline, then each of the two strokes comes after a quiet time. A day is left for what is tried again.
 */
const MOST_HOURS_OF_A_TURN = 13 * 24;
/** A function's variables take 4 KB together. test/infra/template.test.ts holds the others beside it against that. */
const MOST_CHARACTERS = 2550;

/** What is wrong with credentials that are sound one by one. */
export const CREDENTIAL_CHECKS: Check<CredentialsAndMore>[] = [
  { of: ["credentials"], faults: twice },
  { of: ["credentials"], faults: roles },
  { of: ["credentials"], faults: times },
  { of: ["credentials"], faults: certificates },
  { of: ["credentials"], faults: byIam },
  { of: ["credentials"], faults: tooMany },
  { of: ["credentials", "credentialNetwork"], faults: noNetwork },
  { of: ["credentials", "credentialNetwork", "timeSeries", "formerTimeSeries"], faults: noTimestream },
];

/** Each with its place in the list, as settings are named. */
export function each({ credentials }: Pick<CredentialsAndMore, "credentials">): Placed<Credential>[] {
  return credentials.map((one, i) => [`credentials.${i}`, one, credentials.slice(0, i)]);
}

type Placed<One extends Credential> = [place: string, one: One, before: Credential[]];

function eachDatabase(settings: CredentialsAndMore): Placed<Database>[] {
  return each(settings).flatMap(([place, one, before]): Placed<Database>[] =>
    isDatabase(one) ? [[place, one, before]] : [],
  );
}

/** A user whom two credentials turn would have his password changed by one behind the other's back. */
function* twice(settings: CredentialsAndMore): Faults {
  for (const [place, one, before] of each(settings)) {
    if (before.some(({ name }) => name === one.name)) yield [`${place}.name`, `is "${one.name}" once more`];
  }
  for (const [place, one, before] of eachDatabase(settings)) {
    for (const [i, user] of one.users.entries()) {
      const other = before
        .filter(isDatabase)
        .find((former) => isOnOneServer(former, one) && former.users.includes(user));
      if (other === undefined || other.name === one.name) continue;
      yield [
        `${place}.users.${i}`,
        `is a user of the credential ${other.name} on the same server: each has its own two`,
      ];
    }
  }
}

function isOnOneServer(one: Database, other: Database): boolean {
  const hosts = one.hosts.map((host) => host.toLowerCase());
  return one.port === other.port && other.hosts.some((host) => hosts.includes(host.toLowerCase()));
}

function* roles(settings: CredentialsAndMore): Faults {
  for (const [place, { name, engine, owner, users, manager }] of eachDatabase(settings)) {
    if (users[0] === users[1]) yield [`${place}.users.1`, `is "${users[0]}" once more: the two take turns`];
    if (users.includes(owner))
      yield [`${place}.owner`, "must be none of the two users: they act as it, and it cannot log in"];
    if (manager.user !== undefined && [owner, ...users].includes(manager.user)) {
      yield [
        `${place}.manager.user`,
        "must be another role: who alters the two users is neither of them, nor the owner",
      ];
    }
    if (manager.secret === name) {
      yield [`${place}.manager.secret`, "must be another secret: who alters the two users is neither of them"];
    }
    if (engine === "postgres") continue;
    for (const [setting, role] of [["owner", owner], ...users.map((user, i) => [`users.${i}`, user])]) {
      if (role !== undefined && role.length > 32)
        yield [`${place}.${setting}`, "must be 32 characters at the most, as MySQL takes"];
    }
  }
}

/** Between two turns of a credential, in minutes; undefined where none ever comes. */
export function periodsOf(credential: Credential, now: number): Pauses | undefined {
  if (credential.schedule !== HALF_LIFE || !isToken(credential)) return pausesOf(credential.schedule, "UTC", now);
  const half = lifetimeSecondsOf(credential.tokenLifetime) / 120;
  return { shortest: half, longest: half };
}

/** Until when consumers are waited for, in minutes, and the setting that says so. */
function deadlineOf(credential: Credential): { setting: string; minutes: number; said: number; unit: number } {
  if (!isToken(credential)) {
    const hours = credential.deadlineHours;
    return { setting: "deadlineHours", minutes: hours * 60, said: hours, unit: 60 };
  }
  const minutes = deadlineSecondsOf(credential) / 60;
  return { setting: "deadlineMinutes", minutes, said: Math.floor(minutes), unit: 1 };
}

function* times(settings: CredentialsAndMore, { now }: Circumstances): Faults {
  for (const [place, credential] of each(settings)) {
    const { schedule, quietMinutes } = credential;
    const { setting, minutes, said, unit } = deadlineOf(credential);
    if (minutes <= quietMinutes && !isLeftOut(credential)) {
      yield [
        `${place}.${setting}`,
        `must be longer than the quiet time, ${quietMinutes} minutes, before which nobody has moved; it is ${said}`,
      ];
    }
    if (minutes + 2 * quietMinutes > MOST_HOURS_OF_A_TURN * 60) {
      const most = Math.floor((MOST_HOURS_OF_A_TURN * 60 - 2 * quietMinutes) / unit);
      yield [
        `${place}.${setting}`,
        `must be ${most} at the most with a quietMinutes of ${quietMinutes}, since an execution ends after two weeks; it is ${said}`,
      ];
    }
    const pauses = periodsOf(credential, now);
    if (pauses === undefined) {
      yield [`${place}.schedule`, `must fire in the years to come; "${schedule}" never does`];
    } else if (schedule !== HALF_LIFE && pauses.shortest < LEAST_HOURS_BETWEEN_ROTATIONS * 60) {
      yield [
        `${place}.schedule`,
        `must leave four hours between rotations, as Secrets Manager does; it is "${schedule}"`,
      ];
    } else if (pauses.shortest <= quietMinutes) {
      const pause = schedule === HALF_LIFE ? "half of tokenLifetime" : "the schedule's shortest pause";
      yield [
        `${place}.quietMinutes`,
        `must be shorter than ${pause}, ${pauses.shortest} minutes, or each rotation would come before the last one's consumers can have moved; it is ${quietMinutes}`,
      ];
    }
  }
}

/** Of a deadline that follows from the other times nothing is said: they are what is wrong then. */
function isLeftOut(credential: Credential): boolean {
  return isToken(credential) && credential.deadlineMinutes === undefined;
}

/** A server proves its name by a certificate of Amazon RDS, which has names of RDS's own alone. */
function* certificates(settings: CredentialsAndMore): Faults {
  for (const [place, { hosts, tlsName }] of eachDatabase(settings)) {
    const other = hosts.find((host) => !isOfRds(host));
    if (tlsName !== undefined || other === undefined) continue;
    yield [
      `${place}.tlsName`,
      `must be the name that the server's certificate has, e.g. the RDS endpoint that ${other} stands for: RDS knows no such name`,
    ];
  }
}

/** A token is made for a server by the name that RDS knows, and is said in the way that Keyturn knows of PostgreSQL alone. */
function* byIam(settings: CredentialsAndMore): Faults {
  for (const [place, { engine, hosts, manager }] of eachDatabase(settings)) {
    if (manager.iam === undefined) continue;
    if (engine !== "postgres") {
      yield [`${place}.manager.iam`, `must be left out with ${engine}: its manager signs in by a secret`];
    }
    for (const [i, host] of hosts.entries()) {
      if (isOfRds(host)) continue;
      yield [`${place}.hosts.${i}`, "must be the endpoint by which RDS knows it, since its manager signs in by IAM"];
    }
  }
}

function* tooMany({ credentials }: CredentialsAndMore): Faults {
  const { length } = JSON.stringify(toldOf(credentials));
  if (credentials.length === 0 || length <= MOST_CHARACTERS) return;
  yield [
    "credentials",
    `are ${length} characters long together, as functions are told of them, and must be ${MOST_CHARACTERS} at the most; \
have the others turned by a second deployment, of another stackName`,
  ];
}

/** In a VPC, a function reaches nothing outside but by a way that somebody made. Issuers are reached from anywhere. */
function* noNetwork({
  credentials,
  credentialNetwork: { vpcId, subnets, waysOut, routeTables },
}: CredentialsAndMore): Faults {
  const [first] = credentials.filter(isToken);
  const isOfTokens = credentials.every(isToken);
  if (credentials.length === 0 || (isOfTokens && vpcId === "none")) return;
  const them = isOfTokens ? "issuers" : "databases";
  if (vpcId === "none") {
    yield ["credentialNetwork.vpcId", "must be the VPC in which the databases of keyturn.credentials are reached"];
  }
  if (subnets.length === 0) {
    yield ["credentialNetwork.subnets", `must name subnets of that VPC from which the ${them} are reached`];
  }
  if (waysOut === "none") {
    yield [
      "credentialNetwork.waysOut",
      'must be "nat" where the subnets have a way to Secrets Manager and DynamoDB, or "endpoints" to have one made: without, no credential can be turned',
    ];
  }
  if (waysOut === "endpoints" && first !== undefined) {
    yield [
      "credentialNetwork.waysOut",
      `must be "nat" with a token, ${first.name}: endpoints lead to AWS alone, and its issuer is elsewhere; or have tokens turned by a second \
deployment, of another stackName`,
    ];
  } else if (waysOut === "endpoints" && routeTables.length === 0) {
    yield [
      "credentialNetwork.routeTables",
      'must name the route tables of the subnets, into which the way to DynamoDB is put, or be "there" where they have it',
    ];
  }
}

function* noTimestream({ credentials, credentialNetwork, timeSeries, formerTimeSeries }: CredentialsAndMore): Faults {
  if (credentials.length === 0 || credentials.some(isToken) || credentialNetwork.waysOut !== "endpoints") return;
  if (timeSeries === "dynamodb" && formerTimeSeries !== "timestream") return;
  yield [
    "credentialNetwork.waysOut",
    'must be "nat" unless keyturn.timeSeries is "dynamodb" and keyturn.formerTimeSeries is not "timestream": there is no endpoint by which use proofs could be read in Timestream',
  ];
}
