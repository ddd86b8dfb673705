import { expect, test } from "vitest";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { parsePushComment, pushComment } from "../../../functions/rotation/push-comment.ts";
import { pushToInstance } from "../../../functions/rotation/push-to-instance/step.ts";
import { type ControlPlane, controlPlane, EC2, hex64Of, ID, NOW } from "../support.ts";

async function derived(plane: ControlPlane) {
  const matched = { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MATCH" as const, lastProofAt: NOW };
  const { ticket } = await deriveSuccessor(matched, plane);
  return { ec2InstanceId: EC2, ticket, taskToken: "token" };
}

test("the ticket is sent, and what the push waits for is stored under the ID in the command's comment", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  const { commandId } = await pushToInstance(input, plane);
  const { push } = (await plane.record()).pending ?? {};
  expect(push).toEqual({ pushId: expect.stringMatching(/^[0-9a-f]{16}$/), taskToken: "token", sentAt: NOW });
  const [sent, ...others] = plane.commands.sent;
  expect(others).toEqual([]);
  expect(sent).toMatchObject({ commandId, ec2InstanceId: EC2, ticket: input.ticket });
  expect(parsePushComment(sent?.state.comment ?? "")).toEqual({ id: ID, pushId: push?.pushId });
});

test("the ticket lies before the token is stored and the command sent", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  const order: string[] = [];
  plane.agents.set(EC2, (ticket) => {
    order.push("sent");
    return plane.instance.obey(ticket);
  });
  const registry = {
    ...plane.registry,
    setPush: (...given: Parameters<typeof plane.registry.setPush>) => {
      order.push("stored");
      return plane.registry.setPush(...given);
    },
  };
  const tickets = {
    ...plane.tickets,
    lay: (...given: Parameters<typeof plane.tickets.lay>) => {
      order.push("laid");
      return plane.tickets.lay(...given);
    },
  };
  await pushToInstance(input, { ...plane, registry, tickets });
  expect(order).toEqual(["laid", "stored", "sent"]);
  expect(await plane.tickets.find(EC2, ID)).toEqual(input.ticket);
});

test("a late push leaves the newer ticket of another execution alone, and sends nothing", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  await plane.registry.promote(ID, { ...input.ticket, at: NOW, dueAt: NOW, keepAlert: false });
  const newer = { ...input.ticket, generation: 3, nonce: hex64Of("the next nonce") };
  await plane.tickets.lay(EC2, newer, { at: NOW });
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect(await plane.tickets.find(EC2, ID)).toEqual(newer);
  expect(plane.commands.sent).toEqual([]);
});

test("a ticket that is newer than the record is replaced and counted", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  await plane.tickets.lay(EC2, { ...input.ticket, generation: 7 }, { at: NOW });
  await pushToInstance(input, plane);
  expect(await plane.tickets.find(EC2, ID)).toEqual(input.ticket);
  expect(plane.journal.counts).toContain("TicketNewerThanRecord");
});

test("one that comes while another is replaced stays", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  await plane.tickets.lay(EC2, { ...input.ticket, generation: 7 }, { at: NOW });
  const newest = { ...input.ticket, generation: 8 };
  const find: typeof plane.registry.find = async (id) => {
    await plane.tickets.lay(EC2, newest, { at: NOW });
    return plane.registry.find(id);
  };
  const late = pushToInstance(input, { ...plane, registry: { ...plane.registry, find } });
  await expect(late).rejects.toMatchObject({ name: "Superseded" });
  expect(await plane.tickets.find(EC2, ID)).toEqual(newest);
  expect(plane.commands.sent).toEqual([]);
});

test("the token is stored before the command is sent, so that no end comes too early", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  let stored: unknown;
  plane.agents.set(EC2, (ticket) => {
    const record = plane.registry.records.get(ID);
    stored = record !== undefined && "pending" in record && record.pending?.push?.taskToken;
    return plane.instance.obey(ticket);
  });
  await pushToInstance(input, plane);
  expect(stored).toBe("token");
});

test("a host that SSM cannot reach is told by its name, and the pending key stands", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  plane.agents.delete(EC2);
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "InstanceUnreachable" });
  expect((await plane.record()).pending?.generation).toBe(2);
});

test("a push after another execution has promoted sends nothing", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  await plane.registry.promote(ID, { ...input.ticket, at: NOW, dueAt: NOW, keepAlert: false });
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect(plane.commands.sent).toEqual([]);
});

test("a push with another nonce than the pending one sends nothing", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  const ticket = { ...input.ticket, nonce: hex64Of("made up") };
  await expect(pushToInstance({ ...input, ticket }, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect(plane.commands.sent).toEqual([]);
});

test("a push to a retired instance sends nothing", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "Retired" });
  plane.registry.records.clear();
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "UnknownId" });
  expect(plane.commands.sent).toEqual([]);
});

test("a repeated push has an ID and a token of its own, and the same ticket", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  await pushToInstance(input, plane);
  await pushToInstance({ ...input, taskToken: "second" }, plane);
  const [first, second] = plane.commands.sent;
  expect(second?.ticket).toEqual(first?.ticket);
  expect(second?.state.output).toBe(first?.state.output);
  expect(second?.state.comment).not.toBe(first?.state.comment);
  expect((await plane.record()).pending?.push?.taskToken).toBe("second");
});

test("the execution whose push is replaced need not wait any longer", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  plane.waiting.add("token").add("second");
  await pushToInstance(input, plane);
  await pushToInstance({ ...input, taskToken: "second" }, plane);
  expect(plane.executions.ended).toMatchObject([{ taskToken: "token", end: { error: "PushReplaced" } }]);
  expect(plane.waiting).toEqual(new Set(["second"]));
});

test("a push that is repeated with the token it has does not end its own task", async () => {
  const plane = await controlPlane();
  const input = await derived(plane);
  plane.waiting.add(input.taskToken);
  await pushToInstance(input, plane);
  await pushToInstance(input, plane);
  expect(plane.executions.ended).toEqual([]);
});

test("the token stands in no log line", async () => {
  const plane = await controlPlane();
  await pushToInstance({ ...(await derived(plane)), taskToken: "the-task-token" }, plane);
  expect(plane.journal.lines.join()).not.toContain("the-task-token");
});

test.each([
  "",
  "keyturn push",
  "keyturn push 0123456789abcdef to 0A1B2C",
  "keyturn push 0123456789abcdef to ../a1b",
  "keyturn push 0123456789abcde to 0a1b2c",
  "keyturn push 0123456789abcdef to 0a1b2c and more",
  "say keyturn push 0123456789abcdef to 0a1b2c",
])("the comment '%s' is not a push's", (comment) => expect(parsePushComment(comment)).toBeUndefined());

test("a push's comment leads back to it, and fits SSM's 100 characters", () => {
  const push = { id: ID, pushId: "0123456789abcdef" };
  expect(parsePushComment(pushComment(push))).toEqual(push);
  expect(pushComment(push).length).toBeLessThanOrEqual(100);
});
