import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(2);
});
afterAll(() => fleet.close());

test.each([
  ["for another ID", { id: "ffffff" }, "WRONG_ID"],
  ["of a stale generation", { generation: "1" }, "WRONG_GENERATION"],
  ["whose proof is wrong", {}, "WRONG_PROOF"],
])("a made-up ticket %s changes nothing on the instance", async (_, change, refused) => {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const before = fleet.keyFile(record.ec2InstanceId);
  const { endpoint, region, credentials } = fleet.aws;
  const ssm = new SSMClient({ endpoint, region, credentials });
  const ticket = { id: record.id, generation: "2", nonce: "ab".repeat(32), proof: "cd".repeat(32), ...change };
  const sent = await ssm.send(
    new SendCommandCommand({
      DocumentName: NAMES.pushDocument,
      InstanceIds: [record.ec2InstanceId],
      Parameters: Object.fromEntries(Object.entries(ticket).map(([name, value]) => [name, [value]])),
    }),
  );
  const output = await until(async () => {
    const { GetCommandInvocationCommand } = await import("@aws-sdk/client-ssm");
    const invocation = await ssm.send(
      new GetCommandInvocationCommand({ CommandId: sent.Command?.CommandId, InstanceId: record.ec2InstanceId }),
    );
    return invocation.Status === "Failed" ? invocation.StandardOutputContent : undefined;
  }, "the end of the command");
  expect(JSON.parse(output)).toEqual({ refused });
  expect(fleet.keyFile(record.ec2InstanceId)).toEqual(before);
});

test("a ticket whose nonce is not hexadecimal does not even reach the instance", async () => {
  const [record] = await fleet.records();
  const { endpoint, region, credentials } = fleet.aws;
  const parameters = { id: [record?.id ?? ""], generation: ["2"], nonce: ["$(reboot)"], proof: ["cd".repeat(32)] };
  const command = new SendCommandCommand({
    DocumentName: NAMES.pushDocument,
    InstanceIds: [record?.ec2InstanceId ?? ""],
    Parameters: parameters,
  });
  await expect(new SSMClient({ endpoint, region, credentials }).send(command)).rejects.toThrow(
    expect.objectContaining({ name: "InvalidParameters" }),
  );
});

test("a tampered key ends in MISMATCH and one mail that a person can act on", async () => {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const file = join(keyFolder(fleet.aws, record.ec2InstanceId), "key.json");
  const content = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...content, key: "0".repeat(64) }));
  // Until samples with the altered key are the newest ones.
  await pause(2500);

  const execution = await fleet.rotate(record.id);
  expect(execution).toMatchObject({ status: "FAILED", error: "Keyturn.MISMATCH" });
  const mail = await until(() => fleet.aws.inbox.list()[0], "the mail about the mismatch");
  expect(mail.subject).toBe(`Keyturn: MISMATCH on ${record.id} (${record.ec2InstanceId})`);
  for (const part of ["It means:", "To do:", "Last proof:", execution.executionArn ?? "", "console.aws.amazon.com"]) {
    expect(mail.text).toContain(part);
  }
  await fleet.rotate(record.id);
  expect(fleet.aws.inbox.list()).toHaveLength(1);
  expect((await fleet.record(record.id)).current).toEqual(record.current);
});
