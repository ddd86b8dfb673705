import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type StatusParts, status } from "../../agent/commands/status.ts";
import { systemDisk } from "../../agent/disk.ts";
import { Failure } from "../../agent/failure.ts";
import { type Places, placesIn } from "../../agent/state/places.ts";
import type { ProgressFile } from "../../agent/state/progress.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import { EC2_INSTANCE_ID, KEY_FILE } from "./fakes/parts.ts";

const TOLD = { version: 1, sampleIntervalSeconds: 60 };

let places: Places;
let clock: HandClock;
const { version } = await import("../../package.json", { with: { type: "json" } }).then((file) => file.default);

beforeEach(() => {
  places = placesIn(mkdtempSync(join(tmpdir(), "keyturn-status-")));
  clock = new HandClock();
});
afterEach(() => rmSync(places.folder, { recursive: true, force: true }));

function put(path: string, value: object | string): string {
  rmSync(path, { force: true });
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value), { mode: 0o600 });
  return path;
}

/** A folder in which all is well. */
function sound(progress: Partial<ProgressFile> = {}): void {
  const now = clock.now();
  put(places.identity, { version: 1, id: KEY_FILE.id, ec2InstanceId: EC2_INSTANCE_ID });
  put(places.key, KEY_FILE);
  put(places.progress, {
    ...{ version: 1, pid: 123, startedAt: now - 3_600_000, registeredAt: now - 3_600_000, ip: "10.0.0.1" },
    ...{ sampledAt: now - 60_000, sampleIntervalSeconds: 60, ...progress },
  });
}

async function look(parts: Partial<StatusParts> = {}) {
  const { text, sound } = await status({
    disk: systemDisk,
    places,
    clock,
    metadata: { ec2InstanceId: async () => EC2_INSTANCE_ID },
    series: { kind: "timestream", database: "keyturn", table: "samples" },
    user: process.geteuid?.() ?? 0,
    ...parts,
  });
  const lines = text.trimEnd().split("\n");
  const trouble = lines.filter((line) => line.startsWith("trouble")).map((line) => line.slice(26));
  return { text, sound, trouble };
}

