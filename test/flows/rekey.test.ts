import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EC2Client, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rekey, rekeyAll } from "../../functions/telling/commands.ts";
import { envOf, keyturn } from "../operator/keyturn.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(3);
});
afterAll(() => fleet.close());

/** Starts an execution of operate, as a person does, and waits for its end. */
async function operate(input: object) {
  const execution = await fleet.ended(await fleet.start(input, "operate"));
  const { status, output = "null", error, cause } = execution;
  return status === "SUCCEEDED" ? JSON.parse(output) : { error, cause };
}

const keyFileOf = (ec2InstanceId: string) => join(keyFolder(fleet.aws, ec2InstanceId), "key.json");

function tamper(ec2InstanceId: string): void {
  const content = JSON.parse(readFileSync(keyFileOf(ec2InstanceId), "utf8"));
  writeFileSync(keyFileOf(ec2InstanceId), JSON.stringify({ ...content, key: "0".repeat(64) }));
}

const isMismatch = async (subject: string) => {
  const finding = await fleet.finding({ subject, cause: "MISMATCH" });
  return finding !== undefined && finding.endedAt === undefined;
};

test("a tampered key is found, mended by the command of the mail under the same ID, and over with the next look", async () => {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const { id, ec2InstanceId } = record;
  tamper(ec2InstanceId);
  // Until samples with the altered key are the newest ones.
  await pause(2500);
  const { executionArn: execution = "" } = await fleet.rotate(id);
  const mail = await until(() => fleet.aws.inbox.list()[0], "the mail about the mismatch");
  expect(mail.text).toContain(rekey({ id, execution })?.aws);
  const [, typed = ""] = /^Type: +npx keyturn (.+)$/m.exec(mail.text) ?? [];
  const { code, out, err } = await keyturn([...typed.split(" "), "--wait"], { env: envOf(fleet) });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("REKEYED");

  const after = await fleet.record(id);
  expect(after).toMatchObject({ id, ec2InstanceId, status: "ACTIVE", current: { generation: 2 } });
  expect(after.rekey).toBeUndefined();
  expect(after.agentPublic).not.toBe(record.agentPublic);
  expect(fleet.keyFile(ec2InstanceId)).toMatchObject({ id, generation: 2 });
  expect(fleet.keyFile(ec2InstanceId).key).not.toBe("0".repeat(64));
  await until(async () => {
    await fleet.look();
    return !(await isMismatch(id));
  }, "the end of the mismatch");
  expect((await fleet.record(id)).verdict).toBe("MATCH");
  expect(JSON.parse((await fleet.rotate(id)).output ?? "null")).toMatchObject({ outcome: "ROTATED", generation: 3 });
});

test("lost key files of many are mended by one command, each under its own ID, and asked again it passes them over", async () => {
  const records = await fleet.records();
  for (const { ec2InstanceId } of records) rmSync(keyFileOf(ec2InstanceId));
  const since = new Date().toISOString();
  const named = { act: "rekey", ids: [...records.map(({ id }) => id), "ffffff"], since };
  const counts = { waiting: 0, skipped: 0 };
  // One that nobody has fails by itself, and stops nobody else.
  const mended = { outcome: "SOME_FAILED", meant: 4, rekeyed: 3, failed: 1, ...counts };
  expect(await operate(named)).toEqual(mended);
  for (const { id, ec2InstanceId, current } of records) {
    expect((await fleet.record(id)).current.generation).toBe(current.generation + 1);
    expect(fleet.keyFile(ec2InstanceId)).toMatchObject({ id, generation: current.generation + 1 });
  }
  expect(await operate(named)).toEqual({ outcome: "SOME_FAILED", meant: 1, rekeyed: 0, failed: 1, ...counts });
});

test("all of whom one finding stands are mended by one command, and nobody else is touched", async () => {
  await fleet.forgetFindings();
  const [spared, ...tampered] = await fleet.records();
  if (spared === undefined) throw new Error("no instance has registered");
  for (const { ec2InstanceId } of tampered) tamper(ec2InstanceId);
  await pause(2500);
  for (const { id } of tampered) await fleet.rotate(id);
  const { aws: command } = rekeyAll("MISMATCH", {
    execution: (await fleet.finding({ subject: tampered[0]?.id ?? "", cause: "MISMATCH" }))?.execution ?? "",
  });
  const input = JSON.parse(command.split("--input ")[1]?.slice(1, -1) ?? "");
  expect(await operate(input)).toMatchObject({ outcome: "REKEYED", meant: 2, rekeyed: 2, failed: 0 });
  expect((await fleet.record(spared.id)).current).toMatchObject({ generation: spared.current.generation });
  await until(async () => {
    await fleet.look();
    return !(await isMismatch(tampered[0]?.id ?? "")) && !(await isMismatch(tampered[1]?.id ?? ""));
  }, "the end of both");
});

test("where too many fail the rest is not begun: people are told, and how the same act goes on with it", async () => {
  const since = "2026-11-20T03:00:00.000Z";
  const nobody = Array.from({ length: 101 }, (_, n) => n.toString(16).padStart(6, "0"));
  const { error, cause } = await operate({ act: "rekey", ids: nobody, since });
  const said = `100 of 100 failed; the rest was not begun. To go on, start the same act with "since": "${since}".`;
  expect({ error, cause }).toEqual({ error: "RekeyStopped", cause: said });
  const isOfOperate = ({ subject }: { subject: string }) => subject === "Keyturn: RekeyStopped on operate";
  const mail = await until(() => fleet.aws.inbox.list().find(isOfOperate), "the mail about it");
  expect(mail.text).toContain(said);
});

test("one that is off waits, and is rekeyed once it is back; one in quarantine or retired is not", async () => {
  const [off, shut, gone] = await fleet.records();
  if (off === undefined || shut === undefined || gone === undefined) throw new Error("three have registered");
  const { endpoint, region, credentials } = fleet.aws;
  const ec2 = new EC2Client({ endpoint, region, credentials });
  await ec2.send(new StopInstancesCommand({ InstanceIds: [off.ec2InstanceId] }));
  await until(async () => (await fleet.record(off.id)).status === "STOPPED", "the record of one that is off");
  const generation = off.current.generation + 1;
  expect(await operate({ act: "rekey", id: off.id })).toEqual({ outcome: "WAITING", id: off.id, generation });
  await operate({ act: "quarantine", id: shut.id });
  expect(await operate({ act: "rekey", id: shut.id })).toEqual({ outcome: "QUARANTINED", id: shut.id });
  await operate({ act: "retire", id: gone.id });
  expect(await operate({ act: "rekey", id: gone.id })).toEqual({ outcome: "RETIRED", id: gone.id });
  expect(await operate({ act: "rekey", all: true })).toMatchObject({
    meant: 2,
    rekeyed: 0,
    waiting: 1,
    skipped: 1,
    failed: 0,
  });
  await ec2.send(new StartInstancesCommand({ InstanceIds: [off.ec2InstanceId] }));
  await until(async () => (await fleet.record(off.id)).status === "ACTIVE", "the record of one that is back");
  await until(async () => {
    await fleet.look();
    return (await fleet.record(off.id)).current.generation === generation;
  }, "the rekey of one that is back");
});
