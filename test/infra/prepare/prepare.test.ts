import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scramVerifier } from "../../../functions/postgres/scram-verifier.ts";
import {
  type DatabaseCredential,
  TOKENS,
  type TokenCredential,
} from "../../../functions/shared/credential-settings.ts";
import type { Around } from "../../../infra/prepare/prepare.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { onPostgres, serverFolder, startServer, withSession } from "../../functions/postgres/under-test.ts";
import { managerSecretOf, newCredential, said } from "./preparing.ts";

test("without --apply, it prints the SQL, asks nobody, and says who the manager is taken to be", async () => {
  const credential = newCredential({ manager: { secret: "Orders/manager" } });
  const text = await said([credential.name], [newCredential(), credential]);
  expect(text).toContain(`\nBEGIN;\n`);
  expect(text).toContain(`CREATE ROLE "${credential.owner}"`);
  expect(text).toContain(`ALTER ROLE "orders_manager" LOGIN CREATEROLE`);
  expect(text).not.toContain("PASSWORD '");
  expect(text).toMatch(/^(-- .*\n)+BEGIN;/);
  expect(await said([credential.name, "--manager", "boss"], [credential])).toContain(`ALTER ROLE "boss" LOGIN`);
  const former = await said([credential.name, "--former", credential.users[0]], [credential]);
  expect(former).toContain(`REASSIGN OWNED BY "${credential.users[0]}"`);
});

test("of a manager who signs in by IAM it says so, and gives him no password and no other name", async () => {
  const credential = newCredential({ manager: { iamUser: "iam_boss" } });
  const text = await said([credential.name], [credential]);
  expect(text).toContain("\n-- The manager is iam_boss, who signs in by IAM: he gets no password.\nBEGIN;");
  expect(text).toContain('GRANT rds_iam TO "iam_boss";');
  expect(text).not.toMatch(/PASSWORD|his secret/);
  expect(await said([credential.name, "--manager", "iam_boss"], [credential])).toBe(text);
  expect(await said([credential.name, "--manager", "boss"], [credential])).toMatch(
    /^WrongUse: cdk\.json names the manager iam_boss, who signs in by IAM: leave out --manager\./,
  );
  const other = newCredential();
  expect(await said([other.name], [other])).not.toContain("rds_iam");
});

test("of a token it says that there is nothing to prepare, and where its keys are, whatever is asked", async () => {
  const token: TokenCredential = {
    ...{ kind: "token", name: "api/token", users: TOKENS, consumers: [], quietSeconds: 60, deadlineSeconds: 600 },
    ...{ tokenUrl: "https://login.example/token", probeUrl: "https://api.example/me", tokensPerKey: "one" },
    ...{ keys: ["api/key-a", "api/key-b"], lifetimeSeconds: 3600 },
  };
  for (const more of [[], ["--apply"]]) {
    expect(await said(["api/token", ...more], [newCredential(), token])).toBe(
      "api/token is a token: there is nothing to prepare for it. Its API keys stand in the secrets api/key-a and api/key-b, " +
        "as JSON with client_id and client_secret, and npm run deploy looks whether they do.",
    );
  }
});

test("its help says what it takes, and on what it was tried", async () => {
  for (const help of ["--help", "-h"]) {
    expect(await said([help], [])).toMatch(/CREDENTIAL_PREPARE_URL.*Tried on PostgreSQL 18.*Untried: Amazon RDS/s);
  }
});

const NAMED = [newCredential({ name: "orders/db" }), newCredential({ name: "billing/db" })];
const URL_OF = (at: string) => `postgres://me:marked-secret@${at}`;

