import { fakeTickets } from "../../../functions/clients/tickets.fake.ts";
import type { Ticket } from "../../../protocol/index.ts";
import { ticketsSuite } from "./tickets.suite.ts";

ticketsSuite(() => {
  const tickets = fakeTickets();
  return {
    tickets,
    put: (ec2InstanceId, id, attributes) => {
      const plain = Object.entries(attributes).map(([name, { S, N }]) => [name, S ?? Number(N)]);
      tickets.lying.set(`${ec2InstanceId} ${id}`, { id, ...Object.fromEntries(plain) } as Ticket);
    },
  };
});
