import { DescribeInstancesCommand, type EC2Client, EC2ServiceException } from "@aws-sdk/client-ec2";

/** What EC2 says of a machine; `gone` when it was terminated so long ago that EC2 no longer knows it. */
export type MachineState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated" | "gone";

/** The machines, as EC2 sees them. */
export interface Machines {
  state(ec2InstanceId: string): Promise<MachineState>;
}

/** The machines in EC2. */
export function ec2Machines(client: EC2Client): Machines {
  return {
    async state(ec2InstanceId) {
      try {
        const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [ec2InstanceId] }));
        const name = answer.Reservations?.[0]?.Instances?.[0]?.State?.Name;
        return name ?? "gone";
      } catch (error) {
        if (error instanceof EC2ServiceException && error.name === "InvalidInstanceID.NotFound") return "gone";
        throw error;
      }
    },
  };
}

/** Machines in memory: those that are not in `states` are gone. */
export function fakeMachines(states: Map<string, MachineState>): Machines {
  return { state: async (ec2InstanceId) => states.get(ec2InstanceId) ?? "gone" };
}
