import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Acting, Login } from "../../functions/clients/authority.ts";
import type {
  CredentialSettings,
  DatabaseCredential,
  ManagerSettings,
} from "../../functions/shared/credential-settings.ts";
import type { Preparation } from "../../functions/shared/preparation.ts";
import { Refused } from "../deploy/report.ts";
import { type Asked, askedBy, HELP, WrongUse } from "./arguments.ts";
import type { PreparedEngine } from "./engine.ts";
import { listed } from "./listed.ts";
import { managerLogin, userOf } from "./manager-secret.ts";
import { mysqlEngine } from "./mysql.ts";
import { type OwnersWay, ownersWay } from "./owners-way.ts";
import { postgresEngine } from "./postgres.ts";

/** What a preparation has to do with. */
export interface Around {
  /** Those that cdk.json lists. @throws SettingsError */
  credentials: () => readonly CredentialSettings[];
  /** Where and as whom the SQL is run. */
  ownersUrl: string | undefined;
  secretsManager: () => Promise<SecretsManagerClient>;
  random: (bytes: number) => Buffer;
  now: () => number;
  /** Prints lines for the user. */
  print: (text: string) => void;
}

/**
 * Prints the SQL that brings a credential's database under Keyturn, or runs it.
 *
 * @returns the exit code
 * @throws WrongUse, Refused and SettingsError, each with a sentence for the user
 */
export async function prepare(args: readonly string[], around: Around): Promise<number> {
  const asked = askedBy(args);
  if (asked.help) {
    around.print(HELP);
    return 0;
  }
  const credential = listed(asked.name, around.credentials());
  if (credential.kind === "token") {
    around.print(
      `${credential.name} is a token: there is nothing to prepare for it. Its API keys stand in the secrets ` +
        `${credential.keys.join(" and ")}, as JSON with client_id and client_secret, and npm run deploy looks whether they do.`,
    );
    return 0;
  }
  const engine = engineOf(credential);
  if (asked.apply) await apply(asked, { credential, engine }, around);
  else around.print(printed(asked, { credential, engine }));
  return 0;
}

/** A credential and what speaks to its database. */
interface Subject {
  credential: DatabaseCredential;
  engine: PreparedEngine;
}

function engineOf({ engine }: DatabaseCredential): PreparedEngine {
  return engine === "postgres" ? postgresEngine : mysqlEngine(engine);
}

/** The SQL as it is read by people, who run it by themselves. */
function printed(asked: Asked, { credential, engine }: Subject): string {
  const { name, dbname, manager: by } = credential;
  const manager = managerNamed(asked, by);
  const notes = [
    `Brings the database ${dbname} under Keyturn for the credential ${name}. Run it in that database, as its owner or a superuser.`,
    ...("iamUser" in by
      ? [`The manager is ${manager.user}, who signs in by IAM: he gets no password.`]
      : [
          `The manager is ${manager.user}: if his secret ${by.secret} names another, say so by --manager USER. He gets no`,
          "password here; with --apply he gets the one of his secret, or one that is drawn and put there.",
        ]),
  ];
  const preparation = preparationOf(asked, { credential, engine }, manager);
  return [...notes.map((note) => `-- ${note}`), engine.text(preparation)].join("\n");
}

/** Who the manager is, as far as the settings and the user say it. */
function managerNamed(asked: Asked, by: ManagerSettings): Preparation["manager"] {
  if (!("iamUser" in by)) return { user: asked.manager ?? userOf(by.secret) };
  if (asked.manager === undefined || asked.manager === by.iamUser) return { user: by.iamUser, byIam: true };
  throw new WrongUse(`cdk.json names the manager ${by.iamUser}, who signs in by IAM: leave out --manager.`);
}