describe("status", () => {
  test("of an instance that goes well tells its version, who it is and what was last judged", async () => {
    sound({ verdict: "MATCH" });
    const { text, sound: well, trouble } = await look();
    expect({ well, trouble }).toEqual({ well: true, trouble: ["none"] });
    for (const told of [version, KEY_FILE.id, "generation 4", "as process 123", "with 10.0.0.1", "MATCH, as told at"]) {
      expect(text).toContain(told);
    }
    expect(text).toContain(`${EC2_INSTANCE_ID}, this host`);
    expect(text).not.toContain(KEY_FILE.key);
  });

  test("tells when no verdict was told", async () => {
    sound();
    expect((await look()).text).toMatch(/^last verdict +not told$/m);
  });

  test("tells where samples go: by the settings, until a registration was answered", async () => {
    sound();
    const byTheSettings = "the Timestream table samples of the database keyturn, by the settings";
    expect((await look()).text).toMatch(new RegExp(`^samples go to +${byTheSettings}$`, "m"));
    put(places.told, { version: 1, sampleIntervalSeconds: 60, store: { kind: "dynamodb", table: "samples-2" } });
    const answered = "the DynamoDB table samples-2, as the last registration was answered";
    expect((await look()).text).toMatch(new RegExp(`^samples go to +${answered}$`, "m"));
  });

  test("before the first boot tells the version and asks nobody", async () => {
    const { text, sound: well } = await look({ metadata: { ec2InstanceId: () => expect.unreachable() } });
    expect(well).toBe(true);
    expect(text).toContain(version);
    expect(text).toContain("no identity yet");
  });

  test("is told although the metadata service is away, which is no trouble of the agent's", async () => {
    sound();
    const away = { ec2InstanceId: () => Promise.reject(new Failure("It is away.")) };
    const { text, trouble } = await look({ metadata: away });
    expect(trouble).toEqual(["none"]);
    expect(text).toContain(`${EC2_INSTANCE_ID}, not compared with this host: It is away.`);
  });

  const cases: [string, () => void, RegExp][] = [
    ["a damaged key", () => put(places.key, { ...KEY_FILE, key: KEY_FILE.key.slice(1) }), /key\.json is damaged \(key/],
    ["a damaged identity", () => put(places.identity, "{"), /identity\.json is damaged/],
    ["a key of another ID", () => put(places.key, { ...KEY_FILE, id: "ffffff" }), /different instances/],
    ["a key that is gone", () => rmSync(places.key), /key\.json is missing\. .* by a rekey; it keeps its ID/],
    [
      "a rekey's key pair for a group to read",
      () => chmodSync(put(places.rekey, {}), 0o640),
      /rekey\.json has the mode/,
    ],
    ["a key for everybody to read", () => chmodSync(places.key, 0o644), /key\.json has the mode 644: .* to 600/],
    ["an identity for a group to write", () => chmodSync(places.identity, 0o620), /identity\.json has the mode 620/],
    ["a folder for everybody", () => chmodSync(places.folder, 0o755), /has the mode 755: .* to 700/],
    [
      "a key that lies elsewhere",
      () => {
        renameSync(places.key, join(places.folder, "elsewhere"));
        symlinkSync(join(places.folder, "elsewhere"), places.key);
      },
      /key\.json is no plain file/,
    ],
    [
      "times that are none",
      () => put(places.progress, { version: 1, pid: 1, startedAt: 1e300 }),
      /progress\.json is dam/,
    ],
    [
      "a store that is none",
      () => put(places.told, { ...TOLD, store: { kind: "tape" } }),
      /told\.json is damaged \(store/,
    ],
    [
      "an interval that is none",
      () => put(places.told, { ...TOLD, sampleIntervalSeconds: 0 }),
      /told\.json is damaged/,
    ],
    ["texts that are none", () => sound({ trouble: 7 as never }), /progress\.json is damaged/],
    ["a daemon that never ran", () => rmSync(places.progress), /progress\.json tells nothing/],
    ["a sample of long ago", () => sound({ sampledAt: clock.now() - 181_000 }), /written 3 min 1 s ago.* every 1 min/],
    [
      "no sample at all",
      () => sound({ sampledAt: undefined }),
      /No sample was written since the agent started, 1 h ago/,
    ],
    ["a clock that was set back", () => clock.setBy(-86_400_000), /the clock was set back by 23 h 59 min/],
    ["a MISMATCH", () => sound({ verdict: "MISMATCH" }), /had judged MISMATCH .* docs\/runbook\.md, MISMATCH/],
    ["a CONFLICT", () => sound({ verdict: "CONFLICT" }), /had judged CONFLICT/],
    ["what the daemon noted", () => sound({ trouble: "Not registered: no." }), /^Not registered: no\.$/],
  ];
  test.each(cases)("tells of %s", async (_what, harm, sentence) => {
    sound();
    harm();
    const { sound: well, trouble } = await look();
    expect(well).toBe(false);
    expect(trouble).toEqual([expect.stringMatching(sentence)]);
  });

  test("tells of files that are another user's", async () => {
    sound();
    const { trouble } = await look({ user: 4711 });
    expect(trouble).toHaveLength(4);
    for (const sentence of trouble) expect(sentence).toMatch(/belongs to user \d+, and not to user 4711/);
  });

  test("tells of a copied disk", async () => {
    sound();
    const { text, trouble } = await look({ metadata: { ec2InstanceId: async () => "i-0fedcba9876543210" } });
    expect(trouble).toEqual([expect.stringMatching(/is of i-0123456789abcdef0, and this host is i-0fedcba9876543210/)]);
    expect(text).toContain("not this host");
  });

  test("waits for three long intervals before it tells of a missing sample", async () => {
    sound({ sampledAt: clock.now() - 2 * 86_400_000, sampleIntervalSeconds: 86_400 });
    expect((await look()).trouble).toEqual(["none"]);
  });

  test("lets no file write to the terminal", async () => {
    sound({ trouble: "\u001b[2Jall is well\ntrouble none" });
    const { text } = await look();
    expect(text).not.toContain("\u001b");
    expect(text).toContain("?[2Jall is well?trouble none");
  });
});
