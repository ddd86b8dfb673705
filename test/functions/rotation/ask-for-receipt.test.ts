import { describe, expect, test } from "vitest";
import type { FakeAgent } from "../../../functions/clients/commands.fake.ts";
import { askForReceipt } from "../../../functions/rotation/ask-for-receipt/step.ts";
import { confirmRekey } from "../../../functions/rotation/confirm-rekey/step.ts";
import { confirmSuccessor } from "../../../functions/rotation/confirm-successor/step.ts";
import type { Receipt } from "../../../protocol/index.ts";
import {
  type ControlPlane,
  controlPlane,
  derived,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  keyAgreed,
  LINE,
  NOW,
  pushed,
  rekeyOpened,
  rekeyPushed,
} from "../support.ts";

async function asking(plane: ControlPlane, { id, ec2InstanceId, generation, execution } = { ...TURNING }) {
  return askForReceipt({ id, ec2InstanceId, generation, execution }, plane);
}
const TURNING = { id: ID, ec2InstanceId: EC2, generation: 2, execution: EXECUTION };

test("the receipt of a command whose event was lost is found", async () => {
  const plane = await controlPlane();
  const { receiptDigest } = await pushed(plane);
  const { receipt } = await asking(plane);
  expect(await confirmSuccessor({ id: ID, generation: 2, receiptDigest, receipt })).toEqual({ hooksFailed: [] });
});

test("whichever command has brought the receipt, it counts", async () => {
  const plane = await controlPlane();
  await pushed(plane);
  await pushed(plane, `${EXECUTION}-other`, "second");
  plane.commands.sent.shift();
  expect(await asking(plane)).toMatchObject({ receipt: { generation: 2 } });
});

test("a token that was stored, and a command that was never sent, are a push unanswered", async () => {
  const plane = await controlPlane();
  await pushed(plane);
  plane.commands.sent.length = 0;
  await expect(asking(plane)).rejects.toMatchObject({ name: "PushUnanswered" });
});

test("a pending key without a push of this execution is a push unanswered", async () => {
  const plane = await controlPlane();
  await derived(plane);
  await expect(asking(plane)).rejects.toMatchObject({ name: "PushUnanswered" });
});

test("a command that is still under way is a push unanswered", async () => {
  const plane = await controlPlane();
  await pushed(plane);
  const [sent] = plane.commands.sent;
  if (sent) sent.state = { ...sent.state, phase: "under way", output: "" };
  await expect(asking(plane)).rejects.toMatchObject({ name: "PushUnanswered" });
});

const refused = JSON.stringify({ refused: { id: ID, generation: 2, reason: "WRONG_PROOF" } });
test.each<[string, FakeAgent]>([
  ["PushRefused", () => ({ output: refused, success: false })],
  ["PushFailed", () => ({ output: "Segmentation fault", success: false })],
  ["PushUndelivered", () => undefined],
])("%s is told by its name", async (error, agent) => {
  const plane = await controlPlane();
  plane.agents.set(EC2, agent);
  await pushed(plane);
  await expect(asking(plane)).rejects.toMatchObject({ name: error });
});

test("after another execution's promotion there is nothing to ask for", async () => {
  const plane = await controlPlane();
  const { receiptDigest } = await pushed(plane);
  const change = { generation: 2, receiptDigest, execution: "another", at: NOW, dueAt: NOW, line: LINE };
  await plane.registry.promote(ID, change);
  await expect(asking(plane)).rejects.toMatchObject({ name: "Superseded" });
});

test("a record that was retired, shut away or lost meanwhile is told by its name", async () => {
  const plane = await controlPlane();
  await pushed(plane);
  const record = await plane.record();
  plane.registry.records.set(ID, { ...record, status: "QUARANTINED" });
  await expect(asking(plane)).rejects.toMatchObject({ name: "Quarantined" });
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  await expect(asking(plane)).rejects.toMatchObject({ name: "Retired" });
  plane.registry.records.clear();
  await expect(asking(plane)).rejects.toMatchObject({ name: "UnknownId" });
});

describe("of a rekey", () => {
  /** It was pushed, and the agent has printed this of it. */
  async function answered(print: (receipt: Receipt) => object | undefined, agree = true) {
    const plane = await controlPlane();
    const rekey = await rekeyOpened(plane);
    plane.agents.set(EC2, async () => {
      const madeUp = { id: ID, generation: 5, proof: hex64Of("made up"), hooks: [] };
      const printed = print(agree ? await keyAgreed(plane, rekey) : madeUp);
      return printed && { output: JSON.stringify(printed), success: true };
    });
    const { commandId: _, ...turning } = await rekeyPushed(plane, rekey);
    return { plane, turning };
  }

  test("the receipt is found by the key that was agreed after the push", async () => {
    const { plane, turning } = await answered((receipt) => ({ receipt }));
    const { receipt } = await askForReceipt(turning, plane);
    expect(await confirmRekey({ id: ID, generation: 5, receipt }, plane)).toMatchObject({ hooksFailed: [] });
  });

  test("the pending key beside it is none of its, nor the other way round", async () => {
    const { plane, turning } = await answered((receipt) => ({ receipt }));
    const other = askForReceipt({ ...turning, rekey: false }, plane);
    await expect(other).rejects.toMatchObject({ name: "Superseded" });
    const beside = await controlPlane();
    await pushed(beside);
    await rekeyOpened(beside);
    await expect(asking(beside)).resolves.toMatchObject({ receipt: { generation: 2 } });
    const none = askForReceipt({ ...TURNING, generation: 5, rekey: true }, beside);
    await expect(none).rejects.toMatchObject({ name: "PushUnanswered" });
  });

  test("a receipt without an agreed key is given to whoever refuses it", async () => {
    const { plane, turning } = await answered((receipt) => ({ receipt }), false);
    const { receipt } = await askForReceipt(turning, plane);
    const confirmed = confirmRekey({ id: ID, generation: 5, receipt }, plane);
    await expect(confirmed).rejects.toMatchObject({ name: "ReceiptInvalid" });
  });

  test("a refusal is told by its name", async () => {
    const refused = { id: ID, generation: 5, reason: "REKEY_REFUSED" };
    const { plane, turning } = await answered(() => ({ refused }), false);
    await expect(askForReceipt(turning, plane)).rejects.toMatchObject({
      ...{ name: "PushRefused", message: "The agent did not turn: REKEY_REFUSED." },
    });
  });

  test("one that was replaced is another execution's, and one that is gone is superseded", async () => {
    const { plane, turning } = await answered(() => undefined, false);
    await rekeyOpened(plane, 6);
    await expect(askForReceipt(turning, plane)).rejects.toMatchObject({ name: "Rekeying" });
    const { rekey: _, ...promoted } = await plane.record();
    plane.registry.records.set(ID, promoted);
    await expect(askForReceipt(turning, plane)).rejects.toMatchObject({ name: "Superseded" });
  });
});
