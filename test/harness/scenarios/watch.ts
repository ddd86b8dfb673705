import assert from "node:assert/strict";
import { dayOf } from "../../../functions/audit/days.ts";
import { sealDay } from "../../../functions/audit/seal-day.ts";
import { isRetired } from "../../../functions/record/record.ts";
import { hex64Of, INTERVAL_MS, ROTATE_EVERY_MS } from "../../functions/support.ts";
import type { Host } from "../host.ts";
import { World } from "../world.ts";
import type { Scenario } from "./scenario.ts";

const HOSTS = Array.from({ length: 7 }, (_, n) => [`0a1b2${n}`, `i-0123456789abcdef${n}`] as const);
const FIRST_WRITER = ["0a1b20", "i-0123456789abcdef0"] as const;

/** Hosts whose keys are not due. */
async function fleet(world: World, hosts: readonly (readonly [string, string])[] = HOSTS.slice(0, 2)): Promise<Host[]> {
  // What came before is sealed: the first seal of all looks a hundred days back.
  await sealDay(world.audit, dayOf(world.clock.now() - 2 * ROTATE_EVERY_MS));
  const settled: Host[] = [];
  for (const [id, ec2InstanceId] of hosts) {
    settled.push(await world.settledHost(id, ec2InstanceId, { dueAt: world.clock.now() + ROTATE_EVERY_MS }));
    const record = world.registry.records.get(id);
    if (record !== undefined && !isRetired(record)) record.current.since = world.clock.now();
  }
  return settled;
}

/** They have written nothing for long, though EC2 says that they run. */
async function silent(world: World, hosts: Host[]): Promise<void> {
  for (const host of hosts) host.state = "stopped";
  await world.pass(100 * INTERVAL_MS);
  for (const host of hosts) host.state = "running";
}
const start = (world: World) => world.start("watch", {});

/** As a person starts it, who means certain ones, or all. */
const check = (whom: object) => (world: World) => world.start("watch", { check: whom });

/** Somebody has altered its key file. */
async function altered(world: World): Promise<void> {
  await fleet(world);
  world.clock.moveTo(world.clock.now() + 1000);
  world.timeSeries.write(...FIRST_WRITER, { timeMs: world.clock.now(), generation: 1, hash: hex64Of("a wrong one") });
}

/** What a check has found, as its output says it. */
const checked = (sound: number, wrong: number, other: number, instances: [id: string, verdict: string][]) =>
  `sound ${sound}, wrong ${wrong}, other ${other}: ${instances.map((one) => one.join(" ")).join(", ")}`;

/** What a look has seen, as its output says it. One that is begun again judges only who is left. */
const seen = (looked: number, silentOnes: number, standing: number) =>
  `looked at ${looked}, silent ${silentOnes}, standing ${standing}`;
const BROKEN_OFF = "WatchBrokenOff";

