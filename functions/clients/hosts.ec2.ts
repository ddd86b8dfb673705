import { DescribeInstancesCommand, EC2Client, EC2ServiceException, type Instance } from "@aws-sdk/client-ec2";
import type { Maker } from "../shared/neighbours.ts";
import type { Hosts } from "./hosts.ts";

/** The hosts in EC2. */
export function ec2Hosts(client: EC2Client): Hosts {
  async function describe(ec2InstanceId: string): Promise<Instance | undefined> {
    try {
      const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [ec2InstanceId] }));
      return answer.Reservations?.[0]?.Instances?.[0];
    } catch (error) {
      if (error instanceof EC2ServiceException && error.name === "InvalidInstanceID.NotFound") return undefined;
      throw error;
    }
  }

  return {
    async state(ec2InstanceId) {
      const described = await describe(ec2InstanceId);
      if (described === undefined) return "unknown";
      const name = described.State?.Name;
      if (name === undefined) throw new Error(`EC2 described ${ec2InstanceId} without a state; ask it again.`);
      return name;
    },

    async runningSince(ec2InstanceId) {
      const described = await describe(ec2InstanceId);
      // EC2 sets the launch time anew with each start from a stop, and not with a reboot.
      return described?.State?.Name === "running" ? described.LaunchTime?.getTime() : undefined;
    },
  };
}

export const hosts: Maker<"hosts"> = () => ec2Hosts(new EC2Client());
