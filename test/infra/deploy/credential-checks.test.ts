import { describe, expect, test } from "vitest";
import { secretIdOf } from "../../../infra/credentials.ts";
import { type FakeAccount, fakeAccount, freshAccount } from "../../../infra/deploy/account.fake.ts";
import type { Secret, Stack } from "../../../infra/deploy/account.ts";
import { questionsBefore } from "../../../infra/deploy/checks.ts";
import { namesFor } from "../../../infra/deploy/names.ts";
import type { Plan } from "../../../infra/deploy/plan.ts";
import { answersTo } from "../../../infra/deploy/report.ts";
import { checkSettings } from "../../../infra/settings.ts";
import { settled } from "../../../infra/time-series.ts";
import { API, BY_IAM, NETWORK, ORDERS, SHOP, SHORT, WITH_CREDENTIALS, WITH_TOKENS } from "../credential-settings.ts";
import { shippedSettings } from "../synthesized.ts";

const RUNNING: Stack = { status: "UPDATE_COMPLETE", timeSeries: "dynamodb" };
const FLEET = { id: "Keyturn", parts: ["fleet"] } as const;
const BY_HAND: Secret = { isDeleted: false, stack: undefined, logicalId: undefined };
const place = { account: "111122223333", region: "eu-west-1" };

/** An account in which all is there that is named, and nothing of the stack's own. */
function ready(changes: Partial<FakeAccount> = {}): FakeAccount {
  return freshAccount({
    subnets: new Map(NETWORK.subnets.map((id) => [id, NETWORK.vpcId])),
    securityGroups: new Set([ORDERS.securityGroup, SHOP.securityGroup]),
    secrets: new Map([ORDERS.manager.secret, SHOP.manager.secret, SHOP.name].map((name) => [name, BY_HAND])),
    ...changes,
  });
}

const settingsWith = (changes: Record<string, unknown>) =>
  settled(checkSettings({ ...shippedSettings(), ...WITH_CREDENTIALS, ...changes }), undefined);

/** What speaks against a deployment. */
async function complaints(
  has: FakeAccount,
  { stack, ...changes }: { stack?: Plan["stack"]; [setting: string]: unknown } = {},
): Promise<string[]> {
  const settings = settingsWith(changes);
  const plan: Plan = { ...FLEET, settings, names: namesFor(settings, place.region), place, stack };
  return (await answersTo(questionsBefore(plan, fakeAccount(has)))).complaints;
}

const withSecret = (name: string, secret: Secret) => {
  const has = ready();
  has.secrets.set(name, secret);
  return has;
};

