import { beforeEach, describe, expect, test } from "vitest";
import { isRetired } from "../../functions/record/record.ts";
import { checkSettings } from "../../infra/settings.ts";
import { hex64Of, INTERVAL_MS, LINE, NOW, ROTATE_EVERY_MS } from "../functions/support.ts";
import { shippedSettings } from "../infra/synthesized.ts";
import type { Host } from "./host.ts";
import { World } from "./world.ts";

/** What people are told, and how soon, by a clock that is moved by hand and with the settings as they are shipped. */

const A_MINUTE_MS = 60_000;
const AN_HOUR_MS = 60 * A_MINUTE_MS;
const A_DAY_MS = 24 * AN_HOUR_MS;

const shipped = checkSettings(shippedSettings());
const LOOKS_EVERY_MS = shipped.watch.freshnessMinutes * A_MINUTE_MS;
const PROOFS_EVERY_MS = shipped.watch.proofMinutes * A_MINUTE_MS;
const SILENT_AFTER_MS = 3 * INTERVAL_MS;
/** Within a look every call takes a moment. */
const A_LOOK_MS = 1000;
const ALL_IS_WELL = "Keyturn: all is well";

let world: World;
const worldWith = (silentAfterMs: number) =>
  new World({ settings: { looksEveryMs: LOOKS_EVERY_MS, proofsEveryMs: PROOFS_EVERY_MS, silentAfterMs } });
beforeEach(() => {
  world = worldWith(shipped.schedule.silentAfterHours * AN_HOUR_MS);
});

test("the harness's interval, and how old a key gets, are those that are shipped", () => {
  expect(INTERVAL_MS).toBe(shipped.sampleIntervalSeconds * 1000);
  expect(ROTATE_EVERY_MS).toBe(shipped.rotateEveryHours * AN_HOUR_MS);
});

/** Hosts that were all turned and judged at once just now. */
async function fleet(count: number): Promise<Host[]> {
  const hosts: Host[] = [];
  for (let n = 1; n <= count; n += 1) {
    const id = n.toString(16).padStart(6, "0");
    const now = world.clock.now();
    const judged = { verdict: "MATCH", judgedAt: now, dueAt: now + ROTATE_EVERY_MS };
    hosts.push(await world.settledHost(id, `i-${n.toString(16).padStart(17, "0")}`, judged));
    const record = world.registry.records.get(id);
    if (record !== undefined && !isRetired(record)) record.current.since = now;
  }
  return hosts;
}

const idOf = (host: Host) => host.ec2InstanceId.slice(-6);

/** Its agent hangs: it writes nothing, though EC2 says that it runs. Gives what has it write again. */
function freeze(host: Host): () => void {
  const { prove } = host;
  host.prove = async () => undefined;
  return () => {
    host.prove = prove;
  };
}

/** Somebody alters its key file. */
function alterKey(host: Host): void {
  host.hold({ id: idOf(host), generation: 1, key: hex64Of("another key") });
}

async function start(flow: "watch" | "fleet-rotation"): Promise<void> {
  // Only of one look is it said how many functions it may call.
  world.functions.invoked.length = 0;
  world.start(flow, {});
  await world.settle();
}

/** Time goes by, with a look every so often: the watch's own interval, or a coarser one. */
async function watch(ms: number, every = LOOKS_EVERY_MS): Promise<void> {
  for (const end = world.clock.now() + ms; world.clock.now() < end - A_LOOK_MS; ) {
    await world.pass(every);
    await start("watch");
  }
}

const subjects = () => world.mail.sent.map(({ subject }) => subject);
const heard = (detailType: string) => world.bus.events.filter((event) => event.detailType === detailType);

describe("something befalls an instance, at whatever minute between two looks", () => {
  const minutes = Array.from({ length: LOOKS_EVERY_MS / A_MINUTE_MS }, (_, minute) => minute);

  /** How long after it people are mailed, where each look comes when it should. */
  async function mailedAfter(minute: number, befall: (host: Host) => unknown, atMost: number): Promise<number> {
    const [host] = await fleet(2);
    if (host === undefined) throw new Error("there is no host");
    const began = world.clock.now();
    await world.pass(minute * A_MINUTE_MS);
    befall(host);
    const befell = world.clock.now();
    for (let look = LOOKS_EVERY_MS; look <= minute * A_MINUTE_MS + atMost + LOOKS_EVERY_MS; look += LOOKS_EVERY_MS) {
      await world.pass(began + look - world.clock.now());
      await start("watch");
      if (world.mail.sent.length > 0) break;
    }
    return world.clock.now() - befell;
  }

  test.each(minutes)(
    "it falls silent, %i minutes after a look: people know after an interval of the watch and three of the instance",
    async (minute) => {
      const atMost = LOOKS_EVERY_MS + SILENT_AFTER_MS;
      expect(await mailedAfter(minute, freeze, atMost)).toBeLessThanOrEqual(atMost + A_LOOK_MS);
      expect(subjects()).toEqual(["Keyturn: STALE on 000001 (i-00000000000000001)"]);
    },
  );

  test.each(minutes)(
    "its key file is altered, %i minutes after its proofs were judged: people know when they are again",
    async (minute) => {
      // Its record and its file have come apart: that is what is found.
      world.watching = false;
      const atMost = PROOFS_EVERY_MS + LOOKS_EVERY_MS;
      expect(await mailedAfter(minute, alterKey, atMost)).toBeLessThanOrEqual(atMost);
      expect(subjects()).toEqual(["Keyturn: MISMATCH on 000001 (i-00000000000000001)"]);
    },
  );
});

