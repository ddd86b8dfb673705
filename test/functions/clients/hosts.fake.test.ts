import { expect, test } from "vitest";
import { fakeHosts } from "../../../functions/clients/hosts.fake.ts";
import type { HostState } from "../../../functions/clients/hosts.ts";
import { OTHER_EC2 } from "../support.ts";
import { hostsSuite } from "./hosts.suite.ts";

hostsSuite(() => {
  const ids = { running: "i-0000000000000000a", stopped: "i-0000000000000000b", terminated: "i-0000000000000000c" };
  const states = new Map<string, HostState>(Object.entries(ids).map(([state, id]) => [id, state as HostState]));
  const others = fakeHosts(states, new Map(), new Set(states.keys()));
  return { hosts: fakeHosts(states), ids, without: OTHER_EC2, others };
});

test("hosts in memory are listed in pages, each once", async () => {
  const ids = Array.from({ length: 5 }, (_, n) => `i-0000000000000000${n}`);
  const hosts = fakeHosts(new Map(ids.map((id) => [id, "running"])), new Map([["i-00000000000000003", 7]]));
  const first = await hosts.tagged();
  const second = await hosts.tagged(first.next);
  const third = await hosts.tagged(second.next);
  const listed = [first, second, third].flatMap((page) => page.hosts);
  expect(listed.map(({ ec2InstanceId }) => ec2InstanceId)).toEqual(ids);
  expect(listed.map(({ launchedAt }) => launchedAt)).toEqual([0, 0, 0, 7, 0]);
  expect(third.next).toBeUndefined();
});
