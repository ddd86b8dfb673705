import { beforeEach, expect, test } from "vitest";
import type { Rekey } from "../../../functions/record/record.ts";
import { confirmRekey } from "../../../functions/rotation/confirm-rekey/step.ts";
import type { Receipt } from "../../../protocol/index.ts";
import { type ControlPlane, controlPlane, EC2, hex64Of, ID, keyAgreed, LINE, NOW, rekeyOpened } from "../support.ts";

let plane: ControlPlane;
let rekey: Rekey;
let receipt: Receipt;
beforeEach(async () => {
  plane = await controlPlane();
  rekey = await rekeyOpened(plane);
  receipt = await keyAgreed(plane, rekey);
});

const confirm = (given: Receipt = receipt, generation = 5) =>
  confirmRekey({ id: ID, generation, receipt: given }, plane);

test("a receipt under the agreed key is confirmed, however often, with what it is promoted by", async () => {
  const receiptDigest = (await plane.record()).rekey?.agreed?.receiptDigest;
  for (let times = 0; times < 2; times += 1) expect(await confirm()).toEqual({ hooksFailed: [], receiptDigest });
  const hooks = [{ name: "10-reload", outcome: "failed" as const }];
  expect(await confirm({ ...receipt, hooks })).toEqual({ hooksFailed: ["10-reload"], receiptDigest });
});

test("another proof, another instance's and another generation's confirm nothing", async () => {
  for (const change of [{ proof: hex64Of("made up") }, { id: "ffffff" }, { generation: 4 }, { generation: 6 }]) {
    await expect(confirm({ ...receipt, ...change })).rejects.toMatchObject({ name: "ReceiptInvalid" });
  }
});

test("no receipt proves a key that nobody has agreed", async () => {
  await rekeyOpened(plane, 6);
  await expect(confirm({ ...receipt, generation: 6 }, 6)).rejects.toMatchObject({
    name: "ReceiptInvalid",
    message: expect.not.stringContaining(receipt.proof),
  });
});

test.each<[string, string, () => unknown]>([
  [
    "another execution has promoted",
    "Superseded",
    async () => {
      const receiptDigest = (await plane.record()).rekey?.agreed?.receiptDigest ?? "";
      const change = { generation: 5, receiptDigest, execution: "another", at: NOW, dueAt: NOW, line: LINE };
      await plane.registry.promoteRekey(ID, change);
    },
  ],
  ["was replaced", "Rekeying", () => rekeyOpened(plane, 6)],
  ["is in quarantine", "Quarantined", () => plane.registry.quarantine(ID, { line: LINE })],
  ["was retired", "Retired", () => plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
  ["was lost", "UnknownId", () => plane.registry.records.clear()],
])("one that %s meanwhile ends as %s", async (_what, name, arrange) => {
  await arrange();
  await expect(confirm()).rejects.toMatchObject({ name });
});
