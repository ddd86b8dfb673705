import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { account, quoted } from "../../../functions/mysql/quoting.ts";
import { verifierOf } from "../../../functions/mysql/verifiers.ts";
import type { DatabaseCredential } from "../../../functions/shared/credential-settings.ts";
import { lastingPort } from "../../../local/port.ts";
import { type MariadbServer, onMariadb, ROOT, startMariadb, withSession } from "../../functions/mysql/under-test.ts";
import { serverFolder } from "../../functions/postgres/under-test.ts";
import { managerSecretOf, newCredential, said } from "./preparing.ts";

test("without --apply, it prints the statements as the server's own command line takes them", async () => {
  for (const [engine, verifier] of [
    ["mariadb", "IDENTIFIED VIA mysql_native_password USING 'invalid'"],
    ["mysql", "IDENTIFIED WITH caching_sha2_password AS '$A$005$THISISACOMBINATIONOFINVALID"],
  ] as const) {
    const credential = newCredential({ engine });
    const text = await said([credential.name], [credential]);
    expect(text).toContain(`CREATE USER IF NOT EXISTS \`${credential.users[0]}\`@\`%\` ${verifier}`);
    expect(text).toMatch(/DELIMITER \$\$\nCREATE PROCEDURE .*?END\$\$\nDELIMITER ;\n/s);
    expect(text).toContain(engine === "mysql" ? `_owner\` TO \`` : `_owner\` FOR \``);
  }
});

test.each<[string, Partial<DatabaseCredential>, RegExp]>([
  ["a name that is too long", { engine: "mysql", users: ["a".repeat(33), "b"] }, /^WrongUse: the name a+ is longer/],
  [
    "the database of what the manager calls",
    { engine: "mariadb", dbname: "keyturn" },
    /^WrongUse: the database keyturn/,
  ],
])("%s is refused", async (_, changes, sentence) => {
  const credential = newCredential(changes);
  expect(await said([credential.name], [credential])).toMatch(sentence);
});