test("of a fleet of five that is well people hear once a week, and nothing else", async () => {
  await fleet(5);
  await start("watch");
  for (let hour = 3; hour <= 30 * 24; hour += 3) {
    await world.pass(NOW + hour * AN_HOUR_MS - world.clock.now());
    await start("fleet-rotation");
    await start("watch");
  }
  expect(subjects()).toEqual(Array.from({ length: 4 }, () => ALL_IS_WELL));
  const records = [...world.registry.records.values()].flatMap((record) => (isRetired(record) ? [] : [record]));
  // Each key was turned whenever a run found it due; and what was judged last says so.
  for (const { current } of records) expect(current.generation).toBeGreaterThan(25);
  expect(new Set(records.map(({ verdict }) => verdict))).toEqual(new Set(["MATCH"]));
  expect(heard("Finding Opened")).toEqual([]);
}, 60_000);

test("of a thousand that fall silent at once six mails tell, and one a day; and of their return the next of these", async () => {
  // No run over the fleet comes by, which is not what is looked at.
  world = worldWith(Number.POSITIVE_INFINITY);
  // Their own invariants are looked at elsewhere; here, after each call, it would take hours.
  world.watching = false;
  const hosts = await fleet(1000);
  await start("watch");
  const thaw = hosts.map(freeze);
  await watch(2 * LOOKS_EVERY_MS);
  expect(subjects()).toHaveLength(6);
  expect(
    subjects()
      .slice(0, 5)
      .every((subject) => subject.startsWith("Keyturn: STALE on 0")),
  ).toBe(true);
  expect(subjects()[5]).toBe("Keyturn: STALE on 1000 at once");
  // The storm itself is a finding, too.
  expect(heard("Finding Opened")).toHaveLength(1001);

  await watch(2.5 * A_DAY_MS, A_DAY_MS / 4);
  const storm = "Keyturn: 1001 findings still stand: STALE";
  expect(subjects().slice(6)).toEqual([storm, storm]);

  for (const again of thaw) again();
  // Whoever was ended leaves the storm, which is over by the look after that.
  await watch(2 * LOOKS_EVERY_MS);
  expect(heard("Finding Ended")).toHaveLength(1001);
  expect(heard("Finding Opened")).toHaveLength(1001);
  await watch(A_DAY_MS, A_DAY_MS / 4);
  expect(subjects().slice(8)).toEqual([ALL_IS_WELL]);
  expect(world.mail.sent.at(-1)?.text).toContain("and 951 more");
  expect((await world.findings.listOpen()).findings).toEqual([]);
}, 120_000);

describe("one that is silent, and of which people were told,", () => {
  /** It falls silent, and people are told; what befalls it then is followed: what is mailed in two weeks. */
  async function mailedSince(befall: (host: Host) => unknown): Promise<string[]> {
    const [host] = await fleet(2);
    if (host === undefined) throw new Error("there is no host");
    await start("watch");
    freeze(host);
    await watch(2 * LOOKS_EVERY_MS);
    expect(subjects()).toEqual(["Keyturn: STALE on 000001 (i-00000000000000001)"]);
    world.mail.sent.length = 0;
    await befall(host);
    for (let hour = 0; hour < 14 * 24; hour += 2) {
      await world.pass(2 * AN_HOUR_MS);
      await start("fleet-rotation");
      await start("watch");
    }
    return subjects();
  }

  test("is in the mail of each day", async () => {
    const mails = await mailedSince(() => undefined);
    expect(mails).toHaveLength(14);
    expect(new Set(mails)).toEqual(new Set(["Keyturn: STALE on 000001 (i-00000000000000001) still stands"]));
  }, 60_000);

  test.each<[string, (host: Host) => unknown]>([
    [
      "is stopped",
      (host) => {
        host.state = "stopped";
      },
    ],
    ["is put in quarantine", (host) => world.registry.quarantine(idOf(host), { line: LINE })],
    [
      "is terminated",
      (host) => {
        host.state = "terminated";
      },
    ],
  ])(
    "and then %s, is in no further mail but the one that says that it ended",
    async (_, befall) => {
      expect(await mailedSince(befall)).toEqual([ALL_IS_WELL, ALL_IS_WELL]);
      expect(world.mail.sent.map(({ text }) => text.includes("000001"))).toEqual([true, false]);
    },
    60_000,
  );
});
