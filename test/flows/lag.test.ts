import { setTimeout as pause } from "node:timers/promises";
import { EC2Client, StartInstancesCommand, StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { type FaultPlan, Faults } from "embedded-aws";
import { expect, onTestFinished, test } from "vitest";
import { startTestFleet, until } from "./support.ts";

/** A fleet of one, on an AWS at which this goes wrong. */
async function fleetWith(plan: FaultPlan) {
  const calls: string[] = [];
  const fleet = await startTestFleet(1, {
    faults: new Faults(1, plan),
    onCall: ({ operation, error }) => calls.push(`${operation} ${error ?? "done"}`),
  });
  onTestFinished(() => fleet.close());
  const { endpoint, region, credentials } = fleet.aws;
  const ec2 = new EC2Client({ endpoint, region, credentials });
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const { id, ec2InstanceId } = record;
  const rotate = async () => {
    const { status, output, error } = await fleet.rotate(id);
    return { status, outcome: error ?? JSON.parse(output ?? "{}").outcome };
  };
  /** Has it turned once it has been silent for longer than three intervals. */
  const turnedOnceSilent = async () => {
    await pause(4000);
    return rotate();
  };
  const mails = () => fleet.aws.inbox.list().filter(({ text }) => text.includes(id));
  return { fleet, ec2, record, of: { InstanceIds: [ec2InstanceId] }, calls, turnedOnceSilent, mails };
}

test("where every event of EC2 is lost, a stop and an end are found by asking, and nobody is mailed", async () => {
  const { fleet, ec2, record, of, turnedOnceSilent, mails } = await fleetWith({ lost: { "aws.ec2": 1 } });
  const { id } = record;
  await ec2.send(new StopInstancesCommand(of));
  expect(await turnedOnceSilent()).toEqual({ status: "SUCCEEDED", outcome: "WAITING" });
  expect((await fleet.record(id)).status).toBe("STOPPED");

  // Its agent registers, which says that it is back.
  await ec2.send(new StartInstancesCommand(of));
  await until(async () => (await fleet.record(id)).status === "ACTIVE", "its registration");
  await ec2.send(new TerminateInstancesCommand(of));
  await fleet.aws.instances.settled();
  expect(await turnedOnceSilent()).toEqual({ status: "SUCCEEDED", outcome: "RETIRED" });
  // The index that this reads is behind.
  await until(async () => (await fleet.records()).length === 0, "no live record");
  expect(mails()).toEqual([]);
});

test("where EC2 does not know a host that lives, its key outlasts every event and every look", async () => {
  const fault = { kind: "refuse", code: "InvalidInstanceID.NotFound", message: "It does not exist" } as const;
  const { fleet, ec2, record, of, calls, turnedOnceSilent, mails } = await fleetWith({
    calls: [{ service: "ec2", operation: "DescribeInstances", share: 1, fault }],
  });
  const { id } = record;
  const asked = () => calls.filter((call) => call === "DescribeInstances InvalidInstanceID.NotFound").length;
  await ec2.send(new StopInstancesCommand(of));
  await until(() => asked() === 1, "EC2 to be asked after the stop");
  expect(await turnedOnceSilent()).toEqual({ status: "FAILED", outcome: "Keyturn.STALE" });
  expect(await fleet.record(id)).toMatchObject({ absentSince: expect.any(Number), absentLooks: 1 });
  expect((await until(() => mails()[0], "the mail")).text).toMatch(/Next try: +\d/);

  await ec2.send(new StartInstancesCommand(of));
  await until(() => asked() === 3, "EC2 to be asked after the start");
  const { current: before } = await fleet.record(id);
  await until(async () => {
    const { error, output } = await fleet.rotate(id);
    return error === undefined && JSON.parse(output ?? "{}").outcome === "ROTATED";
  }, "its turn");
  const after = await fleet.record(id);
  expect(after.current.generation).toBeGreaterThan(before.generation);
  for (const over of ["absentSince", "absentLooks", "failingSince"]) expect(after).not.toHaveProperty(over);
});
