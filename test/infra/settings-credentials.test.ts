import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { credentialsOf } from "../../functions/shared/credential-settings.ts";
import { credentialSettingsOf, database, toldOf } from "../../infra/settings/credentials.ts";
import { checkSettings, SettingsError } from "../../infra/settings.ts";
import { BY_IAM, NETWORK, ORDERS, SHOP, WITH_CREDENTIALS } from "./credential-settings.ts";
import { firstColumn } from "./headings.ts";
import { shippedSettings } from "./synthesized.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

/** The lines that somebody reads who sets that, but for the one that says where settings are explained. */
function refusalsOf(changes: Record<string, unknown>): string[] {
  try {
    checkSettings({ ...shippedSettings(), ...changes }, { now: NOW });
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(0, -1);
    throw error;
  }
  return [];
}

const withOne = (changes: Record<string, unknown>, more: unknown[] = []) =>
  refusalsOf({ credentials: [{ ...ORDERS, ...changes }, ...more], credentialNetwork: NETWORK });
const withNetwork = (changes: Record<string, unknown>, others: Record<string, unknown> = {}) =>
  refusalsOf({ credentials: [ORDERS], credentialNetwork: { ...NETWORK, ...changes }, ...others });

describe("credentials", () => {
  test("there are none as shipped, and no network for them", () => {
    expect(checkSettings(shippedSettings())).toMatchObject({
      credentials: [],
      credentialNetwork: { vpcId: "none", subnets: [], waysOut: "none", routeTables: [] },
    });
  });

  test("what need not be said is as docs/deploying.md has it", () => {
    const { credentials } = checkSettings({ ...shippedSettings(), ...WITH_CREDENTIALS }, { now: NOW });
    expect(credentials[0]).toMatchObject({
      quietMinutes: 65,
      deadlineHours: 24,
      existingSecret: false,
      instancesRead: false,
    });
    expect(credentials[1]).toMatchObject(SHOP);
  });

  test("functions are told of them in the form in which they read them", () => {
    const { credentials } = checkSettings({ ...shippedSettings(), ...WITH_CREDENTIALS }, { now: NOW });
    const [orders, shop] = credentialsOf(JSON.stringify(toldOf(credentials)));
    expect(orders).toEqual({
      kind: "database",
      name: "orders/db",
      engine: "postgres",
      hosts: ORDERS.hosts,
      port: 5432,
      dbname: "orders",
      owner: "orders",
      users: ["orders_a", "orders_b"],
      manager: { secret: "orders/manager" },
      consumers: ORDERS.consumers,
      quietSeconds: 3900,
      deadlineSeconds: 86_400,
      tls: "rds",
    });
    expect(shop).toMatchObject({ tlsName: SHOP.tlsName, manager: SHOP.manager, quietSeconds: 5400 });
  });

  test.each([
    ["name", "orders db", "0.name must be the name of a secret in Secrets Manager"],
    ["name", "0a1b2c", "0.name must be another one: it looks like the ID of an instance"],
    ["name", "i-0abc1234def567890", "0.name must be another one: it looks like the ID of a host"],
    ["name", "fleet-rotation", '0.name must be another one: by "fleet-rotation" people are told of something else'],
    ["name", "mail", '0.name must be another one: by "mail"'],
    ["engine", "oracle", '0.engine must be "postgres" or "mysql" or "mariadb"; it is "oracle"'],
    ["hosts", [], "0.hosts must name a server at least; it is []"],
    ["hosts", ["a.example.com:5432"], "0.hosts.0 must be the name of a server, without port"],
    ["hosts", ["A.example.com", "a.example.com"], '0.hosts.1 is "A.example.com" once more'],
    ["hosts", ["orders.proxy-abc123.eu-west-1.rds.amazonaws.com"], "0.hosts.0 must be the database itself and no RDS"],
    [
      "hosts",
      ["r.endpoint.proxy-abc1.eu-west-1.rds.amazonaws.com"],
      "0.hosts.0 must be the database itself and no RDS",
    ],
    ["hosts", ["orders.cluster-ro-abc123.eu-west-1.rds.amazonaws.com"], "0.hosts.0 must be one server"],
    ["hosts", ["orders.cluster-custom-abc1.eu-west-1.rds.amazonaws.com"], "0.hosts.0 must be one server"],
    ["hosts", ["db.example.com"], "0.tlsName must be the name that the server's certificate has"],
    ["port", 0, "0.port must be a whole number from 1 to 65535"],
    ["dbname", "or ders", "0.dbname must be 1 to 63 letters, digits, _ and -"],
    ["owner", "o".repeat(64), "0.owner must be 1 to 63 letters, digits, _ and -"],
    ["owner", "rds_superuser", "0.owner must be a role that was made for this alone"],
    ["owner", "orders_a", "0.owner must be none of the two users"],
    ["users", ["orders_a"], "0.users must be the two users that take turns"],
    ["users", ["orders_a", "orders_b", "orders_c"], "0.users must be the two users that take turns"],
    ["users", ["orders_a", "postgres"], "0.users.1 must be a role that was made for this alone"],
    ["users", ["orders_a", "orders_a"], '0.users.1 is "orders_a" once more'],
    ["manager", {}, '0.manager must be { "secret": … }, or { "user": …, "iam": true } where Amazon RDS'],
    ["manager", { user: "boss" }, '0.manager must be { "secret": … }, or { "user": …, "iam": true }'],
    ["manager", { iam: true }, '0.manager must be { "secret": … }, or { "user": …, "iam": true }'],
    ["manager", { secret: "a", user: "boss", iam: true }, '0.manager must be { "secret": … }, or { "user": …,'],
    ["manager", { user: "boss", iam: false }, "0.manager.iam must be true"],
    ["manager", { user: "b*", iam: true }, "0.manager.user must be 1 to 63 letters, digits, _ and -"],
    ["manager", { user: "orders_b", iam: true }, "0.manager.user must be another role"],
    ["manager", { user: "orders", iam: true }, "0.manager.user must be another role"],
    [
      "manager",
      { secret: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a" },
      "0.manager.secret must be the name or",
    ],
    ["manager", { secret: "orders/db" }, "0.manager.secret must be another secret"],
    ["manager", { secret: "a", password: "b" }, "0.manager.password is no setting"],
    ["consumers", [{ name: "two words", seenBy: "proofs" }], "0.consumers.0.name must be 1 to 63 letters, digits and"],
    ["consumers", [{ name: "keyturn", seenBy: "proofs" }], "0.consumers.0.name must be another one"],
    ["consumers", [{ name: "web", seenBy: "logs" }], '0.consumers.0.seenBy must be "sessions" or "proofs"'],
    ["consumers", [ORDERS.consumers[0], ORDERS.consumers[0]], '0.consumers.1.name is "orders-web" once more'],
    ["quietMinutes", 0, "0.quietMinutes must be a whole number from 1 to 10080"],
    ["deadlineHours", 1, "0.deadlineHours must be longer than the quiet time, 65 minutes"],
    ["deadlineHours", 310, "0.deadlineHours must be 309 at the most with a quietMinutes of 65"],
    ["securityGroup", "default", "0.securityGroup must be the ID of the database's security group"],
    ["tlsName", "", "0.tlsName must be a name that the server's certificate has"],
    ["existingSecret", "yes", "0.existingSecret must be true or false"],
    ["password", "x", "0.password is no setting"],
  ])("a wrong %s is stopped with one sentence", (name, value, sentence) => {
    expect(withOne({ [name]: value })).toEqual([
      expect.stringContaining(`In cdk.json, keyturn.credentials.${sentence}`),
    ]);
  });

  test.each([
    ["rate(2 hours)", 'must be like "rate(30 days)"'],
    ["rate(24 hours)", 'must be like "rate(30 days)"'],
    ["rate(1 days)", 'must be like "rate(30 days)"'],
    ["rate(1000 days)", 'must be like "rate(30 days)"'],
    ["cron(30 4 1 * ? *)", 'has "30" as minutes, which must be 0'],
    ["cron(0 4 1 * ? 2027)", 'has "2027" as year, which must be *'],
    ["cron(0 4 LW * ? *)", 'has "LW" as day-of-month, which Secrets Manager does not know'],
    ["cron(0 4 1 * * *)", "of which exactly one must be ?"],
    ["cron(0 4 31 2 ? *)", "must fire in the years to come"],
    ["cron(0 0/3 * * ? *)", "must leave four hours between rotations"],
  ])("the schedule %s is refused", (schedule, sentence) => {
    expect(withOne({ schedule })).toEqual([expect.stringContaining(sentence)]);
  });

  test.each(["rate(4 hours)", "rate(1 day)", "rate(999 days)", "cron(0 0/4 * * ? *)", "cron(0 16 L * ? *)"])(
    "the schedule %s is taken",
    (schedule) => {
      expect(withOne({ schedule })).toEqual([]);
    },
  );

  test("a rotation that would come before the last one's consumers can have moved is refused", () => {
    const [refusal] = withOne({ schedule: "rate(4 hours)", quietMinutes: 240 });
    expect(refusal).toContain(
      "credentials.0.quietMinutes must be shorter than the schedule's shortest pause, 240 minutes",
    );
    expect(withOne({ schedule: "rate(4 hours)", quietMinutes: 239 })).toEqual([]);
  });

  test("what is MySQL's own is asked of MySQL alone", () => {
    const users = ["orders_a", "o".repeat(33)];
    expect(withOne({ users })).toEqual([]);
    const [refusal] = withOne({ users, engine: "mariadb" });
    expect(refusal).toContain("credentials.0.users.1 must be 32 characters at the most");
  });

  test("a manager who signs in by IAM is told of by his name, and is one of PostgreSQL's, on servers that RDS knows", () => {
    const manager = BY_IAM;
    const settings = { ...shippedSettings(), ...WITH_CREDENTIALS, credentials: [{ ...ORDERS, manager }] };
    const { credentials } = checkSettings(settings, { now: NOW });
    expect(credentialSettingsOf(credentials)).toMatchObject([{ manager: { iamUser: "orders_manager" } }]);
    for (const engine of ["mysql", "mariadb"]) {
      const sentence = `credentials.0.manager.iam must be left out with ${engine}: its manager signs in by a secret`;
      expect(withOne({ manager, engine })).toEqual([expect.stringContaining(sentence)]);
    }
    const hosts = [ORDERS.hosts[0], "db.example.com"];
    expect(withOne({ manager, hosts, tlsName: "orders.abc123.eu-west-1.rds.amazonaws.com" })).toEqual([
      expect.stringContaining("credentials.0.hosts.1 must be the endpoint by which RDS knows it"),
    ]);
  });

  test("two of one name, and two that turn one user of one server, are refused; of two servers, they are not", () => {
    expect(withOne({}, [ORDERS])).toEqual([expect.stringContaining('credentials.1.name is "orders/db" once more')]);
    const other = { ...ORDERS, name: "orders/reports", users: ["orders_b", "orders_c"] };
    expect(withOne({}, [other])).toEqual([
      expect.stringContaining("credentials.1.users.0 is a user of the credential orders/db on the same server"),
    ]);
    expect(withOne({}, [{ ...other, port: 5433 }])).toEqual([]);
  });

  test("more of them than a function can be told of are refused before Lambda does", () => {
    const many = Array.from({ length: 7 }, (_, i) => ({ ...ORDERS, name: `orders/${i}`, port: 5432 + i }));
    const [refusal, ...more] = refusalsOf({ credentials: many, credentialNetwork: NETWORK });
    expect(refusal).toMatch(/keyturn\.credentials are \d{4} characters long together, .* must be 2550 at the most/);
    expect(more).toEqual([]);
    expect(refusalsOf({ credentials: many.slice(0, 6), credentialNetwork: NETWORK })).toEqual([]);
  });

  test("without a network, and a way out of it, none is deployed", () => {
    const named = refusalsOf({ credentials: [ORDERS] }).map((line) => /keyturn\.(\S+) must/.exec(line)?.[1]);
    expect(named).toEqual(["vpcId", "subnets", "waysOut"].map((name) => `credentialNetwork.${name}`));
    expect(refusalsOf({ credentialNetwork: NETWORK })).toEqual([]);
  });

  test.each([
    ["vpcId", "default", 'must be "none" or the ID of a VPC'],
    ["subnets", ["public"], "credentialNetwork.subnets.0 must be the ID of a subnet"],
    ["subnets", [NETWORK.subnets[0], NETWORK.subnets[0]], "credentialNetwork.subnets.1 is"],
    ["waysOut", "vpn", 'credentialNetwork.waysOut must be "none" or "nat" or "endpoints"'],
    ["routeTables", "main", "credentialNetwork.routeTables must be the route tables of the subnets"],
    ["routeTables", ["main"], "credentialNetwork.routeTables.0 must be the ID of a route table"],
  ])("a malformed %s of the network is stopped with a sentence", (name, value, sentence) => {
    expect(withNetwork({ [name]: value })).toEqual([expect.stringContaining(sentence)]);
  });

  test("endpoints are put into route tables, unless these lead to DynamoDB already", () => {
    const dynamodb = { timeSeries: "dynamodb" };
    expect(withNetwork({ waysOut: "endpoints" }, dynamodb)).toEqual([
      expect.stringContaining("credentialNetwork.routeTables must name the route tables of the subnets"),
    ]);
    expect(withNetwork({ waysOut: "endpoints", routeTables: "there" }, dynamodb)).toEqual([]);
  });

  test.each([
    { timeSeries: "auto" },
    { timeSeries: "timestream" },
    { timeSeries: "dynamodb", formerTimeSeries: "timestream" },
  ])("with endpoints, use proofs cannot be read in Timestream: %j is refused", (series) => {
    const endpoints = { waysOut: "endpoints", routeTables: "there" };
    const [refusal, ...more] = withNetwork(endpoints, series);
    expect(refusal).toContain('credentialNetwork.waysOut must be "nat" unless keyturn.timeSeries is "dynamodb"');
    expect(more).toEqual([]);
    expect(withNetwork({}, series)).toEqual([]);
  });

  test("docs/deploying.md lists exactly what is said of one", () => {
    const text = readFileSync(new URL("../../docs/deploying.md", import.meta.url), "utf8");
    const message =
      "docs/deploying.md, Credentials: a row for each field of infra/settings/credentials.ts, and no other";
    expect(firstColumn(text, "Credentials").sort(), message).toEqual(Object.keys(database.shape).sort());
  });
});
