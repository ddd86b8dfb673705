import { expect, test } from "vitest";
import { confirmSuccessor } from "../../../functions/rotation/confirm-successor/step.ts";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { controlPlane, EC2, hex64Of, ID, NOW } from "../support.ts";

async function turned() {
  const plane = await controlPlane();
  const matched = { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MATCH" as const, lastProofAt: NOW };
  const { ticket, receiptDigest } = await deriveSuccessor(matched, plane);
  const { receipt } = JSON.parse((await plane.instance.obey(ticket)).output);
  return { ticket, receiptDigest, receipt };
}

test("a receipt under the new key is confirmed, however often", async () => {
  const input = await turned();
  expect(await confirmSuccessor(input)).toEqual({ hooksFailed: [] });
  expect(await confirmSuccessor(input)).toEqual({ hooksFailed: [] });
});

test("hooks that did not succeed are named, and withhold nothing", async () => {
  const input = await turned();
  const hooks = [
    { name: "10-reload", outcome: "done" as const },
    { name: "20-notify", outcome: "failed" as const },
    { name: "30-slow", outcome: "timed-out" as const },
  ];
  const receipt = { ...input.receipt, hooks };
  expect(await confirmSuccessor({ ...input, receipt })).toEqual({ hooksFailed: ["20-notify", "30-slow"] });
});

test("a receipt with another proof, of another instance or another generation confirms nothing", async () => {
  const input = await turned();
  const { receipt, receiptDigest } = input;
  for (const change of [
    { proof: hex64Of("made up") },
    { proof: receiptDigest },
    { id: "ffffff" },
    { generation: 1 },
    { generation: 3 },
  ]) {
    const attempt = confirmSuccessor({ ...input, receipt: { ...receipt, ...change } });
    await expect(attempt).rejects.toMatchObject({ name: "ReceiptInvalid", message: expect.stringContaining(ID) });
  }
});

test("the ticket's proof, which the instance has seen, is no receipt", async () => {
  const input = await turned();
  const receipt = { ...input.receipt, proof: input.ticket.proof };
  await expect(confirmSuccessor({ ...input, receipt })).rejects.toMatchObject({ name: "ReceiptInvalid" });
});

test("a refused receipt's proof stands in no message", async () => {
  const input = await turned();
  const receipt = { ...input.receipt, generation: 9 };
  await expect(confirmSuccessor({ ...input, receipt })).rejects.not.toThrow(receipt.proof);
});