test.each<[string, string[], string | undefined, RegExp]>([
  ["no name", [], undefined, /^WrongUse: Which credential\? cdk\.json lists orders\/db, billing\/db\. .*--help/],
  ["a name with a slip", ["order/db"], undefined, /^WrongUse: There is no .* Is it orders\/db\? cdk\.json lists/],
  ["a name of nobody", ["nothing/like/it"], undefined, /^WrongUse: There is no credential of that name\. cdk\.json/],
  ["two names", ["orders/db", "billing/db"], undefined, /^WrongUse: One credential at a time: 2 names/],
  ["the URL as an argument", [URL_OF("h/d")], undefined, /^WrongUse: There is no credential of that name\. cdk\.json/],
  ["an option that is none", ["orders/db", "--aply"], undefined, /^WrongUse: Unknown option '--aply'\. .*--help/],
  ["an option without its value", ["orders/db", "--former"], undefined, /^WrongUse: .*--former.* argument missing\. /],
  ["a user without a name", ["orders/db", "--former="], undefined, /^WrongUse: --former wants a user's name/],
  ["a former user of nobody's", ["orders/db", "--former", "me"], undefined, /^WrongUse: .*none of the users of/],
  ["a manager who is a user", ["orders/db", "--manager", NAMED[0]?.owner ?? ""], undefined, /must be different roles/],
  ["no URL", ["orders/db", "--apply"], undefined, /^WrongUse: .*CREDENTIAL_PREPARE_URL must hold.* postgres:\/\/USER:/],
  ["what is no URL", ["orders/db", "--apply"], "marked-secret", /^WrongUse: CREDENTIAL_PREPARE_URL is no URL of this/],
  ["another kind's URL", ["orders/db", "--apply"], "mysql://me:marked-secret@h", /^WrongUse: .*is no URL of this kind/],
  ["no password", ["orders/db", "--apply"], "postgres://me@127.0.0.1", /^WrongUse: .* lacks the user, the password/],
  ["a bare %", ["orders/db", "--apply"], URL_OF("127.0.0.1/%"), /^WrongUse: .*write it as %25/],
  ["a parameter", ["orders/db", "--apply"], `${URL_OF("h")}?sslmode=disable`, /^WrongUse: .*no other parameter/],
  [
    "another database",
    ["orders/db", "--apply"],
    URL_OF("127.0.0.1/postgres"),
    /^Refused: .*the database postgres, and the credential's is stock\d+\. Correct the URL/,
  ],
  ["a network without a certificate", ["orders/db", "--apply"], URL_OF("db.example"), /^Refused: .*\?sslrootcert=FILE/],
  [
    "certificates that are not there",
    ["orders/db", "--apply"],
    `${URL_OF("db.example")}?sslrootcert=/nowhere/ca.pem`,
    /^Refused: The certificates .* cannot be read: ENOENT/,
  ],
  ["a server that is not there", ["orders/db", "--apply"], URL_OF("127.0.0.1:1"), /^Refused: .* cannot be reached: /],
])("%s is told in a sentence, and nothing secret is repeated", async (_, args, ownersUrl, sentence) => {
  const text = await said(args, NAMED, { ownersUrl });
  expect(text).toMatch(sentence);
  expect(text).not.toContain("marked-secret");
});

test("that cdk.json lists none is told", async () => {
  expect(await said(["orders/db"], [])).toMatch(/^WrongUse: cdk\.json lists no credentials: /);
});

onPostgres("on PostgreSQL, with --apply,", () => {
  const place = serverFolder();
  const awsFolder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  let server: PostgresServer;
  let aws: EmbeddedAws;
  let client: SecretsManagerClient;
  beforeAll(async () => {
    server = await startServer({ folder: place.folder, settings: { log_statement: "all", log_connections: "all" } });
    aws = await startAws({ folder: awsFolder });
    aws.resume();
    const { endpoint, region, credentials } = aws;
    client = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    await server?.remove();
    await aws?.close();
    place.remove();
    rmSync(awsFolder, { recursive: true });
  });

  const asSuperuser = (sql: string, database = "postgres") =>
    withSession({ port: server.port, ...server.superuser, database }, (session) => session.query(sql));
  const ownersUrl = ({ user, password } = server.superuser) =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}`;
  const applied = (credential: DatabaseCredential, more: string[] = [], changes: Partial<Around> = {}) =>
    said([credential.name, "--apply", ...more], [credential], {
      ownersUrl: ownersUrl(),
      secretsManager: async () => client,
      ...changes,
    });
  async function newDatabase(): Promise<DatabaseCredential> {
    const credential = newCredential();
    await asSuperuser(`CREATE DATABASE ${credential.dbname}`);
    return credential;
  }
  const inSecret = async (name: string) =>
    JSON.parse((await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString ?? "");
  const rolesLike = async (pattern: string) =>
    (await asSuperuser(`SELECT rolname FROM pg_roles WHERE rolname LIKE '${pattern}' ORDER BY 1`)).rows.map(
      ({ rolname }) => rolname,
    );

  test("it makes the roles, and draws the manager's password, which it shows nobody", async () => {
    const credential = await newDatabase();
    const { dbname, owner, users } = credential;
    const text = await applied(credential);
    expect(text).toMatch(
      new RegExp(`^The manager is ${dbname}_manager: his login was drawn, and stands in the secret`),
    );
    expect(text).toMatch(/take turns as .*; the manager may alter these two, and is let in\./);
    expect(text).toMatch(new RegExp(`A login acts as ${owner}, also after DISCARD ALL \\(release 18\\.4\\)\\.$`));
    const { username: user, password } = await inSecret(managerSecretOf(credential));
    const manager = { port: server.port, database: dbname, user, password };
    const verifier = scramVerifier("pw", randomBytes);
    await withSession(manager, (session) => session.query(`ALTER ROLE ${users[0]} PASSWORD '${verifier}'`));
    const login = { port: server.port, database: dbname, user: users[0], password: "pw" };
    const { rows } = await withSession(login, (session) => session.query("SELECT current_user AS who"));
    expect(rows).toEqual([{ who: owner }]);
    expect(await rolesLike("keyturn%")).toEqual([]);
    const log = readFileSync(server.log, "utf8");
    expect(log).toContain("DISCARD ALL");
    for (const secret of [password, server.superuser.password]) {
      expect(log).not.toContain(secret);
      expect(text).not.toContain(secret);
    }
  });

  test("it does no harm when it is run again: who is let in keeps his login, and the password stays", async () => {
    const credential = await newDatabase();
    await applied(credential);
    const former = await inSecret(managerSecretOf(credential));
    const [kept] = (await asSuperuser(passwordOf(former.username))).rows;
    expect(await applied(credential)).toMatch(
      /^The manager is \w+: his login stands in the secret .*\n.*\nA login acts/,
    );
    expect(await inSecret(managerSecretOf(credential))).toEqual(former);
    expect((await asSuperuser(passwordOf(former.username))).rows).toEqual([kept]);
  });

  test("a manager whose secret is there is taken from it, and is let in by it from then on", async () => {
    const credential = await newDatabase();
    const login = { username: `${credential.dbname}_boss`, password: "of the boss" };
    const value = JSON.stringify({ engine: "postgres", ...login });
    await client.send(new CreateSecretCommand({ Name: managerSecretOf(credential), SecretString: value }));
    expect(await applied(credential, ["--manager", "another"])).toMatch(
      /^Refused: The secret .* names the manager \w+_boss/,
    );
    expect(await rolesLike(`${credential.dbname}%`)).toEqual([]);
    expect(await applied(credential)).toContain("is let in");
    const manager = { port: server.port, database: credential.dbname, user: login.username, password: login.password };
    await withSession(manager, (session) => session.query("SELECT 1"));
  });

  test("an empty secret that is there already gets the login", async () => {
    const credential = await newDatabase();
    await client.send(new CreateSecretCommand({ Name: managerSecretOf(credential) }));
    expect(await applied(credential)).toContain("was drawn");
    expect(await inSecret(managerSecretOf(credential))).toMatchObject({ username: `${credential.dbname}_manager` });
  });

  test.each<[string, (credential: DatabaseCredential) => Promise<unknown>, Partial<DatabaseCredential>, RegExp]>([
    [
      "holds no login",
      (credential) =>
        client.send(new CreateSecretCommand({ Name: managerSecretOf(credential), SecretString: "marked-secret" })),
      {},
      /^Refused: The secret .* holds no login: it must be/,
    ],
    [
      "is deleted",
      async (credential) => {
        const Name = managerSecretOf(credential);
        await client.send(new CreateSecretCommand({ Name, SecretString: "{}" }));
        await client.send(new DeleteSecretCommand({ SecretId: Name }));
      },
      {},
      /^Refused: AWS did not give or take the manager's login .*deletion/,
    ],
    [
      "is named by an ARN of nothing",
      async () => {},
      { manager: { secret: "arn:aws:secretsmanager:us-east-1:000000000000:secret:nothing-AbCdEf" } },
      /^Refused: There is no secret arn:.*name it by its name/,
    ],
  ])("it stops before the database is changed where the manager's secret %s", async (_, make, changes, sentence) => {
    const credential = { ...(await newDatabase()), ...changes };
    await make(credential);
    const text = await applied(credential);
    expect(text).toMatch(sentence);
    expect(text).not.toContain("marked-secret");
    expect(await rolesLike(`${credential.dbname}%`)).toEqual([]);
  });

  test("a database of one user is brought over, and what comes next is said", async () => {
    const credential = await newDatabase();
    const [former] = credential.users;
    await asSuperuser(`CREATE ROLE ${former} LOGIN PASSWORD '${scramVerifier("pw", randomBytes)}'`);
    await asSuperuser(`CREATE TABLE items (); ALTER TABLE items OWNER TO ${former}`, credential.dbname);
    const text = await applied(credential, ["--former", former]);
    expect(text).toMatch(new RegExp(`\n${former} logs in as before\\. .*put-secret-value`));
    const owned = "SELECT tableowner FROM pg_tables WHERE tablename = 'items'";
    expect((await asSuperuser(owned, credential.dbname)).rows).toEqual([{ tableowner: credential.owner }]);
    await withSession({ port: server.port, database: credential.dbname, user: former, password: "pw" }, (session) =>
      session.query("SELECT FROM items"),
    );
  });

  test("what the SQL itself refuses is said in its own sentence, and nothing is changed", async () => {
    const credential = await newDatabase();
    await asSuperuser(`CREATE ROLE ${credential.users[0]} LOGIN SUPERUSER`);
    expect(await applied(credential)).toMatch(/Refused: 127\.0\.0\.1: \w+ may alter more roles than it should/);
    expect(await rolesLike(`${credential.dbname}%`)).toEqual([credential.users[0]]);
  });

  test("it can be run by the manager himself, where the master user of Amazon RDS is the manager", async () => {
    const credential = newCredential();
    const master = { user: `${credential.dbname}_master`, password: "marked-secret" };
    await asSuperuser(
      `CREATE ROLE ${master.user} LOGIN CREATEROLE CREATEDB PASSWORD '${scramVerifier(master.password, randomBytes)}';
       GRANT pg_read_all_stats TO ${master.user} WITH ADMIN TRUE`,
    );
    await asSuperuser(`CREATE DATABASE ${credential.dbname} OWNER ${master.user}`);
    const SecretString = JSON.stringify({ username: master.user, password: master.password });
    await client.send(new CreateSecretCommand({ Name: managerSecretOf(credential), SecretString }));
    for (const _ of [1, 2]) {
      const text = await applied(credential, [], { ownersUrl: ownersUrl(master) });
      expect(text).toContain("A login acts as");
    }
    const managing = { port: server.port, database: credential.dbname, ...master };
    const verifier = scramVerifier("pw", randomBytes);
    await withSession(managing, (session) => session.query(`ALTER ROLE ${credential.users[1]} PASSWORD '${verifier}'`));
  });

  test("it can be run by who owns the database and may make roles, as the master user of Amazon RDS may", async () => {
    const credential = newCredential();
    const master = { user: `${credential.dbname}_master`, password: "marked-secret" };
    await asSuperuser(
      `CREATE ROLE ${master.user} LOGIN CREATEROLE CREATEDB PASSWORD '${scramVerifier(master.password, randomBytes)}';
       GRANT pg_read_all_stats TO ${master.user} WITH ADMIN TRUE`,
    );
    await asSuperuser(`CREATE DATABASE ${credential.dbname} OWNER ${master.user}`);
    for (const _ of [1, 2]) {
      const text = await applied(credential, [], { ownersUrl: ownersUrl(master) });
      expect(text).toContain("A login acts as");
      expect(text).not.toContain("marked-secret");
    }
    expect(await rolesLike("keyturn%")).toEqual([]);
  });

  test("a manager who signs in by IAM gets no password and no secret, and may be let in by IAM; whoever runs it stays", async () => {
    const of = async (changes: { createrole_self_grant?: string } = {}) => {
      const credential = newCredential();
      const manager = `${credential.dbname}_by_iam`;
      const master = { user: `${credential.dbname}_master`, password: "marked-secret" };
      await asSuperuser(
        `CREATE ROLE ${master.user} LOGIN CREATEROLE CREATEDB PASSWORD '${scramVerifier(master.password, randomBytes)}';
         GRANT pg_read_all_stats TO ${master.user} WITH ADMIN TRUE`,
      );
      for (const [name, value] of Object.entries(changes)) {
        await asSuperuser(`ALTER ROLE ${master.user} SET ${name} = '${value}'`);
      }
      await asSuperuser(`CREATE DATABASE ${credential.dbname} OWNER ${master.user}`);
      const run = () =>
        said([credential.name, "--apply"], [{ ...credential, manager: { iamUser: manager } }], {
          ownersUrl: ownersUrl(master),
        });
      return { run, master, manager, dbname: credential.dbname };
    };
    const first = await of();
    expect(await first.run()).toMatch(/^Refused: .*There is no role rds_iam: switch IAM authentication on/);
    expect(await rolesLike(`${first.dbname}%`)).toEqual([first.master.user]);

    await asSuperuser("CREATE ROLE rds_iam");
    await asSuperuser(`GRANT rds_iam TO ${first.master.user} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    for (const _ of [1, 2]) {
      const text = await first.run();
      expect(text).toMatch(
        /may alter these two\.\nHe signs in by IAM: whether he is let in, the first rotation shows\.\nA/,
      );
    }
    const inherits = `SELECT pg_has_role('${first.manager}', 'rds_iam', 'USAGE') AS manager,
                             pg_has_role('${first.master.user}', 'rds_iam', 'USAGE') AS master`;
    expect((await asSuperuser(inherits)).rows).toEqual([{ manager: true, master: false }]);
    expect((await asSuperuser(passwordOf(first.manager))).rows).toEqual([{ rolpassword: null }]);

    // Whose roles' rights come over him would from then on be let in by IAM alone.
    const heir = await of({ createrole_self_grant: "inherit" });
    await asSuperuser(`GRANT rds_iam TO ${heir.master.user} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    expect(await heir.run()).toMatch(
      /^Refused: .*would inherit rds_iam by the manager, and be let in by no password any more/,
    );
    expect(await rolesLike(`${heir.dbname}%`)).toEqual([heir.master.user]);
  });

  test("whoever may not make roles is told who may; a wrong password, and that there is no such database", async () => {
    const credential = await newDatabase();
    const nobody = { user: `${credential.dbname}_nobody`, password: "marked-secret" };
    await asSuperuser(`CREATE ROLE ${nobody.user} LOGIN PASSWORD '${scramVerifier(nobody.password, randomBytes)}'`);
    const denied = await applied(credential, [], { ownersUrl: ownersUrl(nobody) });
    expect(denied).toMatch(/Refused: .*\(42501\)\. CREDENTIAL_PREPARE_URL must be of a superuser, or of who owns/);
    const wrong = await applied(credential, [], { ownersUrl: ownersUrl({ ...nobody, password: "marked-other" }) });
    expect(wrong).toMatch(/^Refused: 127\.0\.0\.1 refuses the login of CREDENTIAL_PREPARE_URL/);
    for (const text of [denied, wrong]) expect(text).not.toContain("marked");
    expect(await applied(newCredential())).toMatch(/^Refused: 127\.0\.0\.1 has no database stock\d+: make it first\./);
  });

  const passwordOf = (user: string) => `SELECT rolpassword FROM pg_authid WHERE rolname = '${user}'`;
});
