import { describe, expect, test } from "vitest";
import { fakeHosts } from "../../../functions/clients/hosts.fake.ts";
import type { HostState } from "../../../functions/clients/hosts.ts";
import type { Registry } from "../../../functions/clients/registry.ts";
import { followState } from "../../../functions/life/follow-state/step.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { upsertIp } from "../../../functions/registration/upsert-ip/step.ts";
import { keyPair } from "../../../protocol/index.ts";
import { controlPlane, EC2, ID, NOW, OTHER_EC2, recordOf, seededRandom, TestInstance } from "../support.ts";

type Told = "stopped" | "running" | "terminated";
type Status = InstanceRecord["status"];
/** Longer than EC2 takes to know what its events tell. */
const LATE_MS = 100_000;

/** A control plane, and EC2, of which it is known what it was asked. */
async function world(state: HostState, changes: Partial<InstanceRecord> = {}) {
  const plane = await controlPlane(changes);
  const states = new Map([[EC2, state]]);
  const asked: string[] = [];
  const { state: stateOf, ...others } = fakeHosts(states);
  const hosts = {
    ...others,
    state(ec2InstanceId: string) {
      asked.push(ec2InstanceId);
      return stateOf(ec2InstanceId);
    },
  };
  const tell = (told: Told, { ec2InstanceId = EC2, agoMs = 0 } = {}) => {
    const time = new Date(plane.clock.at - agoMs).toISOString();
    return followState({ time, detail: { "instance-id": ec2InstanceId, state: told } }, { ...plane, hosts });
  };
  return { ...plane, states, asked, tell };
}

test("a host that stops is noted as stopped, and nothing else of its record changes", async () => {
  const { tell, record, journal } = await world("stopped");
  const before = await record();
  expect(await tell("stopped")).toEqual({ changed: [ID] });
  expect(await record()).toEqual({ ...before, status: "STOPPED" });
  expect(journal.lines).toEqual([`followed ${JSON.stringify({ id: ID, ec2InstanceId: EC2, state: "stopped" })}`]);
});

test("a host that is on its way to stop counts as stopped", async () => {
  const { tell, record } = await world("stopping");
  await tell("stopped");
  expect((await record()).status).toBe("STOPPED");
});

test("a host that starts again is active and expected to prove its key from then on", async () => {
  const { tell, record } = await world("running", { status: "STOPPED" });
  const before = await record();
  expect(await tell("running")).toEqual({ changed: [ID] });
  expect(await record()).toEqual({ ...before, status: "ACTIVE", startedAt: NOW });
});

test.each<HostState>(["terminated", "unknown"])(
  "told of its end, of a host of which EC2 says %s a tombstone is left, without key material",
  async (state) => {
    const { tell, registry } = await world(state);
    expect(await tell("terminated")).toEqual({ changed: [ID] });
    const line = { act: "retired", timeMs: NOW, details: '{"why":"EC2 says terminated"}' };
    const tombstone = { id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: NOW };
    expect(await registry.find(ID)).toEqual({ ...tombstone, auditDue: [line] });
  },
);

test.each<[Told, HostState]>([
  ["stopped", "stopped"],
  ["running", "running"],
  ["terminated", "terminated"],
])("told twice that it is %s, nothing changes the second time", async (told, state) => {
  const { tell, registry, clock } = await world(state, { status: told === "running" ? "STOPPED" : "ACTIVE" });
  await tell(told);
  const before = await registry.find(ID);
  clock.at += 1000;
  expect(await tell(told)).toEqual({ changed: [] });
  expect(await registry.find(ID)).toEqual(before);
});

test("a host that runs on stays as it is, and keeps its start", async () => {
  const { tell, record } = await world("running");
  const before = await record();
  expect(await tell("running")).toEqual({ changed: [] });
  expect(await record()).toEqual(before);
});

test("told late that it stopped, a host that runs again is not noted as stopped", async () => {
  const { tell, record } = await world("running");
  await tell("stopped", { agoMs: LATE_MS });
  expect((await record()).status).toBe("ACTIVE");
});

