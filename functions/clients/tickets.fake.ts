import type { Ticket } from "../../protocol/index.ts";
import type { Tickets } from "./tickets.ts";

/** Tickets in memory, by instance and ID. */
export function fakeTickets(): Tickets & { lying: Map<string, Ticket> } {
  const lying = new Map<string, Ticket>();
  return {
    lying,

    async lay(ec2InstanceId, ticket, { replaced }) {
      const place = `${ec2InstanceId} ${ticket.id}`;
      const former = lying.get(place);
      if (former !== undefined && former.generation > ticket.generation) {
        const { generation, nonce } = former;
        if (generation !== replaced?.generation || nonce !== replaced.nonce) return { generation, nonce };
      }
      lying.set(place, { ...ticket });
      return undefined;
    },

    find: async (ec2InstanceId, id) => lying.get(`${ec2InstanceId} ${id}`),
  };
}
