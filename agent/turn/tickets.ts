import type { Ticket } from "../../protocol/index.ts";

/** A ticket as it lies there: nothing of it has been checked. */
export type StoredTicket = { [field in keyof Ticket]?: unknown };

/** Where tickets lie, each for its instance to fetch. */
export interface Tickets {
  /**
   * The ticket that lies for an instance and its ID, read consistently; undefined if there is none.
   *
   * @throws whatever AWS or the network says
   */
  find(instance: { id: string; ec2InstanceId: string }, signal?: AbortSignal): Promise<StoredTicket | undefined>;
  /** Lets connections go. */
  close(): void;
}
