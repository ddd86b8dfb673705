import { beforeAll, expect, test } from "vitest";
import type { Account, TrustPolicy } from "../../../infra/deploy/account.ts";
import type { SeriesStore } from "../../../protocol/index.ts";

/** An account in which there can be something, by the calls that make it on AWS. */
export interface AccountUnderTest {
  account: Account;
  region: string;
  /** A stack whose output says where samples go. */
  makeStack(name: string, timeSeries: SeriesStore): Promise<void>;
  bootstrap(qualifier: string): Promise<void>;
  /** @returns the key's ID */
  makeKey(description: string, alias?: string): Promise<string>;
  scheduleDeletion(keyId: string): Promise<void>;
  makeTable(name: string): Promise<void>;
  makeLogGroup(name: string): Promise<void>;
  /** @returns the VPC's ID */
  makeVpc(): Promise<string>;
  /** @returns the subnet's ID */
  makeSubnet(vpcId: string): Promise<string>;
  /** @returns the security group's ID */
  makeSecurityGroup(vpcId: string): Promise<string>;
  /** @param value the empty JSON object where it is left out */
  makeSecret(name: string, value?: string): Promise<void>;
  deleteSecret(name: string): Promise<void>;
  makePolicy(name: string): Promise<void>;
  /** @returns the role's unique ID */
  makeRole(name: string, trust: TrustPolicy): Promise<string>;
}

const TRUST: TrustPolicy & { Version: string } = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" } }],
};

/** What all accounts answer; `make` is called once, for one without anything of ours. */
export function accountSuite(make: () => AccountUnderTest | Promise<AccountUnderTest>): void {
  let under: AccountUnderTest;
  let account: Account;
  beforeAll(async () => {
    under = await make();
    account = under.account;
  });

  test("it says whose and where it is", async () => {
    const { account: id, region } = await account.place();
    expect(id).toMatch(/^\d{12}$/);
    expect(region).toBe(under.region);
  });

  test("a stack is known by its name, with its status and where its samples go", async () => {
    expect(await account.stack("Keyturn")).toBeUndefined();
    await under.makeStack("Keyturn", "timestream");
    expect(await account.stack("Keyturn")).toEqual({ status: "CREATE_COMPLETE", timeSeries: "timestream" });
    expect(await account.stack("Keytur")).toBeUndefined();
  });

  test("CDK's own stack is known by its qualifier", async () => {
    expect(await account.isBootstrapped("mine")).toBe(false);
    await under.bootstrap("mine");
    expect(await account.isBootstrapped("mine")).toBe(true);
    expect(await account.isBootstrapped("other")).toBe(false);
  });

  test("of aliases those that are taken are named, with their keys", async () => {
    const asked = ["alias/asked-tables", "alias/asked-nonces"];
    expect(await account.aliases(asked)).toEqual(new Map());
    const key = await under.makeKey("tables", "alias/asked-tables");
    await under.makeKey("another's", "alias/asked-tables-of-somebody");
    expect(await account.aliases(asked)).toEqual(new Map([["alias/asked-tables", key]]));
  });

  test("keys are found by their descriptions, all of one, and none that is to be deleted", async () => {
    const [one, other, deleted] = [
      await under.makeKey("kept"),
      await under.makeKey("kept"),
      await under.makeKey("kept"),
    ];
    await under.scheduleDeletion(deleted);
    const found = await account.keysDescribed(["kept", "never made"]);
    expect([...found.keys()]).toEqual(["kept"]);
    expect(found.get("kept")?.sort()).toEqual([one, other].sort());
  });

  test("tables and log groups are known by their whole names", async () => {
    expect([await account.hasTable("one"), await account.hasLogGroup("/one")]).toEqual([false, false]);
    await under.makeTable("one");
    await under.makeLogGroup("/one-more");
    expect([await account.hasTable("one"), await account.hasLogGroup("/one")]).toEqual([true, false]);
    await under.makeLogGroup("/one");
    expect([await account.hasTable("on"), await account.hasLogGroup("/one")]).toEqual([false, true]);
  });

  test("a VPC is known by its ID, and the default one without", async () => {
    const id = await under.makeVpc();
    expect([await account.hasVpc("default"), await account.hasVpc(id)]).toEqual([true, true]);
    expect(await account.hasVpc("vpc-0123456789abcdef0")).toBe(false);
  });

  test("subnets and security groups are known by their IDs, subnets with their VPC", async () => {
    const [subnetId, groupId] = ["subnet-0123456789abcdef0", "sg-0123456789abcdef0"];
    expect(await account.subnets([subnetId])).toEqual(new Map());
    expect(await account.securityGroups([groupId])).toEqual(new Set());
    const vpc = await under.makeVpc();
    const subnet = await under.makeSubnet(vpc);
    const group = await under.makeSecurityGroup(vpc);
    expect(await account.subnets([subnet, subnetId])).toEqual(new Map([[subnet, vpc]]));
    expect(await account.securityGroups([group, groupId])).toEqual(new Set([group]));
  });

  test("a secret is known by its name, also while its deletion is waited for", async () => {
    expect(await account.secret("orders/db")).toBeUndefined();
    await under.makeSecret("orders/db");
    const byHand = { stack: undefined, logicalId: undefined };
    expect(await account.secret("orders/db")).toEqual({ isDeleted: false, ...byHand });
    await under.deleteSecret("orders/db");
    expect(await account.secret("orders/db")).toEqual({ isDeleted: true, ...byHand });
    expect(await account.secret("orders")).toBeUndefined();
  });

  test("of a secret's value it is told which texts it has, and not what they are", async () => {
    expect(await account.textFields("api/nothing")).toEqual(new Set());
    for (const [name, value, fields] of [
      [
        "api/key",
        { client_id: "a", client_secret: "hidden", scopes: [], empty: "", other: null },
        ["client_id", "client_secret"],
      ],
      ["api/list", ["client_id"], []],
      ["api/text", "client_id", []],
    ] as const) {
      await under.makeSecret(name, JSON.stringify(value));
      expect(await account.textFields(name)).toEqual(new Set(fields));
    }
    await under.makeSecret("api/no-json", '{"client_secret":');
    expect(await account.textFields("api/no-json")).toEqual(new Set());
  });

  test("two secrets are compared by one field of their values", async () => {
    await under.makeSecret("two/a", JSON.stringify({ client_id: "a", client_secret: "hidden" }));
    await under.makeSecret("two/b", JSON.stringify({ client_id: "b", client_secret: "hidden" }));
    expect(await account.haveSameText("client_id", ["two/a", "two/b"])).toBe(false);
    expect(await account.haveSameText("client_secret", ["two/a", "two/b"])).toBe(true);
    expect(await account.haveSameText("scope", ["two/a", "two/b"])).toBe(false);
    expect(await account.haveSameText("client_id", ["two/a", "two/none"])).toBe(false);
  });

  test("a role is known by its name, with its unique ID and who may assume it", async () => {
    expect(await account.role("Web")).toBeUndefined();
    const id = await under.makeRole("Web", TRUST);
    expect(await account.role("Web")).toEqual({
      id,
      arn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\/Web$/),
      trust: expect.objectContaining({ Statement: TRUST.Statement }),
    });
  });

  test("a managed policy is known by its name", async () => {
    expect(await account.hasPolicy("Boundary")).toBe(false);
    await under.makePolicy("Boundary");
    expect(await account.hasPolicy("Boundary")).toBe(true);
  });
}
