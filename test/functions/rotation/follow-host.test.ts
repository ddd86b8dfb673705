import { expect, test } from "vitest";
import { fakeHosts } from "../../../functions/clients/hosts.fake.ts";
import type { HostState } from "../../../functions/clients/hosts.ts";
import type { Registry } from "../../../functions/clients/registry.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { followHost } from "../../../functions/rotation/follow-host/step.ts";
import { controlPlane, duesOf, EC2, hex64Of, ID, NOW, OTHER_EC2, pendingOf } from "../support.ts";

const AN_HOUR_MS = 3600_000;

async function world(state: HostState, changes: Partial<InstanceRecord> = {}) {
  const plane = await controlPlane(changes);
  const states = new Map([[EC2, state]]);
  const follow = (ec2InstanceId = EC2, lastProofAt?: number) =>
    followHost({ id: ID, ec2InstanceId, generation: 1, lastProofAt }, { ...plane, hosts: fakeHosts(states) });
  return { ...plane, states, follow };
}

test("of a host that EC2 says is terminated a tombstone is left: its event was lost", async () => {
  const { follow, registry } = await world("terminated");
  expect(await follow()).toEqual({ outcome: "RETIRED" });
  const line = { act: "retired", timeMs: NOW, details: '{"why":"EC2 says terminated"}' };
  const tombstone = { id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: NOW, auditDue: [line] };
  expect(await registry.find(ID)).toEqual(tombstone);
  expect(await follow()).toEqual({ outcome: "RETIRED" });
  expect(await registry.find(ID)).toEqual(tombstone);
  // Nothing that registers as this host from now on is added.
  expect(await registry.findOwner(EC2)).toMatchObject({ endedAt: NOW });
});

test.each<HostState>(["stopped", "stopping"])("one that is %s is waited for", async (state) => {
  const { follow, record } = await world(state);
  const before = await record();
  expect(await follow()).toEqual({ outcome: "WAITING" });
  expect(await record()).toEqual({ ...before, status: "STOPPED" });
});

test.each<HostState>(["running", "pending", "shutting-down"])("of one that is %s people are told", async (state) => {
  const { follow, record } = await world(state);
  const before = await record();
  expect(await follow()).toEqual({ outcome: "STALE" });
  expect(await record()).toEqual(before);
});

test("one that EC2 does not know for a day, over several looks, is gone", async () => {
  const { follow, clock, registry, record } = await world("unknown");
  const { current } = await record();
  for (let hour = 0; hour < 24; hour += 6) {
    clock.at = NOW + hour * AN_HOUR_MS;
    expect(await follow()).toEqual({ outcome: "STALE" });
    expect((await record()).current).toEqual(current);
  }
  clock.at = NOW + 24 * AN_HOUR_MS;
  expect(await follow()).toEqual({ outcome: "RETIRED" });
  expect((await registry.find(ID))?.status).toBe("RETIRED");
  expect(await duesOf({ registry })).toEqual([["retired", { why: "EC2 has not known the host for a day", looks: 5 }]]);
});

test("two looks a day apart are not several", async () => {
  const { follow, clock, record } = await world("unknown");
  await follow();
  clock.at += 48 * AN_HOUR_MS;
  expect(await follow()).toEqual({ outcome: "STALE" });
  expect((await record()).status).toBe("ACTIVE");
});

test("once EC2 knows it, or it has registered, its absence begins anew", async () => {
  const { follow, clock, states, registry, record } = await world("unknown");
  for (let look = 0; look < 5; look += 1) await follow();
  states.set(EC2, "running");
  await follow();
  expect(await record()).not.toHaveProperty("absentSince");

  states.set(EC2, "unknown");
  for (let look = 0; look < 5; look += 1) await follow();
  clock.at += 48 * AN_HOUR_MS;
  await registry.updateIp(ID, { ec2InstanceId: EC2, ip: "10.0.0.4", at: clock.at });
  expect(await follow()).toEqual({ outcome: "STALE" });
  expect(await record()).toMatchObject({ status: "ACTIVE", absentSince: clock.at, absentLooks: 1 });
});

test("one that was turned between two silences is not gone for what EC2 said long ago", async () => {
  const { follow, clock, registry, record, vault, instance } = await world("unknown");
  for (let look = 0; look < 5; look += 1) await follow();
  clock.at += 30 * AN_HOUR_MS;
  const pending = await pendingOf(instance, vault, hex64Of("nonce"));
  await registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: clock.at });
  clock.at += AN_HOUR_MS;
  expect(await follow()).toEqual({ outcome: "STALE" });
  expect(await record()).toMatchObject({ absentSince: clock.at, absentLooks: 1 });
});

test("one that wrote a proof between two looks is not gone, though each look found it silent", async () => {
  const { follow, clock, record } = await world("unknown");
  for (let look = 0; look < 5; look += 1) await follow();
  clock.at += 30 * AN_HOUR_MS;
  expect(await follow(EC2, clock.at - 4 * 60_000)).toEqual({ outcome: "STALE" });
  expect(await record()).toMatchObject({ status: "ACTIVE", absentSince: clock.at, absentLooks: 1 });
});

test("one that registers while it is about to be retired stays, and keeps its key", async () => {
  const plane = await world("unknown");
  for (let look = 0; look < 5; look += 1) await plane.follow();
  plane.clock.at += 30 * AN_HOUR_MS;
  const { current } = await plane.record();
  const registry: Registry = {
    ...plane.registry,
    async noteAbsent(id, change) {
      const absent = await plane.registry.noteAbsent(id, change);
      await plane.registry.updateIp(id, { ec2InstanceId: EC2, ip: "10.0.0.4", at: plane.clock.at });
      return absent;
    },
  };
  const told = followHost(
    { id: ID, ec2InstanceId: EC2, generation: 1 },
    { ...plane, registry, hosts: fakeHosts(new Map()) },
  );
  expect(await told).toEqual({ outcome: "STALE" });
  expect((await plane.record()).current).toEqual(current);
});

test("a record that has gone, or is another host's by now, is left as it is", async () => {
  const { follow, registry, record } = await world("unknown");
  const before = await record();
  for (let look = 0; look < 5; look += 1) expect(await follow(OTHER_EC2)).toEqual({ outcome: "STALE" });
  expect(await record()).toEqual(before);
  registry.records.clear();
  expect(await follow()).toEqual({ outcome: "STALE" });
});
