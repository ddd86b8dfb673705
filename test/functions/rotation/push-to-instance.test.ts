import { describe, expect, test } from "vitest";
import { LONGEST_ROTATION_MS } from "../../../functions/record/due.ts";
import { executionName } from "../../../functions/record/execution-name.ts";
import type { Rekey } from "../../../functions/record/record.ts";
import { pushToInstance } from "../../../functions/rotation/push-to-instance/step.ts";
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
  rekeyOpened,
  ticketOf,
} from "../support.ts";

const OTHER = `${EXECUTION}-other`;
const NAME = executionName(EXECUTION);

async function toPush(plane: ControlPlane, execution = EXECUTION) {
  const { receiptDigest: _, ...turning } = await derived(plane, execution);
  return { ...turning, taskToken: "token" };
}

/** Another execution has turned the instance meanwhile. */
async function promoted(plane: ControlPlane): Promise<void> {
  const { pending } = await plane.record();
  const change = { generation: 2, receiptDigest: pending?.receiptDigest ?? "", execution: OTHER };
  await plane.registry.promote(ID, { ...change, at: NOW, dueAt: NOW, line: LINE });
}

test("what the execution waits for is stored, the ticket lies, and the instance is told to turn, in this order", async () => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  let when = {};
  plane.agents.set(EC2, async () => {
    when = { pushes: (await plane.record()).pending?.pushes, ticket: await plane.tickets.find(EC2, ID) };
    return undefined;
  });
  const { commandId } = await pushToInstance(input, plane);
  const ticket = await ticketOf(plane);
  expect(when).toEqual({ pushes: { [NAME]: { taskToken: "token", sentAt: NOW } }, ticket });
  expect(plane.commands.sent).toMatchObject([{ commandId, ec2InstanceId: EC2 }]);
  expect(plane.journal.counts).toEqual(["Push"]);
  expect(ticket.nonce).toBe(await plane.nonces.compute({ id: ID, ec2InstanceId: EC2, generation: 2 }));
});

test("the ticket leads the instance to the key that is pending", async () => {
  const plane = await controlPlane();
  await pushToInstance(await toPush(plane), plane);
  expect(JSON.parse(plane.commands.sent[0]?.state.output ?? "")).toMatchObject({ receipt: { id: ID, generation: 2 } });
});

test("a late push leaves the newer ticket of another execution alone, and sends nothing", async () => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  const newer = { ...(await ticketOf(plane)), generation: 3, nonce: hex64Of("the next nonce") };
  await plane.tickets.lay(EC2, newer, { at: NOW });
  const { setPush } = plane.registry;
  plane.registry.setPush = async (id, change) => {
    const stored = await setPush(id, change);
    await promoted(plane);
    return stored;
  };
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "Superseded" });
  expect(await plane.tickets.find(EC2, ID)).toEqual(newer);
  expect(plane.commands.sent).toEqual([]);
});

test("a ticket that is newer than the record is replaced and counted", async () => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  const ticket = await ticketOf(plane);
  await plane.tickets.lay(EC2, { ...ticket, generation: 7 }, { at: NOW });
  await pushToInstance(input, plane);
  expect(await plane.tickets.find(EC2, ID)).toEqual(ticket);
  expect(plane.journal.counts).toContain("TicketNewerThanRecord");
});

test("one that another execution lays while a ticket is replaced stays", async () => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  const ticket = await ticketOf(plane);
  await plane.tickets.lay(EC2, { ...ticket, generation: 7 }, { at: NOW });
  const newest = { ...ticket, generation: 8 };
  let looks = 0;
  const find: typeof plane.registry.find = async (id) => {
    const record = await plane.registry.find(id);
    if (looks === 0) {
      await promoted(plane);
      await plane.tickets.lay(EC2, newest, { at: NOW });
    }
    looks += 1;
    return record;
  };
  const late = pushToInstance(input, { ...plane, registry: { ...plane.registry, find } });
  await expect(late).rejects.toMatchObject({ name: "Superseded" });
  expect(await plane.tickets.find(EC2, ID)).toEqual(newest);
  expect(plane.commands.sent).toEqual([]);
});

/** Somebody writes a ticket of his own after each time that the record is read. */
function contested(plane: ControlPlane, times: number): ControlPlane {
  let generation = 7;
  const find: typeof plane.registry.find = async (id) => {
    if (generation < 7 + times) {
      generation += 1;
      plane.tickets.lying.set(`${EC2} ${ID}`, { id: ID, generation, nonce: hex64Of("made up"), proof: "" });
    }
    return plane.registry.find(id);
  };
  return { ...plane, registry: { ...plane.registry, find } };
}