describe("before credentials are turned", () => {
  test("nothing speaks against it where all is there", async () => {
    expect(await complaints(ready())).toEqual([]);
  });

  test("where there are none, nothing is asked about them", async () => {
    expect(await complaints(freshAccount(), { credentials: [] })).toEqual([]);
  });

  test("a subnet that is not there, or in another VPC, is named", async () => {
    const [one = "", other = ""] = NETWORK.subnets;
    expect(await complaints(ready({ subnets: new Map([[other, "vpc-1"]]) }))).toEqual([
      expect.stringContaining(`The subnet ${one} is not there in eu-west-1`),
      expect.stringContaining(`The subnet ${other} is in vpc-1, and not in ${NETWORK.vpcId}`),
    ]);
  });

  test("a database's security group that is not there is named, with its credential", async () => {
    expect(await complaints(ready({ securityGroups: new Set([SHOP.securityGroup]) }))).toEqual([
      expect.stringContaining(`The security group ${ORDERS.securityGroup} of the credential orders/db is not there`),
    ]);
  });

  test("of a manager who signs in by IAM nothing is asked", async () => {
    const has = ready();
    has.secrets.delete(ORDERS.manager.secret);
    expect(await complaints(has, { credentials: [{ ...ORDERS, manager: BY_IAM }] })).toEqual([]);
  });

  test("a manager without a secret is named", async () => {
    const has = ready();
    has.secrets.delete(ORDERS.manager.secret);
    expect(await complaints(has)).toEqual([expect.stringContaining("There is no secret orders/manager")]);
  });

  test("a secret that is to be there and is not, or is about to be deleted, is named", async () => {
    const has = ready();
    has.secrets.delete(SHOP.name);
    expect(await complaints(has)).toEqual([expect.stringContaining("There is no secret shop/db")]);
    for (const { name } of [ORDERS, SHOP]) {
      expect(await complaints(withSecret(name, { ...BY_HAND, isDeleted: true }))).toEqual([
        expect.stringContaining(`aws secretsmanager restore-secret --secret-id ${name}`),
      ]);
    }
  });

  test("a secret that is there already is not made: the setting is named that takes it", async () => {
    const there =
      "The secret orders/db is there already. To have that one turned, say so in its credential in cdk.json";
    // By hand before the first deployment, by somebody else's stack, and by a stack of ours that was removed.
    expect(await complaints(withSecret("orders/db", BY_HAND))).toEqual([expect.stringContaining(there)]);
    const foreign = { isDeleted: false, stack: "Shop", logicalId: "Secret" };
    expect(await complaints(withSecret("orders/db", foreign), { stack: RUNNING })).toEqual([
      expect.stringContaining(there),
    ]);
    const removed = { isDeleted: false, stack: "Keyturn", logicalId: "any" };
    expect(await complaints(withSecret("orders/db", removed))).toEqual([expect.stringContaining(there)]);
  });

  test("the stack's own is taken as it is, until CloudFormation would draw another password into it", async () => {
    const [orders] = settingsWith({}).credentials;
    const own = { isDeleted: false, stack: "Keyturn", logicalId: secretIdOf(orders as NonNullable<typeof orders>) };
    const has = withSecret("orders/db", own);
    expect(await complaints(has, { stack: RUNNING })).toEqual([]);
    // Of what others may change nothing is drawn.
    const slower = { ...ORDERS, schedule: "rate(60 days)", consumers: [], quietMinutes: 10 };
    expect(await complaints(has, { stack: RUNNING, credentials: [slower, SHOP] })).toEqual([]);
    const moved = { ...ORDERS, hosts: ["orders.cluster-b.eu-west-1.rds.amazonaws.com"] };
    expect(await complaints(has, { stack: RUNNING, credentials: [moved, SHOP] })).toEqual([
      expect.stringMatching(/first of hosts.* another one than when its secret was made.*"existingSecret": true/),
    ]);
    expect(await complaints(has, { stack: RUNNING, credentials: [{ ...moved, existingSecret: true }, SHOP] })).toEqual(
      [],
    );
  });
});

