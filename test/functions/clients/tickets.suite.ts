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

/** What all places of tickets do; `makeTickets` is called once. */
export function ticketsSuite(makeTickets: () => Tickets | Promise<Tickets>): void {
  let tickets: Tickets;
  beforeAll(async () => {
    tickets = await makeTickets();
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
    const { generation, nonce } = ticket;
    const older = { ...ticket, generation: 9 };
    expect(await tickets.lay(EC2, older, { at })).toEqual({ generation, nonce });
    expect(await tickets.find(EC2, ticket.id)).toEqual(ticket);
  });

  test("one of a higher generation is replaced where it is named, and is still that one", async () => {
    const ticket = newTicket(10);
    await tickets.lay(EC2, ticket, { at });
    const { generation, nonce } = ticket;
    const older = { ...ticket, generation: 9 };
    for (const other of [
      { generation: 11, nonce },
      { generation, nonce: hex64Of("another nonce") },
    ]) {
      expect(await tickets.lay(EC2, older, { at, replaced: other })).toEqual({ generation, nonce });
    }
    expect(await tickets.find(EC2, ticket.id)).toEqual(ticket);
    expect(await tickets.lay(EC2, older, { at, replaced: { generation, nonce } })).toBeUndefined();
    expect(await tickets.find(EC2, ticket.id)).toEqual(older);
  });
}
