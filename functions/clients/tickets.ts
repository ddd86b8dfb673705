import type { Ticket } from "../../protocol/index.ts";

/** A ticket, or whatever else lies in its place, as it is told from others. */
export interface LyingTicket {
  /** Undefined for what has not the form of a ticket. */
  generation: number | undefined;
  /** By which the place is known to hold still the same. */
  mark: unknown;
}

/** The tickets, one for an instance and its ID, for that instance alone to fetch. */
export interface Tickets {
  /**
   * Lays a ticket down. It takes the place of one of the same or a lower generation, and of the one that it may replace.
   *
   * @param at milliseconds since 1970, from which it is kept for `TICKETS_KEPT_DAYS`
   * @param replaced what an earlier call gave, whose place is taken if it is still that one
   * @returns undefined when it lies, or what lies there and stays: a newer ticket, or what is none
   */
  lay(
    ec2InstanceId: string,
    ticket: Ticket,
    options: { at: number; replaced?: LyingTicket },
  ): Promise<LyingTicket | undefined>;

  /** The ticket that lies for an instance and its ID, read consistently; undefined for none, and for what is none. */
  find(ec2InstanceId: string, id: string): Promise<Ticket | undefined>;
}
