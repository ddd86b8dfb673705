import { expect, test } from "vitest";
import { askForReceipt } from "../../../functions/rotation/ask-for-receipt/step.ts";
import { confirmSuccessor } from "../../../functions/rotation/confirm-successor/step.ts";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { pushToInstance } from "../../../functions/rotation/push-to-instance/step.ts";
import { type ControlPlane, controlPlane, EC2, ID, NOW } from "../support.ts";

async function derived(plane: ControlPlane) {
  const matched = { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MATCH" as const, lastProofAt: NOW };
  return deriveSuccessor(matched, plane);
}

async function pushed(plane: ControlPlane) {
  const { ticket, receiptDigest } = await derived(plane);
  await pushToInstance({ ec2InstanceId: EC2, ticket, taskToken: "token" }, plane);
  return { ticket, receiptDigest };
}

test("the receipt of a command whose event was lost is found by the push's ID", async () => {
  const plane = await controlPlane();
  const { ticket, receiptDigest } = await pushed(plane);
  const { receipt } = await askForReceipt({ ec2InstanceId: EC2, ticket }, plane);
  expect(await confirmSuccessor({ ticket, receiptDigest, receipt })).toEqual({ hooksFailed: [] });
});

test("of a push that was repeated, the last one's answer counts", async () => {
  const plane = await controlPlane();
  await pushed(plane);
  const { ticket } = await pushed(plane);
  plane.commands.sent.shift();
  expect(await askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).toMatchObject({ receipt: { generation: 2 } });
});

test("a token that was stored, and a command that was never sent, are a push unanswered", async () => {
  const plane = await controlPlane();
  const { ticket } = await pushed(plane);
  plane.commands.sent.length = 0;
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: "PushUnanswered" });
});

test("a pending key without a push is a push unanswered", async () => {
  const plane = await controlPlane();
  const { ticket } = await derived(plane);
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: "PushUnanswered" });
});

test("a command that is still under way is a push unanswered", async () => {
  const plane = await controlPlane();
  const { ticket } = await pushed(plane);
  const [sent] = plane.commands.sent;
  if (sent) sent.state = { ...sent.state, phase: "under way", output: "" };
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: "PushUnanswered" });
});

test.each([
  ["PushRefused", { output: '{"refused":"WRONG_PROOF"}', success: false }],
  ["PushFailed", { output: "Segmentation fault", success: false }],
  ["PushUndelivered", undefined],
])("%s is told by its name", async (error, answer) => {
  const plane = await controlPlane();
  plane.agents.set(EC2, () => answer);
  const { ticket } = await pushed(plane);
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: error });
});

test("after another execution's promotion there is nothing to ask for", async () => {
  const plane = await controlPlane();
  const { ticket } = await pushed(plane);
  await plane.registry.promote(ID, { ...ticket, at: NOW, dueAt: NOW, keepAlert: false });
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: "Superseded" });
});

test("a record that was retired or lost meanwhile is told by its name", async () => {
  const plane = await controlPlane();
  const { ticket } = await pushed(plane);
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: "Retired" });
  plane.registry.records.clear();
  await expect(askForReceipt({ ec2InstanceId: EC2, ticket }, plane)).rejects.toMatchObject({ name: "UnknownId" });
});
