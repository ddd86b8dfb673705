import { readTicket, type Ticket } from "../../protocol/index.ts";
import type { Tickets } from "./tickets.ts";

/** Tickets in memory, by instance and ID; what `lying` holds may be anything. */
export function fakeTickets(): Tickets & { lying: Map<string, Ticket> } {
  const lying = new Map<string, Ticket>();
  return {
    lying,

    async lay(ec2InstanceId, ticket, { replaced }) {
      const place = `${ec2InstanceId} ${ticket.id}`;
      const former = lying.get(place);
      const read = former && readTicket(former);
      const stays = former !== undefined && (read === undefined || read.generation > ticket.generation);
      if (stays && former !== replaced?.mark) return { generation: read?.generation, mark: former };
      lying.set(place, { ...ticket });
      return undefined;
    },

    async find(ec2InstanceId, id) {
      const found = lying.get(`${ec2InstanceId} ${id}`);
      return found && readTicket(found);
    },
  };
}