test("told late that it runs, a host that has stopped is noted as stopped", async () => {
  const { tell, record } = await world("stopped");
  await tell("running", { agoMs: LATE_MS });
  expect((await record()).status).toBe("STOPPED");
});

test("told of its stop after its end, it is retired all the same, and stays so", async () => {
  const { tell, registry } = await world("terminated");
  await tell("stopped");
  const tombstone = await registry.find(ID);
  expect(tombstone?.status).toBe("RETIRED");
  for (const told of ["running", "stopped", "terminated"] as const) await tell(told, { agoMs: LATE_MS });
  expect(await registry.find(ID)).toEqual(tombstone);
});

test("of a host that EC2 does not say is terminated, no key is erased, whatever the event says", async () => {
  for (const state of ["running", "stopped"] as const) {
    const { tell, record } = await world(state);
    const { current } = await record();
    await tell("terminated").catch(() => undefined); // Whether that is worth another try is not the question here.
    expect((await record()).current).toEqual(current);
  }
});

test("on its way to its end nothing changes: another event tells of that", async () => {
  const { tell, record } = await world("shutting-down");
  const before = await record();
  expect(await tell("stopped", { agoMs: LATE_MS })).toEqual({ changed: [] });
  expect(await record()).toEqual(before);
});

test.each<[Told, HostState, Status]>([
  ["running", "unknown", "ACTIVE"],
  ["running", "unknown", "STOPPED"],
  ["running", "pending", "STOPPED"],
  ["running", "stopped", "STOPPED"],
  ["running", "stopping", "STOPPED"],
  ["stopped", "running", "ACTIVE"],
  ["stopped", "unknown", "ACTIVE"],
  ["stopped", "pending", "ACTIVE"],
  ["terminated", "running", "ACTIVE"],
  ["terminated", "stopped", "ACTIVE"],
  ["terminated", "shutting-down", "ACTIVE"],
])(
  "told just now that it is %s while EC2 says %s, nothing changes, and EC2 is asked again",
  async (told, state, status) => {
    const { tell, record } = await world(state, { status });
    const before = await record();
    await expect(tell(told)).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
    expect(await record()).toEqual(before);
  },
);

test.each<[Told, HostState]>([
  ["running", "unknown"],
  ["stopped", "unknown"],
  ["running", "pending"],
  ["terminated", "running"],
])("told long ago that it is %s, EC2's %s settles nothing either", async (told, state) => {
  const { tell, record } = await world(state);
  const before = await record();
  await expect(tell(told, { agoMs: 3600_000 })).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
  expect(await record()).toEqual(before);
});

test("once EC2 has caught up with the start of a host, it is active", async () => {
  const { tell, states, record } = await world("pending", { status: "STOPPED" });
  await expect(tell("running")).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
  states.set(EC2, "running");
  expect(await tell("running", { agoMs: 60_000 })).toEqual({ changed: [ID] });
  expect((await record()).status).toBe("ACTIVE");
});

test("quarantine outlasts a stop and a start, and ends with the host", async () => {
  const { tell, states, registry, record } = await world("stopped", { status: "QUARANTINED" });
  expect(await tell("stopped")).toEqual({ changed: [] });
  states.set(EC2, "running");
  expect(await tell("running")).toEqual({ changed: [] });
  expect((await record()).status).toBe("QUARANTINED");
  states.set(EC2, "terminated");
  expect(await tell("terminated")).toEqual({ changed: [ID] });
  expect((await registry.find(ID))?.status).toBe("RETIRED");
});

test("EC2 is not even asked about a host that is none of ours", async () => {
  const { tell, asked, record } = await world("terminated");
  const before = await record();
  expect(await tell("terminated", { ec2InstanceId: OTHER_EC2 })).toEqual({ changed: [] });
  expect(asked).toEqual([]);
  expect(await record()).toEqual(before);
});

test("EC2 is not asked again about a host that is retired", async () => {
  const { tell, asked } = await world("terminated");
  await tell("terminated");
  await tell("terminated");
  expect(asked).toEqual([EC2]);
});

