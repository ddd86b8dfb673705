import { beforeEach, expect, test } from "vitest";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { endPush } from "../../../functions/rotation/end-push/step.ts";
import { pushToInstance } from "../../../functions/rotation/push-to-instance/step.ts";
import { type ControlPlane, controlPlane, EC2, ID, NOW, OTHER_EC2, TestInstance } from "../support.ts";

let plane: ControlPlane;
beforeEach(async () => {
  plane = await controlPlane();
});

/** Pushes as an execution that waits with this token does, and gives the command's ID. */
async function pushed(taskToken = "token"): Promise<string> {
  const matched = { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MATCH" as const, lastProofAt: NOW };
  const { ticket } = await deriveSuccessor(matched, plane);
  plane.waiting.add(taskToken);
  return (await pushToInstance({ ec2InstanceId: EC2, ticket, taskToken }, plane)).commandId;
}

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

test("the end of the command ends the push with the receipt", async () => {
  const commandId = await pushed();
  plane.clock.at += 1500;
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: true });
  const [end] = plane.executions.ended;
  expect(end).toMatchObject({ taskToken: "token", end: { output: { receipt: { id: ID, generation: 2 } } } });
  expect(plane.journal.durations.PushLatency).toEqual([1500]);
});

test("a doubled event ends nothing more", async () => {
  const commandId = await pushed();
  await endPush(eventOf(commandId), plane);
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  expect(plane.executions.ended).toHaveLength(1);
  expect(plane.journal.durations.PushLatency).toHaveLength(1);
});

test("a token that has expired is success for the one who returns it", async () => {
  const commandId = await pushed();
  plane.waiting.clear();
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
});

test("an event after the promotion ends nothing", async () => {
  const commandId = await pushed();
  const { pending } = await plane.record();
  await plane.registry.promote(ID, {
    generation: 2,
    nonce: pending?.nonce ?? "",
    at: NOW,
    dueAt: NOW,
    keepAlert: false,
  });
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  expect(plane.executions.ended).toEqual([]);
});

test("the end of an earlier push of the same ticket does not end the later one", async () => {
  const first = await pushed("first");
  const second = await pushed("second");
  plane.executions.ended.length = 0;
  expect(await endPush(eventOf(first), plane)).toEqual({ ended: false });
  expect(await endPush(eventOf(second), plane)).toEqual({ ended: true });
  expect(plane.executions.ended.map(({ taskToken }) => taskToken)).toEqual(["second"]);
});

test.each([
  ["PushRefused", () => plane.agents.set(EC2, () => ({ output: '{"refused":"WRONG_PROOF"}', success: false }))],
  ["PushFailed", () => plane.agents.set(EC2, () => ({ output: "Segmentation fault", success: false }))],
  ["PushUndelivered", () => plane.agents.set(EC2, () => undefined)],
])("%s ends the push with that error", async (error, arrange) => {
  arrange();
  expect(await endPush(eventOf(await pushed()), plane)).toEqual({ ended: true });
  expect(plane.executions.ended).toEqual([{ taskToken: "token", end: { error, cause: expect.any(String) } }]);
});

test("an event while the command is under way ends nothing", async () => {
  const commandId = await pushed();
  const sent = plane.commands.sent[0];
  if (sent) sent.state = { ...sent.state, phase: "under way", status: "InProgress", output: "" };
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  expect(plane.waiting).toEqual(new Set(["token"]));
});

test("a command that SSM does not know yet fails, so that Lambda calls again", async () => {
  await expect(endPush(eventOf("no-such-command"), plane)).rejects.toMatchObject({ name: "CommandUnknown" });
});

test("a command that is not Keyturn's ends nothing", async () => {
  await pushed();
  const ticket = { id: ID, generation: 2, nonce: "", proof: "" };
  for (const comment of ["", "apt-get upgrade", "keyturn push 0123456789abcdef to 0a1b2c"]) {
    const commandId = await plane.commands.send(EC2, ticket, comment);
    expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  }
});

test("a copied comment on another host's command ends nothing", async () => {
  await pushed();
  const impostor = new TestInstance({ ec2InstanceId: OTHER_EC2 });
  plane.agents.set(OTHER_EC2, (ticket) => impostor.obey(ticket));
  const [sent] = plane.commands.sent;
  const commandId = await plane.commands.send(OTHER_EC2, sent?.ticket as never, sent?.state.comment ?? "");
  expect(await endPush(eventOf(commandId, OTHER_EC2), plane)).toEqual({ ended: false });
  expect(plane.executions.ended).toEqual([]);
});

test("the end of a push to an instance that was retired or lost meanwhile ends nothing", async () => {
  const commandId = await pushed();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
  plane.registry.records.clear();
  expect(await endPush(eventOf(commandId), plane)).toEqual({ ended: false });
});

test("neither the token nor the receipt stands in a log line", async () => {
  await endPush(eventOf(await pushed("the-task-token")), plane);
  expect(plane.journal.lines.join()).not.toMatch(/the-task-token|[0-9a-f]{64}/);
});
