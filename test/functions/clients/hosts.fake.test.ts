import { fakeHosts } from "../../../functions/clients/hosts.fake.ts";
import type { HostState } from "../../../functions/clients/hosts.ts";
import { OTHER_EC2 } from "../support.ts";
import { hostsSuite } from "./hosts.suite.ts";

hostsSuite(() => {
  const ids = { running: "i-0000000000000000a", stopped: "i-0000000000000000b", terminated: "i-0000000000000000c" };
  const states = new Map<string, HostState>(Object.entries(ids).map(([state, id]) => [id, state as HostState]));
  return { hosts: fakeHosts(states), ids, without: OTHER_EC2 };
});
