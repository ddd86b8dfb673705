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

  test("of a host that EC2 does not know it says so", async () => {
    expect(await made.hosts.state(made.without)).toBe("unknown");
  });
}
