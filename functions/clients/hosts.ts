/**
 * What EC2 says of a host; `unknown` where it knows none of that ID. That is what it says of one that was terminated an
 * hour ago, and also, for a while, of one that has just been started: it proves neither.
 */
export type HostState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated" | "unknown";

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
}