test("where a host has two records for a moment, both follow it", async () => {
  const { tell, registry, vault } = await world("terminated");
  await registry.add(await recordOf(new TestInstance({ id: "ffffff" }), vault));
  expect(await tell("terminated")).toEqual({ changed: [ID, "ffffff"] });
  expect((await registry.find("ffffff"))?.status).toBe("RETIRED");
});

describe("a registration that is on its way while its host ends", () => {
  /** A host that registers for the first time, and the event of its end, which EC2 agrees with. */
  async function registering() {
    const { tell, states, ...plane } = await world("running");
    states.set(OTHER_EC2, "terminated");
    const { publicKey } = keyPair(seededRandom("agent"));
    const body = { id: "ffffff", ec2InstanceId: OTHER_EC2, ip: "10.0.0.9", flag: "new" as const, publicKey };
    const end = () => tell("terminated", { ec2InstanceId: OTHER_EC2 });
    return { plane, end, register: (registry: Registry) => upsertIp(body, { ...plane, registry }) };
  }
  const writes = ["writeOwner", "add", "activate"] as const;

  test.each(writes.flatMap((call) => [1, 2].map((nth) => [call, nth] as const)))(
    "leaves no live record, whether the end is followed before or after its %s number %i",
    async (call, nth) => {
      for (const when of ["before", "after"]) {
        const { plane, end, register } = await registering();
        // The index is behind: it shows no record yet.
        const behind = { ...plane.registry, findByEc2Instance: async () => [] };
        Object.assign(plane.registry, behind);
        let calls = 0;
        const real = plane.registry[call] as (...given: unknown[]) => Promise<unknown>;
        const registry = Object.assign(
          { ...plane.registry },
          {
            [call]: async (...given: unknown[]) => {
              calls += 1;
              if (calls === nth && when === "before") await end();
              const answer = await real(...given);
              if (calls === nth && when === "after") await end();
              return answer;
            },
          },
        );
        await register(registry).catch((error) => expect(["Retired", "IdTaken"]).toContain(error.name));
        await end();
        expect((await plane.registry.find("ffffff"))?.status ?? "RETIRED").toBe("RETIRED");
        await expect(register(plane.registry)).rejects.toThrow();
      }
    },
  );

  test("both records of a host are retired with it, whatever the index shows", async () => {
    const { tell, registry, vault, record } = await world("terminated");
    const newcomer = await recordOf(new TestInstance({ id: "ffffff" }), vault, { status: "NEW" });
    await registry.add(newcomer);
    const owner = await registry.findOwner(EC2);
    await registry.writeOwner(EC2, { holder: ID, newcomer: "ffffff", cameAt: [] }, owner);
    const shown = [await record()];
    registry.findByEc2Instance = async () => shown;
    expect(await tell("terminated")).toEqual({ changed: [ID, "ffffff"] });
  });

  test("a host that is none of ours leaves no more than a note of its end, and only of that", async () => {
    const { tell, registry } = await world("running");
    await tell("stopped", { ec2InstanceId: OTHER_EC2 });
    await tell("running", { ec2InstanceId: OTHER_EC2 });
    expect(await registry.findOwner(OTHER_EC2)).toBeUndefined();
    await tell("terminated", { ec2InstanceId: OTHER_EC2 });
    expect(await registry.findOwner(OTHER_EC2)).toEqual({ cameAt: [], endedAt: NOW, version: 1 });
  });
});

test("when EC2 cannot be asked, nothing changes, and the event is delivered again", async () => {
  const plane = await controlPlane();
  const before = await plane.record();
  const hosts = { ...fakeHosts(new Map()), state: () => Promise.reject(new Error("EC2 is away")) };
  const time = new Date(NOW).toISOString();
  const told = followState({ time, detail: { "instance-id": EC2, state: "terminated" } }, { ...plane, hosts });
  await expect(told).rejects.toThrow("EC2 is away");
  expect(await plane.record()).toEqual(before);
});