async function apply(asked: Asked, { credential, engine }: Subject, around: Around): Promise<void> {
  const { name, owner, manager } = credential;
  const { random, now, print } = around;
  const named = managerNamed(asked, manager);
  const way = await ownersWay(around.ownersUrl, credential, engine);
  // What cannot be prepared is said before anything is made.
  const preparation = preparationOf(asked, { credential, engine }, named);
  if (!(await engine.accepts(way, way.login)))
    throw new Refused(`${way.host} refuses the login of CREDENTIAL_PREPARE_URL.`);

  if ("secret" in manager) await runWithSecret(manager.secret, { asked, credential, engine, way, named }, around);
  else {
    await engine.run(way, preparation);
    const { users } = credential;
    print(`${users.join(" and ")} take turns as ${owner}; the manager ${named.user} may alter these two.`);
    // Only the functions' own role may sign in as him.
    print("He signs in by IAM: whether he is let in, the first rotation shows.");
  }

  const acting = await engine.tryActing(way, { credential: name, owner, random, now });
  const fault = faultOf(acting, owner, engine);
  if (fault !== undefined) throw new Refused(fault);
  print(`A login acts as ${owner}, also after ${engine.resetBy} (release ${acting.release}).`);
  if (asked.former !== undefined) print(wordsOnFormer(asked.former, name));
}

/** Runs it for a manager who signs in by the login of a secret, which is drawn where there is none, and tries that. */
async function runWithSecret(
  managerSecret: string,
  { asked, credential, engine, way, named }: Subject & { asked: Asked; way: OwnersWay; named: { user: string } },
  around: Around,
): Promise<void> {
  const { owner, users } = credential;
  const { random, print } = around;
  const client = await around.secretsManager();
  const { login, isDrawn } = await managerLogin(managerSecret, named.user, { client, random });
  if (asked.manager !== undefined && asked.manager !== login.user) {
    throw new Refused(
      `The secret ${managerSecret} names the manager ${login.user}: leave out --manager, or change the secret.`,
    );
  }
  print(
    `The manager is ${login.user}: his login ${isDrawn ? "was drawn, and stands" : "stands"} in the secret ${managerSecret}.`,
  );

  // Who is let in already keeps what he has: his login may be somebody else's to turn.
  const isKnown = await engine.accepts(way, login);
  const verifier = isKnown ? {} : { verifier: engine.verifier(login.password, random) };
  await engine.run(way, preparationOf(asked, { credential, engine }, { user: login.user, ...verifier }));
  if (!(await engine.accepts(way, login))) throw new Refused(notLetIn(login, managerSecret));
  print(`${users.join(" and ")} take turns as ${owner}; the manager may alter these two, and is let in.`);
}

/** @throws WrongUse when there can be no such one */
function preparationOf(
  { former }: Asked,
  { credential, engine }: Subject,
  manager: Preparation["manager"],
): Preparation {
  const { name, dbname, owner, users } = credential;
  const preparation = { credential: name, dbname, owner, users, manager, ...(former !== undefined && { former }) };
  try {
    engine.text(preparation);
  } catch (error) {
    // What two of the roles are called, or whom --former names.
    if (error instanceof TypeError) throw new WrongUse(`${error.message}.`);
    throw error;
  }
  return preparation;
}

function notLetIn({ user }: Login, secret: string): string {
  return (
    `The manager ${user} is not let in by the login of the secret ${secret}. Does a rule of the server's keep him out, ` +
    "or an end that his password has?"
  );
}

/** What is wrong with a login that does not act as the owner; undefined where it does. */
export function faultOf(
  { asOwner, fresh, afterDiscard, release }: Acting,
  owner: string,
  { resetBy, whyNotOwner }: Pick<PreparedEngine, "resetBy" | "whyNotOwner">,
): string | undefined {
  if (asOwner) return undefined;
  const when = fresh === owner ? `after ${resetBy}` : "from the start";
  const who = fresh === owner ? afterDiscard : fresh;
  return (
    `A login acts as ${who} ${when}, and should as ${owner}: what one user makes, the other could not use. ` +
    `${whyNotOwner(release)} The roles are prepared; rotations stop before they promote until this is so.`
  );
}

function wordsOnFormer(former: string, name: string): string {
  return (
    `${former} logs in as before. Before its first rotation, the secret ${name} must hold his login, so that his password ` +
    "is not set anew under those who use it: aws secretsmanager put-secret-value, with the value in a file."
  );
}
