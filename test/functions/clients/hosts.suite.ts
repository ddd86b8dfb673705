import { beforeAll, expect, test } from "vitest";
import type { HostState, Hosts } from "../../../functions/clients/hosts.ts";

/** Hosts, one of them in each state; `without` is an ID that EC2 has never given. */
export interface KnownHosts {
  hosts: Hosts;
  ids: Partial<Record<HostState, string>>;
  without: string;
}

/** What every Hosts does; `makeHosts` is called once. */
export function hostsSuite(makeHosts: () => KnownHosts | Promise<KnownHosts>): void {
  let made: KnownHosts;
  beforeAll(async () => {
    made = await makeHosts();
  });

  test.each(["running", "stopped", "terminated"] as const)("a host that is %s is said to be", async (state) => {
    expect(await made.hosts.state(made.ids[state] ?? "")).toBe(state);
  });

  test("since when a host runs is said of one that runs only", async () => {
    const { hosts, ids, without } = made;
    const since = await hosts.runningSince(ids.running ?? "");
    expect(since).toBeLessThanOrEqual(Date.now());
    for (const id of [ids.stopped ?? "", ids.terminated ?? "", without]) {
      expect(await hosts.runningSince(id)).toBeUndefined();
    }
  });

  test("of a host that EC2 does not know it says so", async () => {
    expect(await made.hosts.state(made.without)).toBe("unknown");
  });
}
