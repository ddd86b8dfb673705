import { isEc2InstanceId } from "../../protocol/index.ts";
import { type HostState, type Hosts, STAYING } from "./hosts.ts";

/** So few that whoever forgets to ask for the next page is found out. */
const LISTED_AT_ONCE = 2;

/**
 * Hosts in memory: those that are not in `states` it does not know.
 *
 * @param launched when each was started last, in milliseconds since 1970; long ago where it does not say
 * @param strangers which of them have not the fleet's tag
 * @param listedAtOnce how many a page of the tagged ones has
 */
export function fakeHosts(
  states: Map<string, HostState>,
  launched = new Map<string, number>(),
  strangers: ReadonlySet<string> = new Set(),
  listedAtOnce = LISTED_AT_ONCE,
): Hosts {
  return {
    state: async (ec2InstanceId) => states.get(ec2InstanceId) ?? "unknown",
    runningSince: async (ec2InstanceId) =>
      states.get(ec2InstanceId) === "running" ? (launched.get(ec2InstanceId) ?? 0) : undefined,

    async states(ec2InstanceIds) {
      if (!ec2InstanceIds.every(isEc2InstanceId)) throw new TypeError("ec2InstanceIds must be EC2 instance IDs (i-…)");
      return new Map(ec2InstanceIds.map((id) => [id, states.get(id) ?? "unknown"]));
    },

    async tagged(page = "") {
      const rest = [...states]
        .filter(([id, state]) => id > page && !strangers.has(id) && STAYING.some((one) => one === state))
        .map(([id, state]) => ({ ec2InstanceId: id, state, launchedAt: launched.get(id) ?? 0 }))
        .sort((one, other) => (one.ec2InstanceId < other.ec2InstanceId ? -1 : 1));
      const hosts = rest.slice(0, listedAtOnce);
      const last = hosts.at(-1);
      return { hosts, ...(last !== undefined && rest.length > hosts.length && { next: last.ec2InstanceId }) };
    },
  };
}
