import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect, test } from "vitest";
import type { Tickets } from "../../../functions/clients/tickets.ts";
import { EC2, hex64Of, NOW, OTHER_EC2 } from "../support.ts";

const at = NOW;
let drawn = 0;

/** A ticket for an ID that no other test has. */
function newTicket(generation: number) {
  drawn += 1;
  const id = drawn.toString(16).padStart(6, "0");
  return { id, generation, nonce: hex64Of(`nonce ${generation}`), proof: hex64Of("proof") };
}

/** Tickets, and how anything at all is put in the place of one. */
export interface TicketPlace {
  tickets: Tickets;
  put(ec2InstanceId: string, id: string, attributes: Record<string, AttributeValue>): void | Promise<void>;
}

/** What all places of tickets do; `makePlace` is called once. */
export function ticketsSuite(makePlace: () => TicketPlace | Promise<TicketPlace>): void {
  let tickets: Tickets;
  let put: TicketPlace["put"];
  beforeAll(async () => {
    ({ tickets, put } = await makePlace());
  });

  test("a ticket that was laid down is found under its instance and ID, and nowhere else", async () => {
    const ticket = newTicket(2);
    expect(await tickets.find(EC2, ticket.id)).toBeUndefined();
    expect(await tickets.lay(EC2, ticket, { at })).toBeUndefined();
    expect(await tickets.find(EC2, ticket.id)).toEqual(ticket);
    expect(await tickets.find(OTHER_EC2, ticket.id)).toBeUndefined();
  });

  test("an empty nonce lies as it is", async () => {
    const ticket = { ...newTicket(2), nonce: "" };
    await tickets.lay(EC2, ticket, { at });
    expect(await tickets.find(EC2, ticket.id)).toEqual(ticket);
  });

  test("one of the same or a lower generation is replaced", async () => {
    const ticket = newTicket(9);
    await tickets.lay(EC2, ticket, { at });
    for (const changes of [{ proof: hex64Of("another proof") }, { generation: 10 }]) {
      expect(await tickets.lay(EC2, { ...ticket, ...changes }, { at })).toBeUndefined();
      expect(await tickets.find(EC2, ticket.id)).toEqual({ ...ticket, ...changes });
    }
  });

  test("one of a higher generation stays, and is told of", async () => {
    const ticket = newTicket(10);
    await tickets.lay(EC2, ticket, { at });
    const older = { ...ticket, generation: 9 };
    expect(await tickets.lay(EC2, older, { at })).toMatchObject({ generation: 10 });
    expect(await tickets.find(EC2, ticket.id)).toEqual(ticket);
  });

  test.each([
    ["generation", { generation: 11 }],
    ["nonce", { nonce: hex64Of("another nonce") }],
  ])(
    "one of a higher generation is replaced where an earlier call gave it, unless its %s is another by now",
    async (_, changes) => {
      const ticket = newTicket(10);
      const older = { ...ticket, generation: 9 };
      await tickets.lay(EC2, ticket, { at });
      const given = await tickets.lay(EC2, older, { at });
      await tickets.lay(EC2, { ...ticket, ...changes }, { at });
      const stays = await tickets.lay(EC2, older, { at, ...(given && { replaced: given }) });
      expect(await tickets.find(EC2, ticket.id)).toEqual({ ...ticket, ...changes });
      expect(await tickets.lay(EC2, older, { at, ...(stays && { replaced: stays }) })).toBeUndefined();
      expect(await tickets.find(EC2, ticket.id)).toEqual(older);
    },
  );

  test.each<[string, Record<string, AttributeValue>]>([
    ["nothing but a generation", { generation: { N: "9" } }],
    ["a generation that is text", { generation: { S: "9" } }],
    ["a generation with a fraction", { generation: { N: "123456789012345678901.5" }, nonce: { S: "" } }],
    ["a nonce that is no text", { generation: { N: "9" }, nonce: { N: "1" }, proof: { S: hex64Of("proof") } }],
    ["a nonce alone", { nonce: { S: "" } }],
  ])("what is no ticket is none, stays, and is replaced where an earlier call gave it: %s", async (_, attributes) => {
    const ticket = newTicket(2);
    await put(EC2, ticket.id, attributes);
    expect(await tickets.find(EC2, ticket.id)).toBeUndefined();
    const given = await tickets.lay(EC2, ticket, { at });
    expect(given).toMatchObject({ generation: undefined });
    expect(await tickets.find(EC2, ticket.id)).toBeUndefined();
    expect(await tickets.lay(EC2, ticket, { at, ...(given && { replaced: given }) })).toBeUndefined();
    expect(await tickets.find(EC2, ticket.id)).toEqual(ticket);
  });
}
