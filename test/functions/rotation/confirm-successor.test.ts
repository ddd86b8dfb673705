import { expect, test } from "vitest";
import { confirmSuccessor } from "../../../functions/rotation/confirm-successor/step.ts";
import { controlPlane, derived, hex64Of, ID, ticketOf } from "../support.ts";

async function turned() {
  const plane = await controlPlane();
  const { id, generation, receiptDigest } = await derived(plane);
  const { receipt } = JSON.parse((await plane.instance.obey(await ticketOf(plane))).output);
  return { id, generation, receiptDigest, receipt };
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
  const plane = await controlPlane();
  const { id, generation, receiptDigest } = await derived(plane);
  const { proof } = await ticketOf(plane);
  const input = { id, generation, receiptDigest };
  const receipt = { id, generation, proof, hooks: [] };
  await expect(confirmSuccessor({ ...input, receipt })).rejects.toMatchObject({ name: "ReceiptInvalid" });
});

test("a refused receipt's proof stands in no message", async () => {
  const input = await turned();
  const receipt = { ...input.receipt, generation: 9 };
  await expect(confirmSuccessor({ ...input, receipt })).rejects.not.toThrow(receipt.proof);
});
