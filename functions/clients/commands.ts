/** How a command on an instance stands. */
export interface CommandState {
  /** `over` covers success and failure alike; an exit status proves nothing. */
  phase: "under way" | "over" | "undelivered";
  /** AWS's own word, e.g. `Success`, `Failed`, `DeliveryTimedOut`. */
  status: string;
  /** What the agent printed; empty while it is under way. Untrusted. */
  output: string;
}

/** A command, and when it was sent, in milliseconds since 1970. */
export type SentCommand = CommandState & { commandId: string; sentAt: number };

/** Runs the agent's `turn` on instances, through SSM Run Command. A command holds nothing: the agent fetches its ticket. */
export interface Commands {
  /**
   * Has an instance turn.
   *
   * @returns the command's ID
   * @throws StepError InstanceUnreachable when SSM cannot reach the instance
   */
  send(ec2InstanceId: string): Promise<string>;

  /** How a command stands, or undefined if SSM does not know it (yet). */
  state(commandId: string, ec2InstanceId: string): Promise<CommandState | undefined>;

  /** All such commands that an instance was sent since a moment, whoever sent them, in any order. */
  since(ec2InstanceId: string, since: number): Promise<SentCommand[]>;
}