export const scenario: Scenario = {
  routes: [
    {
      name: "a fleet that is well",
      arrange: (world) => fleet(world),
      start,
      comesTo: { end: seen(2, 0, 0), mails: 0 },
    },
    {
      name: "an instance that has fallen silent",
      async arrange(world) {
        const [first] = await fleet(world);
        if (first) await silent(world, [first]);
      },
      start,
      comesTo: { end: seen(2, 1, 1), mails: 1 },
    },
    {
      name: "an instance whose key file was altered",
      arrange: altered,
      start,
      comesTo: { end: seen(2, 0, 1), mails: 1 },
    },
    {
      name: "an instance that is said to be stopped, and proves its key",
      async arrange(world) {
        await fleet(world);
        await world.registry.stop(FIRST_WRITER[0], { ec2InstanceId: FIRST_WRITER[1] });
      },
      start,
      comesTo: { end: seen(2, 0, 0), mails: 0 },
    },
    {
      name: "an instance whose agent is of the first version",
      async arrange(world) {
        await fleet(world);
        const [id, ec2InstanceId] = FIRST_WRITER;
        // It registers, and says no version.
        await world.registry.updateIp(id, { ec2InstanceId, ip: "10.0.0.4", at: world.clock.now() });
      },
      start,
      comesTo: { end: seen(2, 0, 1), mails: 1 },
    },
    {
      name: "a host whose agent never came up",
      arrange: async (world) => void world.newHost("i-0fedcba9876543210"),
      start,
      comesTo: { end: seen(0, 0, 1), mails: 1 },
    },
    {
      name: "seven that fall silent at once",
      arrange: async (world) => silent(world, await fleet(world, HOSTS)),
      start,
      // The storm itself is a finding.
      comesTo: { end: seen(7, 7, 8), mails: 6 },
    },
    {
      name: "a check of one that is well, and of one that is not there",
      since: "CheckRecords",
      arrange: (world) => fleet(world),
      start: check({ ids: [FIRST_WRITER[0], "ffffff"] }),
      comesTo: {
        end: checked(1, 0, 1, [
          [FIRST_WRITER[0], "MATCH"],
          ["ffffff", "UNKNOWN"],
        ]),
        mails: 0,
      },
    },
    {
      name: "a check of all, of whom the key file of one was altered",
      since: "CheckRecords",
      ...{ arrange: altered, start: check({ all: true }) },
      comesTo: { end: checked(1, 1, 0, [[FIRST_WRITER[0], "MISMATCH"]]), mails: 1 },
    },
  ],

  end({ status, error, output }) {
    if (output === null) return error ?? status;
    const { records, findings, ...check } = JSON.parse(output);
    if (records === undefined)
      return checked(check.sound, check.wrong, check.other, check.instances.map(Object.values));
    return seen(records.looked, records.silent, findings.standing);
  },

  edges: [
    {
      name: "a check of nobody is refused with a sentence for whoever asked, and nobody is mailed",
      async run(definitions) {
        const world = new World({ definitions });
        world.start("watch", { check: {} });
        await world.settle();
        const [execution] = world.flows.executions("watch");
        assert.equal(execution?.error, "Keyturn.InvalidInput");
        assert.equal(execution?.cause, "check-records: check must name either ids or all");
        assert.deepEqual(world.mail.sent, []);
      },
    },
    {
      name: "what a check finds on several pages is counted together, and listed up to a thousand",
      async run(definitions) {
        const world = new World({ definitions });
        const listed = (verdict: string, count: number) =>
          Array.from({ length: count }, (_, n) => ({ id: n.toString(16).padStart(6, "0"), verdict }));
        const page = { checked: 700, sound: 90, wrong: 600, other: 10 };
        world.functions.next("watch/check-records", {
          output: { ...page, instances: listed("STALE", 600), next: '{"id":"a"}' },
        });
        world.functions.next("watch/check-records", { output: { ...page, instances: [], next: '{"id":"b"}' } });
        world.functions.next("watch/check-records", { output: { ...page, instances: listed("MISMATCH", 600) } });
        world.start("watch", { check: { all: true } });
        await world.settle();
        const [execution] = world.flows.executions("watch");
        const { instances, ...counts } = JSON.parse(execution?.output ?? "{}");
        assert.deepEqual(counts, { checked: 2100, sound: 270, wrong: 1800, other: 30 });
        assert.deepEqual(instances, [...listed("STALE", 600), ...listed("MISMATCH", 400)]);
      },
    },
    {
      name: "a look goes on to the last page, of the instances and of the hosts, and counts them together",
      async run(definitions) {
        const world = new World({ definitions });
        const records = { looked: 5, silent: 2, judged: 1 };
        const hosts = { looked: 3, without: 1 };
        for (const next of [{ next: '{"id":"a"}' }, {}]) {
          world.functions.next("watch/look-at-records", { output: { ...records, ...next } });
          world.functions.next("watch/look-at-hosts", { output: { ...hosts, ...next } });
        }
        world.start("watch", {});
        await world.settle();
        const [execution] = world.flows.executions("watch");
        const seen = JSON.parse(execution?.output ?? "{}");
        assert.deepEqual(seen.records, { looked: 10, silent: 4, judged: 2 });
        assert.deepEqual(seen.hosts, { looked: 6, without: 2 });
      },
    },
    {
      name: "whatever fails of a look, all that comes after it is done",
      async run(definitions) {
        const parts = ["look-at-records", "look-at-hosts", "read-credentials", "look-at-credentials", "seal-day"];
        for (const failing of parts.slice(0, -1)) {
          const world = new World({ definitions });
          world.functions.next(`watch/${failing}`, { error: "Broken" });
          world.start("watch", {});
          await world.settle();
          const invoked = parts.filter((part) => world.functions.invoked.includes(`watch/${part}`));
          // What is wrong with credentials is told of those that could be read.
          const left = failing === "read-credentials" ? ["look-at-credentials"] : [];
          assert.deepEqual(
            invoked,
            parts.filter((part) => !left.includes(part)),
            failing,
          );
        }
      },
    },
    {
      name: "a check starts nothing, and its next look has a rotation follow what it has left",
      async run(definitions) {
        const world = new World({ definitions });
        await fleet(world);
        world.clock.moveTo(world.clock.now() + 1000);
        world.timeSeries.write(...FIRST_WRITER, { timeMs: world.clock.now(), generation: 7, hash: hex64Of("claims") });
        world.start("watch", { check: { all: true } });
        await world.settle();
        assert.deepEqual(world.flows.executions("rotation"), []);
        world.start("watch", {});
        await world.settle();
        const names = world.flows.executions("rotation").map(({ name }) => name);
        assert.equal(names.length, 1);
        assert.match(names[0] ?? "", /-behind-1-/);
      },
    },
  ],

  failsWith(state, error, { comesTo }) {
    // It is for whoever started it, who looks how it ended.
    if (state === "CheckRecords" && error === "InvalidInput") return { end: "Keyturn.InvalidInput", mails: 0 };
    // Who tells cannot tell of itself: a rule does. What was found is told by the next look, or was told before.
    if (state === "NotifySns") return { end: error, mails: comesTo.mails + 1 };
    return { end: BROKEN_OFF, mails: comesTo.mails + 1 };
  },
};
