import { beforeAll, expect, test } from "vitest";
import type { Holders } from "../../../infra/destroy/holders.ts";

/** An account in which there can be something that holds what a stack has made. */
export interface HoldersUnderTest {
  holders: Holders;
  /** A stack with a topic of this name. */
  makeStack(name: string, topic: string): Promise<void>;
  /** @returns the ID of a new security group */
  makeGroup(name: string): Promise<string>;
  /** An instance profile that any host may run under. */
  makeProfile(name: string): Promise<void>;
  /** @returns the ID of a host that runs */
  launch(with_: { group?: string; profile?: string; tag?: { key: string; value: string } }): Promise<string>;
  terminate(ec2InstanceId: string): Promise<void>;
  /** @returns the ID of an interface that is of no host */
  makeInterface(group: string): Promise<string>;
  /** Lets a group be reached from the hosts of another. */
  allowFrom(group: string, from: string): Promise<void>;
  /** @returns what the policy that is attached is called by */
  makeRoleWithPolicies(role: string, inline: string): Promise<string>;
  /** Attaches a managed policy, by its ARN, to a user and to a group that are made for it. */
  attachTo(policyArn: string, to: { user: string; group: string }): Promise<void>;
  /** An event bus with rules of these names. */
  makeBusWithRules(bus: string, rules: readonly string[]): Promise<void>;
}

/** What all holders answer; `make` is called once. */
export function holdersSuite(make: () => HoldersUnderTest | Promise<HoldersUnderTest>): void {
  let under: HoldersUnderTest;
  let holders: Holders;
  beforeAll(async () => {
    under = await make();
    holders = under.holders;
  });

  test("what a stack has made is listed by its logical IDs", async () => {
    await under.makeStack("Held", "held");
    const [topic, ...more] = await holders.resources("Held");
    expect(topic).toMatchObject({ logicalId: "Topic", type: "AWS::SNS::Topic", id: expect.stringMatching(/held$/) });
    expect(more).toEqual([]);
    expect(await holders.resources("Never")).toEqual([]);
  });

  test("hosts are found by their group and by a tag, until they have ended", async () => {
    const tag = { key: "held", value: "yes" };
    const group = await under.makeGroup("of-hosts");
    const one = await under.launch({ group, tag });
    const other = await under.launch({ tag });
    await under.launch({});
    expect(await holders.hostsInGroup(group)).toEqual([{ ec2InstanceId: one }]);
    const tagged = await holders.hostsTagged(tag);
    expect(tagged.map(({ ec2InstanceId }) => ec2InstanceId).sort()).toEqual([one, other].sort());
    await under.terminate(one);
    expect(await holders.hostsInGroup(group)).toEqual([]);
    expect(await holders.hostsTagged({ ...tag, value: "no" })).toEqual([]);
  });

  test("hosts are found by the name of the profile that they run under", async () => {
    await under.makeProfile("Held");
    const host = await under.launch({ profile: "Held" });
    expect(await holders.hostsUnder("Held")).toEqual([{ ec2InstanceId: host }]);
    expect(await holders.hostsUnder("eld")).toEqual([]);
  });

  test("interfaces hold a group by themselves, and other groups by their rules", async () => {
    const [group, other] = [await under.makeGroup("named"), await under.makeGroup("naming")];
    expect([await holders.interfacesInGroup(group), await holders.groupsNaming(group)]).toEqual([[], []]);
    const alone = await under.makeInterface(group);
    await under.launch({ group });
    await under.allowFrom(other, group);
    await under.allowFrom(group, group);
    expect(await holders.interfacesInGroup(group)).toEqual([alone]);
    expect(await holders.groupsNaming(group)).toEqual([other]);
  });

  test("the policies of a role are those that are attached, and those within it", async () => {
    const attached = await under.makeRoleWithPolicies("HeldRole", "within");
    expect((await holders.policiesOf("HeldRole")).sort()).toEqual([attached, "within"].sort());
  });

  test("who has a policy are roles, users and groups, each as what it is", async () => {
    const policy = await under.makeRoleWithPolicies("HeldToo", "within");
    expect(await holders.whoHas(policy)).toEqual(["role HeldToo"]);
    await under.attachTo(policy, { user: "held", group: "holders" });
    expect((await holders.whoHas(policy)).sort()).toEqual(["group holders", "role HeldToo", "user held"]);
  });

  test("the rules of an event bus are its own, and none of another bus", async () => {
    await under.makeBusWithRules("held", ["one", "two"]);
    await under.makeBusWithRules("held-too", ["three"]);
    expect((await holders.rulesOn("held")).sort()).toEqual(["one", "two"]);
  });
}
