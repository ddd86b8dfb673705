import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCommandInvocationCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEc2 } from "../ec2/harness.ts";
import { DOCUMENT, FakeShell, instance, openSsm } from "./harness.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function send(opened: Awaited<ReturnType<typeof openSsm>>, InstanceIds: string[]): Promise<string> {
  opened.ssm.deployDocument("Test-Turn", JSON.stringify(DOCUMENT));
  const input = { DocumentName: "Test-Turn", InstanceIds, MaxConcurrency: "1" };
  const { Command } = await opened.client.send(new SendCommandCommand(input));
  return Command?.CommandId ?? "";
}

test("a command that was pending or in progress is delivered after a restart, and what had ended is not", async () => {
  const ids = [1, 2, 3].map(instance);
  const before = new FakeShell();
  for (const id of ids) before.states.set(id, "running");
  let opened = await openSsm(before, { folder });
  const CommandId = await send(opened, ids);
  await expect.poll(() => before.runs.length).toBe(1);
  before.runs[0]?.end();
  await expect.poll(() => before.runs.length).toBe(2);
  await opened.close();
  before.runs[1]?.end();

  const after = new FakeShell();
  opened = await openSsm(after, { folder });
  // The machines are not up yet, as EC2 starts at the same time.
  after.states.set(instance(2), "pending");
  after.states.set(instance(3), "pending");
  opened.ssm.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const id of ids) after.states.set(id, "running");
  await expect.poll(() => after.runs.length).toBe(1);
  after.runs[0]?.end();
  await expect.poll(() => after.runs.length).toBe(2);
  after.runs[1]?.end({ exitCode: 1 });
  const status = async (InstanceId: string) =>
    (await opened.client.send(new GetCommandInvocationCommand({ CommandId, InstanceId }))).Status;
  await expect.poll(() => status(instance(3))).toBe("Failed");
  expect(await Promise.all(ids.map(status))).toEqual(["Success", "Success", "Failed"]);
  expect(after.runs.map(({ id }) => id)).toEqual([instance(2), instance(3)]);
  await opened.close();
});

test("a command runs as a process on a machine", async () => {
  const ec2 = openEc2(folder);
  const [row] = ec2.instances.launch(1);
  await ec2.instances.settled();
  const opened = await openSsm(ec2.instances);
  const InstanceId = row?.id ?? "";
  const CommandId = await send(opened, [InstanceId]);
  const get = () => opened.client.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  await expect.poll(get).toMatchObject({ Status: "Success", StandardOutputContent: "one\n{{two}}\n" });
  await opened.close();
  await ec2.close();
});
