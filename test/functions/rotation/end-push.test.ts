import { beforeEach, describe, expect, test } from "vitest";
import type { FakeAgent } from "../../../functions/clients/commands.fake.ts";
import type { CommandState } from "../../../functions/clients/commands.ts";
import type { Rekey } from "../../../functions/record/record.ts";
import { endPush } from "../../../functions/rotation/end-push/step.ts";
import {
  type ControlPlane,
  controlPlane,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  keyAgreed,
  LINE,
  NOW,
  OTHER_EC2,
  pushed,
  rekeyOpened,
  rekeyPushed,
  TestInstance,
} from "../support.ts";

const OTHER = `${EXECUTION}-other`;

let plane: ControlPlane;
beforeEach(async () => {
  plane = await controlPlane();
});

function eventOf(commandId: string, ec2InstanceId = EC2) {
  const detail = {
    "command-id": commandId,
    "document-name": "Keyturn-Turn",
    "instance-id": ec2InstanceId,
    "requested-date-time": "2026-11-20T03:00:00.049Z",
    status: "Success",
  };
  return { detail };
}

function setState(commandId: string, change: Partial<CommandState>): void {
  const sent = plane.commands.sent.find((one) => one.commandId === commandId);
  if (sent !== undefined) Object.assign(sent.state, change);
}

const refusal = (reason: string, generation = 2) => JSON.stringify({ refused: { id: ID, generation, reason } });
const UNDER_WAY = { phase: "under way", status: "InProgress", output: "" } as const;

test("the receipt ends what the execution waits for", async () => {
  const { commandId } = await pushed(plane);
  plane.clock.at += 1500;
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
  const [end] = plane.executions.ended;
  expect(end).toMatchObject({ taskToken: "token", end: { output: { receipt: { id: ID, generation: 2 } } } });
  expect(plane.journal.durations.PushLatency).toEqual([1500]);
});

test("a doubled event ends nothing more", async () => {
  const { commandId } = await pushed(plane);
  await endPush(eventOf(commandId), plane);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  expect(plane.executions.ended).toHaveLength(1);
  expect(plane.journal.durations.PushLatency).toHaveLength(1);
});

test("a token that has expired is success for the one who returns it", async () => {
  const { commandId } = await pushed(plane);
  plane.waiting.clear();
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
});

test("an event after the promotion ends nothing", async () => {
  const { commandId, receiptDigest } = await pushed(plane);
  const change = { generation: 2, receiptDigest, execution: EXECUTION, at: NOW, dueAt: NOW, line: LINE };
  await plane.registry.promote(ID, change);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  expect(plane.executions.ended).toEqual([]);
});

test("an answer belongs to its ticket: whichever command brings it, all that wait for it are ended", async () => {
  const first = await pushed(plane, EXECUTION, "first");
  await pushed(plane, OTHER, "second");
  expect(await endPush(eventOf(first.commandId), plane)).toEqual({ ended: true });
  expect(plane.executions.ended.map(({ taskToken }) => taskToken)).toEqual(["first", "second"]);
});

test("a command that somebody sent by hand brings the answer as well", async () => {
  plane.agents.set(EC2, () => undefined);
  await pushed(plane);
  plane.agents.set(EC2, async () => plane.instance.obey(await plane.tickets.find(EC2, ID)));
  const commandId = await plane.commands.send(EC2);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toMatchObject([{ end: { output: { receipt: { generation: 2 } } } }]);
});

test.each<[string, FakeAgent]>([
  ["PushRefused", () => ({ output: refusal("WRONG_PROOF"), success: false })],
  ["PushFailed", () => ({ output: "Segmentation fault", success: false })],
  ["PushUndelivered", () => undefined],
])("%s ends the push with that error", async (error, agent) => {
  plane.agents.set(EC2, agent);
  const { commandId } = await pushed(plane);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toEqual([{ taskToken: "token", end: { error, cause: expect.any(String) } }]);
});

