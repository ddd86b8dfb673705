import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { arnOf } from "embedded-aws";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { placesIn } from "../../agent/state/places.ts";
import { executionName } from "../../functions/record/execution-name.ts";
import { NAMES } from "../../infra/wiring.ts";
import { type Keyturn, keyFile, lookInto, machines, mailsIn, startKeyturn } from "./keyturn.ts";

const SOON = { timeout: 20_000, interval: 20 };

let data: string;
let keyturn: Keyturn | undefined;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterEach(async () => {
  await keyturn?.end("SIGKILL");
  keyturn = undefined;
  rmSync(data, { recursive: true, maxRetries: 10 });
});

/** Starts one that turns nothing by itself. */
async function start(agents: number): Promise<Keyturn> {
  keyturn = await startKeyturn(data, ["--agents", String(agents), "--every", "24h", "--samples", "2s"]);
  return keyturn;
}

/** Starts one with one instance that has registered and proved its key. */
async function startOne() {
  const started = await start(1);
  const [record] = await vi.waitFor(async () => {
    const records = await started.fleet.records();
    expect(records).toHaveLength(1);
    return records;
  }, SOON);
  if (record === undefined) throw new Error("no instance has registered");
  await started.fleet.sampleAfter(record, 0);
  return { ...started, id: record.id, folder: join(data, "instances", record.ec2InstanceId), record };
}

test("killed after the turn and before the receipt: the same rotation goes on and completes", async () => {
  const before = await startOne();
  const { id, folder, record } = before;
  mkdirSync(join(folder, "hooks.d"));
  // A hook has a process group of its own, and outlives an agent that is killed: this one looks whether it is still there.
  const waiting = 'while [ ! -e "$HOME/go-on" ] && kill -0 $PPID; do sleep 0.1; done';
  writeFileSync(join(folder, "hooks.d", "10-wait"), `#!/bin/sh\n${waiting}\n`);
  chmodSync(join(folder, "hooks.d", "10-wait"), 0o755);
  const execution = await before.rotations.start(id);
  await vi.waitFor(() => expect(keyFile(data, record.ec2InstanceId).generation).toBe(2), SOON);
  await before.end("SIGKILL");

  const after = await start(1);
  expect((await after.rotations.describe(execution)).status).toBe("RUNNING");
  expect((await after.fleet.record(id)).current.generation).toBe(1);
  writeFileSync(join(folder, "go-on"), "");
  expect(await after.rotations.ended(execution)).toMatchObject({ status: "SUCCEEDED", outcome: "ROTATED" });
  expect((await after.fleet.record(id)).current.generation).toBe(2);
  expect(keyFile(data, record.ec2InstanceId).generation).toBe(2);
});

test("killed while a task token waits and the key is not turned yet: the same", async () => {
  const before = await startOne();
  const { id, folder, record } = before;
  // Whoever holds the agent's lock holds up the turn.
  const lock = new DatabaseSync(placesIn(join(folder, "state")).lock);
  lock.exec("BEGIN EXCLUSIVE");
  const execution = await before.rotations.start(id);
  await vi.waitFor(
    async () => expect((await before.fleet.record(id)).pending?.pushes).toHaveProperty([executionName(execution)]),
    SOON,
  );
  await before.end("SIGKILL");
  expect(keyFile(data, record.ec2InstanceId).generation).toBe(1);

  const after = await start(1);
  expect((await after.rotations.describe(execution)).status).toBe("RUNNING");
  lock.close();
  expect(await after.rotations.ended(execution)).toMatchObject({ status: "SUCCEEDED", outcome: "ROTATED" });
  expect((await after.fleet.record(id)).current.generation).toBe(2);
  expect(keyFile(data, record.ec2InstanceId).generation).toBe(2);
});

test("killed while mails are on their way: each arrives, and once", async () => {
  const before = await start(1);
  const sns = new SNSClient(before.config);
  const subjects = Array.from({ length: 60 }, (_, index) => `mail ${index}`);
  const publish = (Subject: string) =>
    sns.send(new PublishCommand({ TopicArn: arnOf("sns", NAMES.alertTopic), Subject, Message: "text" }));
  await Promise.all(subjects.map(publish));
  await before.end("SIGKILL");
  sns.destroy();
  const left = lookInto(data, (store) => store.prepare("SELECT count(*) AS mails FROM mail_outbox").get());
  expect(left?.mails).toBeGreaterThan(0);

  await start(1);
  await vi.waitFor(() => expect(new Set(mailsIn(data))).toEqual(new Set(subjects)), SOON);
  expect(mailsIn(data)).toHaveLength(subjects.length);
});

test("killed again and again while instances register: each gets one record, and agrees on its key", async () => {
  const stateOf = (machine: string) => placesIn(join(data, "instances", machine, "state"));
  let cutOff = 0;
  let agents = 0;
  for (const delayMs of [0, 30, 60]) {
    agents += 2;
    const before = await start(agents);
    const isDrawn = (machine: string) => existsSync(stateOf(machine).identity);
    await vi.waitFor(() => expect(machines(data).filter(isDrawn).length).toBeGreaterThan(agents - 2), {
      timeout: 20_000,
      interval: 2,
    });
    await pause(delayMs);
    await before.end("SIGKILL");
    cutOff += machines(data).filter((machine) => isDrawn(machine) && !existsSync(stateOf(machine).key)).length;
  }
  expect(cutOff).toBeGreaterThan(0);

  const after = await start(agents);
  await vi.waitFor(async () => expect(await after.fleet.records()).toHaveLength(agents), SOON);
  const records = await after.fleet.records();
  expect(records.map(({ ec2InstanceId }) => ec2InstanceId).sort()).toEqual(machines(data).sort());
  // A rotation succeeds only where both sides hold the same key.
  await Promise.all(records.map((record) => after.fleet.sampleAfter(record, 0)));
  const endings = await Promise.all(records.map(({ id }) => after.rotations.turn(id)));
  expect(endings.map(({ outcome }) => outcome)).toEqual(records.map(() => "ROTATED"));
  // By EC2's word one that was cut off has been up for long, and the watch may look before it registers after all.
  expect(mailsIn(data).filter((subject) => !/^Keyturn: NeverRegistered on i-\w+$/.test(subject))).toEqual([]);
});

test("stopped with Ctrl-C, it ends with exit code 0 and the next start goes on with the same fleet", async () => {
  const before = await startOne();
  const { id, record } = before;
  expect((await before.rotations.turn(id)).outcome).toBe("ROTATED");
  const { code, out } = await before.end("SIGINT");
  expect(code).toBe(0);
  expect(out).toContain("the next npm start goes on from here");

  const startedAt = Date.now();
  const after = await start(1);
  await vi.waitFor(() => expect(after.said()).toContain(`${id}  registered again`), SOON);
  expect(after.said()).not.toContain("as new");
  await after.fleet.sampleAfter(record, startedAt);
  expect((await after.rotations.turn(id)).outcome).toBe("ROTATED");
  expect((await after.fleet.record(id)).current.generation).toBe(3);
  expect(keyFile(data, record.ec2InstanceId).generation).toBe(3);
});
