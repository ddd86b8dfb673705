import type { Quota } from "../../operator/doctor/contract.ts";
import type { Account, Role, Secret, Stack } from "./account.ts";
import { haveSameText, textFieldsIn } from "./text-fields.ts";

/** What there is in the account. */
export interface FakeAccount {
  account: string;
  region: string;
  stacks: Map<string, Stack>;
  timestream: boolean;
  /** The qualifiers of the stacks of CDK's own. */
  bootstrapped: Set<string>;
  /** By the IDs of the keys: what each is described as, and its alias, if it has one. */
  keys: Map<string, { description: string; alias?: string; isDeleted?: true }>;
  tables: Set<string>;
  logGroups: Set<string>;
  /** IDs, and `default`. */
  vpcs: Set<string>;
  /** By ID, that of the VPC in which each is. */
  subnets: Map<string, string>;
  securityGroups: Set<string>;
  secrets: Map<string, Secret>;
  /** Their current values, of those that have one. */
  values: Map<string, string>;
  roles: Map<string, Role>;
  policies: Set<string>;
  concurrentExecutions: Quota | undefined;
  managedNodes: Quota | undefined;
}

/** An account in which nothing was deployed yet, and all that a deployment rests on is there. */
export function freshAccount(changes: Partial<FakeAccount> = {}): FakeAccount {
  return {
    account: "111122223333",
    region: "eu-west-1",
    stacks: new Map(),
    timestream: false,
    bootstrapped: new Set(["hnb659fds"]),
    keys: new Map(),
    tables: new Set(),
    logGroups: new Set(),
    vpcs: new Set(["default"]),
    subnets: new Map(),
    securityGroups: new Set(),
    secrets: new Map(),
    values: new Map(),
    roles: new Map(),
    policies: new Set(),
    concurrentExecutions: { value: 1000, code: "L-B99A9384" },
    managedNodes: { value: 2400, code: "L-0000FAKE" },
    ...changes,
  };
}

/** An account in memory. */
export function fakeAccount(has: FakeAccount): Account {
  return {
    place: async () => ({ account: has.account, region: has.region }),
    async stack(name) {
      const stack = has.stacks.get(name);
      return stack?.status === "REVIEW_IN_PROGRESS" ? undefined : stack;
    },
    canHaveTimestream: async () => has.timestream,
    isBootstrapped: async (qualifier) => has.bootstrapped.has(qualifier),
    aliases: async (names) =>
      new Map([...has.keys].flatMap(([id, { alias }]) => (alias && names.includes(alias) ? [[alias, id]] : []))),
    async keysDescribed(descriptions) {
      const found = [...has.keys].filter(
        ([, { description, isDeleted }]) => descriptions.includes(description) && !isDeleted,
      );
      const byDescription = Map.groupBy(found, ([, { description }]) => description);
      return new Map([...byDescription].map(([description, keys]) => [description, keys.map(([id]) => id)]));
    },
    hasTable: async (name) => has.tables.has(name),
    hasLogGroup: async (name) => has.logGroups.has(name),
    hasVpc: async (id) => has.vpcs.has(id),
    subnets: async (ids) => new Map([...has.subnets].filter(([id]) => ids.includes(id))),
    securityGroups: async (ids) => new Set(ids.filter((id) => has.securityGroups.has(id))),
    secret: async (secret) => has.secrets.get(secret),
    textFields: async (secret) => textFieldsIn(has.values.get(secret)),
    haveSameText: async (field, [one, other]) => haveSameText(field, has.values.get(one), has.values.get(other)),
    role: async (name) => has.roles.get(name),
    hasPolicy: async (name) => has.policies.has(name),
    concurrentExecutions: async () => has.concurrentExecutions,
    managedNodes: async () => has.managedNodes,
  };
}
