import { describe } from "vitest";
import { type FakeHolders, fakeHolders } from "../../../infra/destroy/holders.fake.ts";
import { holdersSuite } from "./holders.suite.ts";

describe("fake holders", () => {
  holdersSuite(() => {
    const has: FakeHolders = {
      ...{ stacks: new Map(), hosts: [], interfaces: new Map(), rules: new Map(), policies: new Map() },
      ...{ attached: new Map(), eventRules: new Map() },
    };
    let drawn = 0;
    const draw = (prefix: string) => {
      drawn += 1;
      return `${prefix}-${drawn}`;
    };
    return {
      holders: fakeHolders(has),
      makeStack: async (name, id) => void has.stacks.set(name, [{ logicalId: "Topic", type: "AWS::SNS::Topic", id }]),
      makeGroup: async () => draw("sg"),
      makeProfile: async () => undefined,
      async launch({ group, profile, tag }) {
        const ec2InstanceId = draw("i");
        const tags = tag === undefined ? {} : { [tag.key]: tag.value };
        has.hosts.push({ ec2InstanceId, groups: group ? [group] : [], ...(profile && { profile }), tags });
        return ec2InstanceId;
      },
      async terminate(id) {
        has.hosts = has.hosts.filter(({ ec2InstanceId }) => ec2InstanceId !== id);
      },
      async makeInterface(group) {
        const id = draw("eni");
        has.interfaces.set(id, [group]);
        return id;
      },
      allowFrom: async (group, from) => void has.rules.set(group, [from]),
      async makeRoleWithPolicies(role, inline) {
        const attached = `arn:aws:iam::111122223333:policy/of-${role}`;
        has.policies.set(role, [attached, inline]);
        has.attached.set(attached, [`role ${role}`]);
        return attached;
      },
      async attachTo(policy, { user, group }) {
        has.attached.get(policy)?.push(`user ${user}`, `group ${group}`);
      },
      makeBusWithRules: async (bus, rules) => void has.eventRules.set(bus, [...rules]),
    };
  });
});