test("a failure does not count while another command is under way, and counts when that one has failed, too", async () => {
  plane.agents.set(EC2, () => ({ output: "", success: false }));
  const first = await pushed(plane);
  // The SDK has sent the command twice, since the answer to the first was lost.
  const second = await plane.commands.send(EC2);
  setState(second, UNDER_WAY);
  expect(await endPush(eventOf(first.commandId), plane)).toEqual({ ended: false });
  expect(plane.waiting).toEqual(new Set(["token"]));
  setState(second, { phase: "over", status: "Failed" });
  expect(await endPush(eventOf(second), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toMatchObject([{ end: { error: "PushFailed" } }]);
});

test("a failure that comes after another command's receipt brings the receipt", async () => {
  await pushed(plane);
  plane.agents.set(EC2, () => ({ output: "", success: false }));
  const second = await plane.commands.send(EC2);
  expect(await endPush(eventOf(second), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toMatchObject([{ end: { output: { receipt: { generation: 2 } } } }]);
});

test("a made-up receipt ends nothing while the true one may still come", async () => {
  const { commandId } = await pushed(plane);
  const receipt = { id: ID, generation: 2, proof: hex64Of("made up"), hooks: [] };
  plane.agents.set(EC2, () => ({ output: JSON.stringify({ receipt }), success: true }));
  setState(commandId, UNDER_WAY);
  const thief = await plane.commands.send(EC2);
  expect(await endPush(eventOf(thief), plane)).toEqual({ ended: false });
  expect(plane.waiting).toEqual(new Set(["token"]));
});

test("the late end of a command from before the push says nothing of it", async () => {
  plane.agents.set(EC2, () => ({ output: refusal("TICKET_UNAVAILABLE"), success: false }));
  const before = await plane.commands.send(EC2);
  plane.clock.at += 5000;
  const { commandId } = await pushed(plane);
  setState(commandId, UNDER_WAY);
  plane.commands.sent.splice(1, 1);
  expect(await endPush(eventOf(before), plane)).toEqual({ ended: false });
  expect(plane.waiting).toEqual(new Set(["token"]));
});

test("an agent that found no newer ticket has not answered to this one", async () => {
  const receipt = { id: ID, generation: 1, proof: hex64Of("the key that it holds"), hooks: [] };
  plane.agents.set(EC2, () => ({ output: JSON.stringify({ receipt }), success: true }));
  const { commandId } = await pushed(plane);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toMatchObject([{ end: { error: "PushRefused" } }]);
});

test("an agent that answers for another record of its host has not turned, and nobody waits for it without end", async () => {
  const refused = { id: "ffffff", generation: 2, reason: "NO_TICKET" };
  plane.agents.set(EC2, () => ({ output: JSON.stringify({ refused }), success: false }));
  const { commandId } = await pushed(plane);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toMatchObject([{ end: { error: "PushRefused" } }]);
});

test("an event while SSM still says that the command is under way fails, so that Lambda calls again", async () => {
  const { commandId } = await pushed(plane);
  const { output } = plane.commands.sent[0]?.state ?? { output: "" };
  setState(commandId, UNDER_WAY);
  await expect(endPush(eventOf(commandId), plane)).rejects.toMatchObject({ name: "CommandUnknown" });
  expect(plane.waiting).toEqual(new Set(["token"]));
  setState(commandId, { phase: "over", status: "Success", output });
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
});

test("SSM's list may lag behind what it says of the command itself", async () => {
  plane.agents.set(EC2, () => ({ output: refusal("WRONG_PROOF"), success: false }));
  const { commandId } = await pushed(plane);
  const since: typeof plane.commands.since = async (...asked) =>
    (await plane.commands.since(...asked)).map((command) => ({ ...command, ...UNDER_WAY }));
  const lagging = { ...plane, commands: { ...plane.commands, since } };
  expect(await endPush(eventOf(commandId), lagging)).toEqual({ ended: true });
  expect(plane.executions.ended).toMatchObject([{ end: { error: "PushRefused" } }]);
});

test("a failure of another execution's command from before the push does not end it", async () => {
  plane.agents.set(EC2, () => ({ output: refusal("TICKET_UNAVAILABLE"), success: false }));
  const first = await pushed(plane, EXECUTION, "first");
  plane.clock.at += 500;
  const second = await pushed(plane, OTHER, "second");
  plane.commands.sent.splice(1, 1);
  expect(second.commandId).not.toBe(first.commandId);
  await endPush(eventOf(first.commandId), plane);
  expect(plane.executions.ended.map(({ taskToken }) => taskToken)).toEqual(["first"]);
});

test("a command that SSM does not know yet fails, so that Lambda calls again", async () => {
  await expect(endPush(eventOf("no-such-command"), plane)).rejects.toMatchObject({ name: "CommandUnknown" });
});

test("a receipt that another host prints ends nothing", async () => {
  await pushed(plane);
  const [sent] = plane.commands.sent;
  const impostor = new TestInstance({ ec2InstanceId: OTHER_EC2 });
  plane.agents.set(impostor.ec2InstanceId, () => ({ output: sent?.state.output ?? "", success: true }));
  const commandId = await plane.commands.send(OTHER_EC2);
  expect(await endPush(eventOf(commandId, OTHER_EC2), plane)).toEqual({ ended: false });
  expect(plane.executions.ended).toEqual([]);
});

test("nobody waits for what is printed under an ID that nobody has, or without a pending key", async () => {
  const stray = JSON.stringify({ receipt: { id: "ffffff", generation: 2, proof: hex64Of("p"), hooks: [] } });
  for (const output of [stray, refusal("WRONG_PROOF"), "Segmentation fault"]) {
    plane.agents.set(EC2, () => ({ output, success: false }));
    expect(await endPush(eventOf(await plane.commands.send(EC2)), plane)).toEqual({ ended: false });
  }
});

test("the end of a push to an instance that was retired or lost meanwhile ends nothing", async () => {
  const { commandId } = await pushed(plane);
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  plane.registry.records.clear();
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
});

test("neither the token nor the receipt stands in a log line", async () => {
  const { commandId } = await pushed(plane, EXECUTION, "the-task-token");
  await endPush(eventOf(commandId), plane);
  expect(plane.journal.lines.join()).not.toMatch(/the-task-token|[0-9a-f]{64}/);
});

describe("beside a pending key a rekey stands", () => {
  const refusedRekey = JSON.stringify({ refused: { id: ID, generation: 5, reason: "REKEY_UNAVAILABLE" } });
  /** Both were pushed, to an agent that answers the rekey alone. */
  async function both(agent: (rekey: Rekey) => FakeAgent) {
    plane.agents.set(EC2, () => undefined);
    const first = await pushed(plane, OTHER, "of the pending");
    const rekey = await rekeyOpened(plane);
    plane.agents.set(EC2, agent(rekey));
    const second = await rekeyPushed(plane, rekey, EXECUTION, "of the rekey");
    return { rekey, first, second };
  }
  const obeying =
    (rekey: Rekey): FakeAgent =>
    async () => {
      const receipt = await keyAgreed(plane, rekey);
      return { output: JSON.stringify({ receipt }), success: true };
    };

  test("the rekey's receipt ends what waits for the rekey, and leaves what waits for the pending key alone", async () => {
    const { second } = await both(obeying);
    expect(await endPush(eventOf(second.commandId), plane)).toEqual({ ended: true });
    expect(plane.executions.ended).toMatchObject([
      { taskToken: "of the rekey", end: { output: { receipt: { id: ID, generation: 5 } } } },
    ]);
    expect(plane.waiting).toEqual(new Set(["of the pending"]));
  });

  test("the pending key's receipt ends what waits for that, and the rekey goes on waiting", async () => {
    const first = await pushed(plane, OTHER, "of the pending");
    const rekey = await rekeyOpened(plane);
    plane.agents.set(EC2, () => undefined);
    await rekeyPushed(plane, rekey, EXECUTION, "of the rekey");
    await endPush(eventOf(first.commandId), plane);
    expect(plane.executions.ended).toMatchObject([{ taskToken: "of the pending", end: { output: {} } }]);
  });

  test("whichever command brings the rekey's receipt, it counts", async () => {
    const { rekey, first } = await both(() => () => undefined);
    const receipt = await keyAgreed(plane, rekey);
    setState(first.commandId, { phase: "over", status: "Success", output: JSON.stringify({ receipt }) });
    await endPush(eventOf(first.commandId), plane);
    expect(plane.executions.ended).toMatchObject([{ taskToken: "of the rekey", end: { output: { receipt } } }]);
  });

  test("a refusal ends both, once no command is under way any more", async () => {
    const { first, second } = await both(() => () => ({ output: refusedRekey, success: false }));
    setState(first.commandId, UNDER_WAY);
    expect(await endPush(eventOf(second.commandId), plane)).toEqual({ ended: false });
    setState(first.commandId, { phase: "over", status: "Failed", output: refusedRekey });
    expect(await endPush(eventOf(first.commandId), plane)).toEqual({ ended: true });
    expect(plane.executions.ended).toMatchObject([
      { taskToken: "of the pending", end: { error: "PushRefused" } },
      { taskToken: "of the rekey", end: { error: "PushRefused" } },
    ]);
  });

  test("a receipt for a rekey of which no key was agreed is none while a true one may still come", async () => {
    const receipt = { id: ID, generation: 5, proof: hex64Of("made up"), hooks: [] };
    const { first, second } = await both(() => () => ({ output: JSON.stringify({ receipt }), success: true }));
    setState(first.commandId, UNDER_WAY);
    expect(await endPush(eventOf(second.commandId), plane)).toEqual({ ended: false });
    expect(plane.waiting).toEqual(new Set(["of the pending", "of the rekey"]));
  });

  test("who waits for a rekey that was replaced is ended by the receipt of the one in its place", async () => {
    plane.agents.set(EC2, () => undefined);
    await rekeyPushed(plane, await rekeyOpened(plane), OTHER, "of the former");
    const rekey = await rekeyOpened(plane, 6);
    plane.agents.set(EC2, obeying(rekey));
    const { commandId } = await rekeyPushed(plane, rekey, EXECUTION, "of the later");
    await endPush(eventOf(commandId), plane);
    expect(plane.executions.ended.map(({ taskToken }) => taskToken)).toEqual(["of the former", "of the later"]);
  });

  test("neither the token nor the receipt stands in a log line", async () => {
    const { second } = await both(obeying);
    await endPush(eventOf(second.commandId), plane);
    expect(plane.journal.lines.join()).not.toMatch(/of the rekey|[0-9a-f]{64}/);
  });
});
