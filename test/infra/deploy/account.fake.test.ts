import { describe } from "vitest";
import { fakeAccount, freshAccount } from "../../../infra/deploy/account.fake.ts";
import { accountSuite } from "./account.suite.ts";

describe("the fake account", () => {
  accountSuite(() => {
    const has = freshAccount();
    const drawn = (prefix: string) =>
      `${prefix}${(has.keys.size + has.vpcs.size + has.roles.size + has.subnets.size).toString(16)}`;
    return {
      account: fakeAccount(has),
      region: has.region,
      makeStack: async (name, timeSeries) => void has.stacks.set(name, { status: "CREATE_COMPLETE", timeSeries }),
      bootstrap: async (qualifier) => void has.bootstrapped.add(qualifier),
      async makeKey(description, alias) {
        const id = drawn("key-");
        has.keys.set(id, { description, ...(alias && { alias }) });
        return id;
      },
      async scheduleDeletion(id) {
        has.keys.set(id, { description: has.keys.get(id)?.description ?? "", isDeleted: true });
      },
      makeTable: async (name) => void has.tables.add(name),
      makeLogGroup: async (name) => void has.logGroups.add(name),
      async makeVpc() {
        const id = drawn("vpc-");
        has.vpcs.add(id);
        return id;
      },
      async makeSubnet(vpcId) {
        const id = drawn("subnet-");
        has.subnets.set(id, vpcId);
        return id;
      },
      async makeSecurityGroup() {
        const id = drawn("sg-");
        has.securityGroups.add(id);
        return id;
      },
      async makeSecret(name, value = "{}") {
        has.secrets.set(name, { isDeleted: false, stack: undefined, logicalId: undefined });
        has.values.set(name, value);
      },
      deleteSecret: async (name) =>
        void has.secrets.set(name, { isDeleted: true, stack: undefined, logicalId: undefined }),
      makePolicy: async (name) => void has.policies.add(name),
      async makeRole(name, trust) {
        const id = drawn("AROA");
        has.roles.set(name, { id, arn: `arn:aws:iam::${has.account}:role/${name}`, trust });
        return id;
      },
    };
  });
});