describe.each([false, true])("somebody who writes tickets while one is laid down (of a rekey: %s)", (rekey) => {
  async function push(times: number) {
    const plane = await controlPlane();
    const input = rekey
      ? {
          id: ID,
          ec2InstanceId: EC2,
          generation: (await rekeyOpened(plane)).generation,
          execution: EXECUTION,
          taskToken: "t",
        }
      : await toPush(plane);
    plane.tickets.lying.set(`${EC2} ${ID}`, { id: ID, generation: 7, nonce: hex64Of("made up"), proof: "" });
    return { plane, input, pushed: pushToInstance({ ...input, rekey }, contested(plane, times)) };
  }

  test("once has his replaced", async () => {
    const { plane, input, pushed } = await push(1);
    await pushed;
    expect(await plane.tickets.find(EC2, ID)).toMatchObject({ generation: input.generation });
    expect(plane.commands.sent).toHaveLength(1);
  });

  test("again and again is no other execution that was faster: it is tried again, and told of", async () => {
    const { plane, pushed } = await push(100);
    await expect(pushed).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
    expect(plane.journal.counts).toContain("TicketNewerThanRecord");
    expect(plane.commands.sent).toEqual([]);
  });
});

test("a host that SSM cannot reach is told by its name, and the pending key stands", async () => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  plane.agents.delete(EC2);
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name: "InstanceUnreachable" });
  expect((await plane.record()).pending?.generation).toBe(2);
});

test.each<[string, string, (plane: ControlPlane) => unknown]>([
  ["that another execution has turned", "Superseded", promoted],
  ["that was retired", "Retired", (plane) => plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
  ["whose record was lost", "UnknownId", (plane) => plane.registry.records.clear()],
  [
    "that was put in quarantine",
    "Quarantined",
    async (plane) => plane.registry.records.set(ID, { ...(await plane.record()), status: "QUARANTINED" }),
  ],
])("an instance %s is told nothing, and no ticket lies for it", async (_, name, arrange) => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  await arrange(plane);
  await expect(pushToInstance(input, plane)).rejects.toMatchObject({ name });
  expect(plane.commands.sent).toEqual([]);
  expect(await plane.tickets.find(EC2, ID)).toBeUndefined();
});

test("two executions push the one ticket, and both wait for its receipt", async () => {
  const plane = await controlPlane();
  await pushToInstance(await toPush(plane), plane);
  const first = await plane.tickets.find(EC2, ID);
  await pushToInstance({ ...(await toPush(plane, OTHER)), taskToken: "second" }, plane);
  expect(await plane.tickets.find(EC2, ID)).toEqual(first);
  const [one, other] = plane.commands.sent;
  expect(other?.state.output).toBe(one?.state.output);
  const { pushes } = (await plane.record()).pending ?? {};
  expect(pushes).toMatchObject({ [NAME]: { taskToken: "token" }, [`${NAME}-other`]: { taskToken: "second" } });
});

test("an execution that can only have ended is forgotten, so that the record does not grow by it", async () => {
  const plane = await controlPlane();
  await pushToInstance(await toPush(plane), plane);
  plane.clock.at += LONGEST_ROTATION_MS + 1;
  await pushToInstance(await toPush(plane, OTHER), plane);
  expect(Object.keys((await plane.record()).pending?.pushes ?? {})).toEqual([`${NAME}-other`]);
});

test("neither token nor nonce stands in a log line or in what goes on", async () => {
  const plane = await controlPlane();
  const input = await toPush(plane);
  const output = await pushToInstance({ ...input, taskToken: "the-task-token" }, plane);
  const { nonce, proof } = await ticketOf(plane);
  const told = [...plane.journal.lines, JSON.stringify([input, output])].join();
  for (const secret of ["the-task-token", nonce, proof]) expect(told).not.toContain(secret);
});

