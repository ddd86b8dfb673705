import type { Ticket } from "../../protocol/index.ts";

/** A ticket that lies already, as it is told from others. */
export type LyingTicket = Pick<Ticket, "generation" | "nonce">;

/** The tickets, one for an instance and its ID, for that instance alone to fetch. */
export interface Tickets {
  /**
   * Lays a ticket down. It takes the place of one of the same or a lower generation, and of the one that it may replace.
   *
   * @param at milliseconds since 1970, from which it is kept for `TICKETS_KEPT_DAYS`
   * @param replaced one of a higher generation, whose place is taken if it is still that one
   * @returns undefined when it lies, or the newer ticket that lies there and stays
   */
  lay(
    ec2InstanceId: string,
    ticket: Ticket,
    options: { at: number; replaced?: LyingTicket },
  ): Promise<LyingTicket | undefined>;

  /** The ticket that lies for an instance and its ID, read consistently. */
  find(ec2InstanceId: string, id: string): Promise<Ticket | undefined>;
}
