import type { HostState, Hosts } from "./hosts.ts";

/** Hosts in memory: those that are not in `states` it does not know. */
export function fakeHosts(states: Map<string, HostState>): Hosts {
  return { state: async (ec2InstanceId) => states.get(ec2InstanceId) ?? "unknown" };
}
