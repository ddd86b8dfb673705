import type { Holders, Host, Made } from "./holders.ts";

/** A host with all that it is found by. */
export interface FakeHost extends Host {
  groups: string[];
  profile?: string;
  tags: Record<string, string>;
}

/** What there is. */
export interface FakeHolders {
  stacks: Map<string, Made[]>;
  hosts: FakeHost[];
  /** IDs of interfaces that are of no host, with their security groups. */
  interfaces: Map<string, string[]>;
  /** By the ID of a security group: the groups that its rules name. */
  rules: Map<string, string[]>;
  policies: Map<string, string[]>;
  /** By the ARN of a managed policy: who has it. */
  attached: Map<string, string[]>;
  /** By the name of an event bus: the names of the rules on it. */
  eventRules: Map<string, string[]>;
}

/** Holders in memory. */
export function fakeHolders(has: FakeHolders): Holders {
  const hostsThat = (are: (host: FakeHost) => boolean): Host[] =>
    has.hosts.filter(are).map(({ ec2InstanceId, startedBy }) => ({ ec2InstanceId, ...(startedBy && { startedBy }) }));
  const namedBy = (groups: Map<string, string[]>, id: string) =>
    [...groups].flatMap(([name, ids]) => (ids.includes(id) ? [name] : []));
  return {
    resources: async (stackName) => has.stacks.get(stackName) ?? [],
    hostsInGroup: async (groupId) => hostsThat(({ groups }) => groups.includes(groupId)),
    hostsUnder: async (name) => hostsThat(({ profile }) => profile === name),
    hostsTagged: async ({ key, value }) => hostsThat(({ tags }) => tags[key] === value),
    interfacesInGroup: async (groupId) => namedBy(has.interfaces, groupId),
    groupsNaming: async (groupId) => namedBy(has.rules, groupId).filter((id) => id !== groupId),
    policiesOf: async (role) => has.policies.get(role) ?? [],
    whoHas: async (policyArn) => has.attached.get(policyArn) ?? [],
    rulesOn: async (bus) => has.eventRules.get(bus) ?? [],
  };
}
