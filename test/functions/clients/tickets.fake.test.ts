import { fakeTickets } from "../../../functions/clients/tickets.fake.ts";
import { ticketsSuite } from "./tickets.suite.ts";

ticketsSuite(fakeTickets);
