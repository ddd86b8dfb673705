/**
 * What EC2 says of a host; `unknown` where it knows none of that ID. That is what it says of one that was terminated an
 * hour ago, and also, for a while, of one that has just been started: it proves neither.
 */
export type HostState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated" | "unknown";

/** A host, as EC2 lists it. */
export interface ListedHost {
  ec2InstanceId: string;
  state: HostState;
  /** When it was started last, in milliseconds since 1970. */
  launchedAt: number;
}

/** In which states a host may come to run: all but those on the way to its end. */
export const STAYING = ["pending", "running", "stopping", "stopped"] as const satisfies HostState[];

/** The hosts of the instances, as EC2 sees them. */
export interface Hosts {
  /** @throws whatever EC2 answers but that it knows no such host: an error says nothing of a host */
  state(ec2InstanceId: string): Promise<HostState>;

  /**
   * Since when a host has run without a stop between, in milliseconds since 1970; undefined unless EC2 says that it runs.
   *
   * @throws as `state` does
   */
  runningSince(ec2InstanceId: string): Promise<number | undefined>;

  /**
   * In which state each of many hosts is: every one that was asked for, as `state` has it. One call for 200 of them.
   *
   * @throws as `state` does; TypeError when an ID has not its form: to EC2 it might stand for others
   */
  states(ec2InstanceIds: readonly string[]): Promise<Map<string, HostState>>;

  /**
   * The hosts with the fleet's tag, registered or not, but for those that are terminated or about to be. A page may be
   * short or empty, and others follow all the same.
   *
   * @param page the `next` of the page before; without it the first one
   * @returns at most 1000, and what the next page is asked for with; no `next` on the last one
   * @throws as `state` does
   */
  tagged(page?: string): Promise<{ hosts: ListedHost[]; next?: string }>;
}
