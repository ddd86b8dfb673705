import type { HostState, Hosts } from "./hosts.ts";

/**
 * Hosts in memory: those that are not in `states` it does not know.
 *
 * @param launched when each was started last, in milliseconds since 1970; long ago where it does not say
 */
export function fakeHosts(states: Map<string, HostState>, launched = new Map<string, number>()): Hosts {
  return {
    state: async (ec2InstanceId) => states.get(ec2InstanceId) ?? "unknown",
    runningSince: async (ec2InstanceId) =>
      states.get(ec2InstanceId) === "running" ? (launched.get(ec2InstanceId) ?? 0) : undefined,
  };
}