onMariadb("on MariaDB, with --apply,", () => {
  const place = serverFolder();
  const awsFolder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  let server: MariadbServer;
  let port = 0;
  let aws: EmbeddedAws;
  let client: SecretsManagerClient;
  beforeAll(async () => {
    port = await lastingPort();
    server = await startMariadb({ folder: place.folder, host: "127.0.0.1", port });
    aws = await startAws({ folder: awsFolder });
    aws.resume();
    const { endpoint, region, credentials } = aws;
    client = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    await server?.stop();
    await aws?.close();
    place.remove();
    rmSync(awsFolder, { recursive: true });
  });

  const asRoot = (...statements: string[]) =>
    withSession({ port, ...ROOT }, async (ask) => {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = await ask(statement);
      return rows;
    });
  const applied = (credential: DatabaseCredential, more: string[] = [], { user, password } = ROOT) =>
    said([credential.name, "--apply", ...more], [credential], {
      ownersUrl: `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
      secretsManager: async () => client,
    });
  async function newDatabase(): Promise<DatabaseCredential> {
    const credential = newCredential({ engine: "mariadb" });
    await asRoot(`CREATE DATABASE ${quoted(credential.dbname)}`);
    return credential;
  }
  const usersLike = async (pattern: string) =>
    (await asRoot(`SELECT User AS user FROM mysql.user WHERE User LIKE '${pattern}' ORDER BY 1`)).map(
      ({ user }) => user,
    );
  const newUser = (user: string, password = "pw") =>
    asRoot(`CREATE USER ${account(user)} IDENTIFIED BY PASSWORD '*${verifierOf(password, "mariadb", Buffer.alloc)}'`);

  test("it makes roles of which nobody can log in yet but the manager, whose password it shows nobody", async () => {
    const credential = await newDatabase();
    const { dbname, owner, users } = credential;
    const text = await applied(credential);
    expect(text).toMatch(new RegExp(`^The manager is ${dbname}_manager: his login was drawn`));
    expect(text).toMatch(
      new RegExp(`A login acts as ${owner}, also after a reset \\(release \\d+\\.\\d+\\.\\d+\\)\\.$`),
    );
    const { SecretString = "" } = await client.send(
      new GetSecretValueCommand({ SecretId: managerSecretOf(credential) }),
    );
    const { username: user, password } = JSON.parse(SecretString);
    for (const one of users) {
      for (const guess of ["", "invalid"]) {
        await expect(withSession({ port, user: one, password: guess }, (ask) => ask("SELECT 1"))).rejects.toThrow();
      }
    }
    await withSession({ port, user, password }, (ask) =>
      ask(`CALL keyturn.${quoted(`alter ${users[0]}`)}('${verifierOf("pw", "mariadb", Buffer.alloc)}', TRUE)`),
    );
    await withSession({ port, user: users[0], password: "pw", database: dbname }, (ask) =>
      ask("CREATE TABLE t (n int)"),
    );
    expect(await usersLike("keyturn%")).toEqual([]);
    const log = readFileSync(server.log, "utf8");
    expect(log).toContain("CREATE PROCEDURE");
    for (const secret of [password, ROOT.password]) {
      expect(log).not.toContain(secret);
      expect(text).not.toContain(secret);
    }
  });

  test("it does no harm when it is run again: all logins stay as they are", async () => {
    const credential = await newDatabase();
    await applied(credential);
    const kept = () =>
      asRoot(`SELECT User, HEX(Priv) FROM mysql.global_priv WHERE User LIKE '${credential.dbname}%' ORDER BY 1`);
    const before = await kept();
    expect(await applied(credential)).toMatch(
      /^The manager is \w+: his login stands in the secret .*\n.*\nA login acts/,
    );
    expect(await kept()).toEqual(before);
  });

  test("who is there already goes on, and the other can use what he has made", async () => {
    const credential = await newDatabase();
    const { dbname, users } = credential;
    const [former, other] = users;
    await newUser(former);
    await asRoot(`GRANT ALL ON ${quoted(dbname)}.* TO ${account(former)}`);
    const his = { port, user: former, password: "pw", database: dbname };
    await withSession(his, (ask) => ask("CREATE TABLE items (n int)"));
    await withSession(his, (ask) => ask("CREATE VIEW all_items AS SELECT n FROM items"));
    const text = await applied(credential, ["--former", former]);
    expect(text).toMatch(new RegExp(`\n${former} logs in as before\\. `));
    await withSession(his, (ask) => ask("INSERT INTO all_items VALUES (1)"));
    await asRoot(`CALL keyturn.${quoted(`alter ${other}`)}('${verifierOf("pw", "mariadb", Buffer.alloc)}', TRUE)`);
    const rows = await withSession({ ...his, user: other }, (ask) => ask("SELECT n FROM all_items"));
    expect(rows).toEqual([{ n: 1 }]);
  });

  test("it ends with what would be missed, and changes nothing, where the former user alone has rights elsewhere", async () => {
    const credential = await newDatabase();
    const [former, other] = credential.users;
    const elsewhere = `${credential.dbname}_elsewhere`;
    await newUser(former);
    await asRoot(
      `CREATE DATABASE ${quoted(elsewhere)}`,
      `GRANT SELECT ON ${quoted(elsewhere)}.* TO ${account(former)}`,
    );
    const missed = new RegExp(
      `Refused: ${former} has what ${other} has not: SELECT ON \`${elsewhere}\`\\.\\*\\. Make the user`,
    );
    expect(await applied(credential, ["--former", former])).toMatch(missed);
    expect(await usersLike(`${credential.dbname}%`)).toEqual([former]);
    // As the sentence says.
    await newUser(other);
    await asRoot(`GRANT SELECT ON ${quoted(elsewhere)}.* TO ${account(other)}`);
    expect(await applied(credential, ["--former", former])).toContain("A login acts as");
  });

  test.each<[string, (of: DatabaseCredential) => Promise<unknown>, Partial<DatabaseCredential>, string[], RegExp]>([
    [
      "an account of the same name from elsewhere",
      ({ users }) => asRoot(`CREATE USER ${quoted(users[1])}@'10.%' IDENTIFIED BY 'pw'`),
      {},
      [],
      /Refused: 127\.0\.0\.1 has '\w+_b'@'10\.%', and Keyturn turns users from anywhere/,
    ],
    [
      "no such former user",
      async () => {},
      {},
      ["--former"],
      /Refused: 127\.0\.0\.1 has no user \w+_a: leave out --former/,
    ],
    [
      "another server than the settings say",
      async () => {},
      { engine: "mysql" },
      [],
      /is MariaDB, and .* engine is mysql/,
    ],
    ["no such database", async () => {}, { dbname: "nowhere" }, [], /has no database nowhere: make it first/],
  ])("%s is told, and nothing is changed", async (_, make, changes, options, sentence) => {
    const credential = { ...(await newDatabase()), ...changes };
    await make(credential);
    const before = await usersLike(`${credential.users[0].slice(0, -2)}%`);
    const more = options.flatMap((option) => [option, credential.users[0]]);
    expect(await applied(credential, more)).toMatch(sentence);
    expect(await usersLike(`${credential.users[0].slice(0, -2)}%`)).toEqual(before);
  });

  test("whoever may not make users is told who may, and a wrong password", async () => {
    const credential = await newDatabase();
    const nobody = { user: `${credential.dbname}_nobody`, password: "marked-secret" };
    await newUser(nobody.user, nobody.password);
    await asRoot(`GRANT SELECT ON *.* TO ${account(nobody.user)}`);
    const denied = await applied(credential, [], nobody);
    expect(denied).toMatch(/Refused: .*\(\d+\)\. CREDENTIAL_PREPARE_URL must be of who may make users/);
    const wrong = await applied(credential, [], { ...nobody, password: "marked-other" });
    expect(wrong).toMatch(/^Refused: 127\.0\.0\.1 refuses the login of CREDENTIAL_PREPARE_URL/);
    for (const text of [denied, wrong]) expect(text).not.toContain("marked");
  });

  test("it can be run by the manager himself, where the master user of Amazon RDS is the manager", async () => {
    const credential = await newDatabase();
    const SecretString = JSON.stringify({ username: ROOT.user, password: ROOT.password });
    await client.send(new CreateSecretCommand({ Name: managerSecretOf(credential), SecretString }));
    for (const _ of [1, 2]) expect(await applied(credential)).toContain("A login acts as");
  });

  test("a manager whose secret is there is taken from it", async () => {
    const credential = await newDatabase();
    const login = { username: `${credential.dbname}_boss`, password: "of the boss" };
    await client.send(
      new CreateSecretCommand({ Name: managerSecretOf(credential), SecretString: JSON.stringify(login) }),
    );
    expect(await applied(credential)).toContain("is let in");
    await withSession({ port, user: login.username, password: login.password }, (ask) => ask("SELECT 1"));
  });
});