describe("a rekey", () => {
  const TURNING = { id: ID, ec2InstanceId: EC2, generation: 5, rekey: true, execution: EXECUTION, taskToken: "token" };
  const silent = async (changes = {}) => {
    const plane = await controlPlane(changes);
    plane.agents.set(EC2, () => undefined);
    return plane;
  };
  const rekeyTicket = ({ generation, nonce }: Rekey) => ({ id: ID, generation, nonce, proof: "" });

  test("is pushed by a ticket without a proof, and what waits is stored on it before", async () => {
    const plane = await controlPlane();
    const rekey = await rekeyOpened(plane);
    let when = {};
    plane.agents.set(EC2, async () => {
      when = { pushes: (await plane.record()).rekey?.pushes, ticket: await plane.tickets.find(EC2, ID) };
      return undefined;
    });
    await pushToInstance(TURNING, plane);
    const pushes = { [NAME]: { taskToken: "token", sentAt: NOW } };
    expect(when).toEqual({ pushes, ticket: rekeyTicket(rekey) });
  });

  test("takes the place of a pending key's ticket, and is never taken back by it", async () => {
    const plane = await silent();
    const input = await toPush(plane);
    await pushToInstance(input, plane);
    const rekey = await rekeyOpened(plane);
    await pushToInstance(TURNING, plane);
    expect(await plane.tickets.find(EC2, ID)).toEqual(rekeyTicket(rekey));
    const late = pushToInstance({ ...input, execution: OTHER }, plane);
    await expect(late).rejects.toMatchObject({ name: "Rekeying" });
    expect(await plane.tickets.find(EC2, ID)).toEqual(rekeyTicket(rekey));
    expect(plane.commands.sent).toHaveLength(2);
    // What waits for the pending key's receipt waits on: it may have turned to that before.
    expect(Object.keys((await plane.record()).pending?.pushes ?? {})).toEqual([NAME]);
  });

  test("that is opened and pushed between another's push and its ticket stays", async () => {
    const plane = await silent();
    const input = await toPush(plane);
    const { setPush } = plane.registry;
    let rekey: Rekey | undefined;
    const registry: ControlPlane["registry"] = {
      ...plane.registry,
      async setPush(...given) {
        const stored = await setPush(...given);
        rekey = await rekeyOpened(plane);
        await pushToInstance({ ...TURNING, execution: OTHER }, plane);
        return stored;
      },
    };
    await expect(pushToInstance(input, { ...plane, registry })).rejects.toMatchObject({ name: "Rekeying" });
    expect(await plane.tickets.find(EC2, ID)).toEqual(rekey && rekeyTicket(rekey));
    expect(plane.commands.sent).toHaveLength(1);
  });

  test.each([
    ["of a generation that the record does not know", { generation: 10 ** 9 }],
    ["of its own generation with another nonce", { nonce: hex64Of("made up") }],
    ["with a proof", { proof: hex64Of("made up") }],
  ])("replaces a ticket that somebody has made up: %s", async (_what, change) => {
    const plane = await silent();
    const rekey = await rekeyOpened(plane);
    await plane.tickets.lay(EC2, { ...rekeyTicket(rekey), ...change }, { at: NOW });
    await pushToInstance(TURNING, plane);
    expect(await plane.tickets.find(EC2, ID)).toEqual(rekeyTicket(rekey));
  });

  test.each<[string, string, (plane: ControlPlane) => unknown]>([
    ["stands no more", "Superseded", () => undefined],
    ["was replaced by another", "Rekeying", (plane) => rekeyOpened(plane, 6)],
    [
      "was promoted by another",
      "Superseded",
      async (plane) => {
        await keyAgreed(plane, await rekeyOpened(plane));
        const receiptDigest = (await plane.record()).rekey?.agreed?.receiptDigest ?? "";
        const change = { generation: 5, receiptDigest, execution: OTHER, at: NOW, dueAt: NOW, line: LINE };
        await plane.registry.promoteRekey(ID, change);
      },
    ],
  ])("that %s is not pushed, and no ticket lies", async (_what, name, arrange) => {
    const plane = await silent();
    await arrange(plane);
    await expect(pushToInstance(TURNING, plane)).rejects.toMatchObject({ name });
    expect(await plane.tickets.find(EC2, ID)).toBeUndefined();
    expect(plane.commands.sent).toEqual([]);
  });

  test("forgets those that can only have ended, and leaves the pending key's alone", async () => {
    const plane = await silent();
    await pushToInstance(await toPush(plane), plane);
    await rekeyOpened(plane);
    await pushToInstance(TURNING, plane);
    plane.clock.at += LONGEST_ROTATION_MS + 1;
    await pushToInstance({ ...TURNING, execution: OTHER }, plane);
    const { pending, rekey } = await plane.record();
    expect(Object.keys(rekey?.pushes ?? {})).toEqual([`${NAME}-other`]);
    expect(Object.keys(pending?.pushes ?? {})).toEqual([NAME]);
  });

  test("is not pushed in quarantine", async () => {
    const plane = await silent();
    await rekeyOpened(plane);
    await plane.registry.quarantine(ID, { line: LINE });
    await expect(pushToInstance(TURNING, plane)).rejects.toMatchObject({ name: "Quarantined" });
    expect(await plane.tickets.find(EC2, ID)).toBeUndefined();
  });
});
