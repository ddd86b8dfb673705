/** What EC2 says of a host; `gone` when it was terminated so long ago that EC2 no longer knows it. */
export type HostState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated" | "gone";

/** The hosts of the instances, as EC2 sees them. */
export interface Hosts {
  state(ec2InstanceId: string): Promise<HostState>;
}