describe("before tokens are turned", () => {
  const keyOf = (client_id: string) => JSON.stringify({ client_id, client_secret: "hidden" });
  const ROLE = { id: "AROAIMPORTER", arn: "arn:aws:iam::111122223333:role/service/importer", trust: {} };

  /** An account that has all that API and SHORT rest on, and no network. */
  function readyForTokens(changes: Partial<FakeAccount> = {}): FakeAccount {
    const keys = [...API.keys, ...SHORT.keys];
    return freshAccount({
      secrets: new Map(keys.map((name) => [name, BY_HAND])),
      values: new Map(keys.map((name) => [name, keyOf(`client of ${name}`)])),
      roles: new Map([["importer", ROLE]]),
      ...changes,
    });
  }

  /** What is said of a deployment of tokens. */
  async function said(has: FakeAccount, credentials: unknown[] = [API, SHORT]) {
    const settings = settled(checkSettings({ ...shippedSettings(), ...WITH_TOKENS, credentials }), undefined);
    const plan: Plan = { ...FLEET, settings, names: namesFor(settings, place.region), place, stack: undefined };
    const { complaints, notes } = await answersTo(questionsBefore(plan, fakeAccount(has)));
    expect(JSON.stringify([complaints, notes])).not.toContain("hidden");
    return { complaints, notes };
  }

  test("nothing speaks against it where all is there, and of networks and databases nothing is asked", async () => {
    expect((await said(readyForTokens())).complaints).toEqual([]);
  });

  test("a key that is not there, or holds none, is named with what it lacks, and nothing of its value", async () => {
    const without = readyForTokens();
    without.secrets.delete("maps/key");
    expect((await said(without)).complaints).toEqual([
      expect.stringContaining("There is no secret maps/key, with whose API key the token maps/token is made: make it"),
    ]);
    for (const [value, lacks] of [
      [undefined, "no client_id and no client_secret"],
      ["client_secret=hidden", "no client_id and no client_secret"],
      [JSON.stringify({ client_id: "", client_secret: "hidden" }), "no client_id"],
      [JSON.stringify({ client_id: "keyturn", secret: "hidden" }), "no client_secret"],
    ] as const) {
      const has = readyForTokens();
      if (value === undefined) has.values.delete("maps/key");
      else has.values.set("maps/key", value);
      expect((await said(has)).complaints).toEqual([
        expect.stringContaining(`The secret maps/key of the token maps/token has ${lacks}: its value must be JSON`),
      ]);
    }
  });

  test("two secrets with one API key are told of where it has one token at a time", async () => {
    const [one, other] = API.keys;
    const has = readyForTokens();
    has.values.set(other ?? "", keyOf(`client of ${one}`));
    const complaint = expect.stringContaining(
      `The secrets ${one} and ${other} of the token api/token have the same client_id, and each fetch would end the token in use`,
    );
    expect((await said(has)).complaints).toEqual([complaint]);
    expect((await said(has, [{ ...API, tokensPerKey: "many" }, SHORT])).complaints).toEqual([]);
  });

  test("a secret that is there already is asked for its token; one that holds none is no fault", async () => {
    const credentials = [{ ...API, existingSecret: true }, SHORT];
    const has = readyForTokens();
    expect((await said(has, credentials)).complaints).toEqual([
      expect.stringContaining("There is no secret api/token"),
    ]);
    has.secrets.set("api/token", BY_HAND);
    const note = expect.stringContaining(
      "The secret api/token has no access_token: its consumers have a token from the first",
    );
    expect(await said(has, credentials)).toEqual({ complaints: [], notes: expect.arrayContaining([note]) });
    has.values.set("api/token", JSON.stringify({ access_token: "hidden" }));
    expect((await said(has, credentials)).notes).not.toContainEqual(note);
    // A database's until now, under the same name.
    has.values.set("api/token", JSON.stringify({ username: "orders_a", password: "hidden" }));
    const { complaints } = await said(has, credentials);
    expect(complaints).toEqual([expect.stringContaining("The secret api/token holds a login")]);
    expect(complaints.join()).not.toMatch(/hidden|orders_a/);
    expect((await said(has)).complaints).toEqual([
      expect.stringContaining('say so in its credential in cdk.json: "existingSecret": true'),
    ]);
  });

  test("a secret that was made for a database is not written over for a token", async () => {
    const [orders] = settingsWith({}).credentials;
    const logicalId = secretIdOf(orders as NonNullable<typeof orders>);
    const has = readyForTokens();
    has.secrets.set(ORDERS.name, { isDeleted: false, stack: "Keyturn", logicalId });
    has.stacks.set("Keyturn", RUNNING);
    const settings = settled(
      checkSettings({ ...shippedSettings(), ...WITH_TOKENS, credentials: [{ ...API, name: ORDERS.name }] }),
      undefined,
    );
    const plan: Plan = { ...FLEET, settings, names: namesFor(settings, place.region), place, stack: RUNNING };
    expect((await answersTo(questionsBefore(plan, fakeAccount(has)))).complaints).toEqual([
      expect.stringContaining("The secret orders/db was made for a database"),
    ]);
  });

  test("a consumer's role that is not there, or has another path, is named once for each way in which it is written", async () => {
    expect((await said(readyForTokens({ roles: new Map() }), [API])).complaints).toEqual([
      expect.stringContaining("There is no role service/importer in this account: correct the consumer's role"),
    ]);
    const moved = readyForTokens({
      roles: new Map([["importer", { ...ROLE, arn: "arn:aws:iam::111122223333:role/importer" }]]),
    });
    expect((await said(moved)).complaints).toEqual(
      ["service/importer", "arn:aws:iam::111122223333:role/service/importer"].map((role) =>
        expect.stringContaining(`The role ${role} of a consumer is arn:aws:iam::111122223333:role/importer`),
      ),
    );
  });
});
