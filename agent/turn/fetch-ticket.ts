import { readTicket, TICKET_SECONDS, type Ticket, type TicketRefusal } from "../../protocol/index.ts";
import { sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { within } from "../within.ts";
import type { Tickets } from "./tickets.ts";

/** What a fetch came to: a ticket, none at all, or why there was none to be had. */
export type Fetched = { ticket: Ticket | undefined } | { reason: TicketRefusal };

/** Fetches the ticket of an instance. */
export async function fetchTicket(
  { id, ec2InstanceId }: { id: string; ec2InstanceId: string },
  { tickets, log, signal }: { tickets: Tickets; log: Log; signal?: AbortSignal },
): Promise<Fetched> {
  let stored: Awaited<ReturnType<Tickets["find"]>>;
  try {
    stored = await within(TICKET_SECONDS, signal, (limit) => tickets.find({ id, ec2InstanceId }, limit));
  } catch (error) {
    log.error(`The ticket cannot be fetched: ${sentenceOf(error)}`, { id });
    const isDenied = error instanceof Error && error.name === "AccessDeniedException";
    return { reason: isDenied ? "TICKET_DENIED" : "TICKET_UNAVAILABLE" };
  }
  if (stored === undefined) return { ticket: undefined };
  const ticket = readTicket(stored);
  return ticket?.id === id ? { ticket } : { reason: "MALFORMED" };
}
