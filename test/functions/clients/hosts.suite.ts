import { beforeAll, expect, test } from "vitest";
import type { HostState, Hosts, ListedHost } from "../../../functions/clients/hosts.ts";

/** Hosts, one of them in each state; `without` is an ID that EC2 has never given. */
export interface KnownHosts {
  hosts: Hosts;
  ids: Partial<Record<HostState, string>>;
  without: string;
  /** The same EC2, seen by a fleet of another tag, which no host bears. */
  others: Hosts;
}

/** All pages of the hosts with a fleet's tag. */
async function allTagged(hosts: Hosts): Promise<ListedHost[]> {
  const listed: ListedHost[] = [];
  let page: string | undefined;
  do {
    const answer = await hosts.tagged(page);
    listed.push(...answer.hosts);
    page = answer.next;
  } while (page !== undefined);
  return listed;
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

  test("of many at once it is said in which state each is, and which EC2 does not know", async () => {
    const { hosts, ids, without } = made;
    const asked = [ids.running ?? "", without, ids.terminated ?? "", ids.stopped ?? ""];
    expect(await hosts.states(asked)).toEqual(
      new Map([
        [ids.running, "running"],
        [without, "unknown"],
        [ids.terminated, "terminated"],
        [ids.stopped, "stopped"],
      ]),
    );
    expect(await hosts.states([])).toEqual(new Map());
  });

  test("more are asked about than EC2 takes in one call", async () => {
    const { hosts, ids } = made;
    const strangers = Array.from({ length: 250 }, (_, n) => `i-0fedcba98765${String(n).padStart(5, "0")}`);
    const states = await hosts.states([ids.running ?? "", ...strangers, ids.stopped ?? ""]);
    expect(states.size).toBe(252);
    expect([states.get(ids.running ?? ""), states.get(ids.stopped ?? "")]).toEqual(["running", "stopped"]);
    expect(strangers.filter((id) => states.get(id) !== "unknown")).toEqual([]);
  });

  test.each(["i-*", "i-xyz", ""])("of many at once, '%s' is the ID of none", async (id) => {
    await expect(made.hosts.states([made.ids.running ?? "", id])).rejects.toThrow("ec2InstanceIds must be");
  });

  test("the hosts with the fleet's tag are listed, but for those that are terminated", async () => {
    const { hosts, ids } = made;
    const listed = await allTagged(hosts);
    const found = (state: HostState) => listed.filter(({ ec2InstanceId }) => ec2InstanceId === ids[state]);
    for (const state of ["running", "stopped"] as const) {
      expect(found(state)).toEqual([{ ec2InstanceId: ids[state], state, launchedAt: expect.any(Number) }]);
    }
    expect(found("running")[0]?.launchedAt).toBe(await hosts.runningSince(ids.running ?? ""));
    expect(found("terminated")).toEqual([]);
  });

  test("hosts with another tag are not listed", async () => {
    expect(await allTagged(made.others)).toEqual([]);
  });
}
