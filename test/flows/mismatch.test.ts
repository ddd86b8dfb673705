import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { ACCOUNT } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoTickets } from "../../functions/clients/tickets.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(2);
});
afterAll(() => fleet.close());

test.each([
  ["that skips a generation", 3, "WRONG_GENERATION"],
  ["whose proof is wrong", 2, "WRONG_PROOF"],
])("a forged ticket %s changes nothing on the instance", async (_, generation, reason) => {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const { id, ec2InstanceId } = record;
  const before = fleet.keyFile(ec2InstanceId);
  const { endpoint, region, credentials } = fleet.aws;
  const place = { endpoint, region, credentials };
  const ticket = { id, generation, nonce: "ab".repeat(32), proof: "cd".repeat(32) };
  const table = { table: NAMES.ticketTable, partition: "aws", account: ACCOUNT };
  const tickets = dynamoTickets(new DynamoDBClient(place), table);
  const lying = await tickets.lay(ec2InstanceId, ticket, { at: Date.now() });
  if (lying !== undefined) await tickets.lay(ec2InstanceId, ticket, { at: Date.now(), replaced: lying });
  const ssm = new SSMClient(place);
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: NAMES.pushDocument,
      DocumentVersion: "$LATEST",
      InstanceIds: [ec2InstanceId],
    }),
  );
  const output = await until(async () => {
    const asked = { CommandId: Command?.CommandId, InstanceId: ec2InstanceId };
    const invocation = await ssm.send(new GetCommandInvocationCommand(asked));
    return invocation.Status === "Failed" ? invocation.StandardOutputContent : undefined;
  }, "the end of the command");
  expect(JSON.parse(output)).toEqual({ refused: { id, generation, reason } });
  expect(fleet.keyFile(ec2InstanceId)).toEqual(before);
});

test("an instance reads no ticket but its own", async () => {
  const [one, other] = await fleet.records();
  if (one === undefined || other === undefined) throw new Error("two instances should have registered");
  const { endpoint, region } = fleet.aws;
  const credentials = fleet.aws.credentialsOf(one.ec2InstanceId);
  const table = { table: NAMES.ticketTable, partition: "aws", account: ACCOUNT };
  const tickets = dynamoTickets(new DynamoDBClient({ endpoint, region, credentials }), table);
  expect(await tickets.find(one.ec2InstanceId, one.id)).toMatchObject({ id: one.id });
  await expect(tickets.find(other.ec2InstanceId, other.id)).rejects.toMatchObject({ name: "AccessDeniedException" });
  const made = { id: one.id, generation: 9, nonce: "", proof: "cd".repeat(32) };
  const writing = tickets.lay(one.ec2InstanceId, made, { at: Date.now() });
  await expect(writing).rejects.toMatchObject({ name: "AccessDeniedException" });
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
