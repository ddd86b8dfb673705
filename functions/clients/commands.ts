import type { Ticket } from "../../protocol/index.ts";

export type { Ticket };

/** How a command on an instance stands. */
export interface CommandState {
  /** `over` covers success and failure alike; an exit status proves nothing. */
  phase: "under way" | "over" | "undelivered";
  /** AWS's own word, e.g. `Success`, `Failed`, `DeliveryTimedOut`. */
  status: string;
  comment: string;
  /** What the agent printed. Untrusted. */
  output: string;
}

/** Runs the agent's `turn` on instances, through SSM Run Command. */
export interface Commands {
  /**
   * Sends a ticket.
   *
   * @param comment up to 100 characters, given back with the command's state
   * @returns the command's ID
   * @throws StepError InstanceUnreachable when SSM cannot reach the instance
   */
  send(ec2InstanceId: string, ticket: Ticket, comment: string): Promise<string>;

  /** How a command stands, or undefined if SSM does not know it (yet). */
  state(commandId: string, ec2InstanceId: string): Promise<CommandState | undefined>;

  /** The newest command on the instance with that comment, or undefined. */
  find(ec2InstanceId: string, comment: string): Promise<CommandState | undefined>;
}
