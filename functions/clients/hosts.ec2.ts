import { DescribeInstancesCommand, EC2Client, EC2ServiceException } from "@aws-sdk/client-ec2";
import type { Maker } from "../shared/neighbours.ts";
import type { Hosts } from "./hosts.ts";

/** The hosts in EC2. */
export function ec2Hosts(client: EC2Client): Hosts {
  return {
    async state(ec2InstanceId) {
      try {
        const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [ec2InstanceId] }));
        const described = answer.Reservations?.[0]?.Instances?.[0];
        if (described === undefined) return "unknown";
        const name = described.State?.Name;
        if (name === undefined) throw new Error(`EC2 described ${ec2InstanceId} without a state; ask it again.`);
        return name;
      } catch (error) {
        if (error instanceof EC2ServiceException && error.name === "InvalidInstanceID.NotFound") return "unknown";
        throw error;
      }
    },
  };
}

export const hosts: Maker<"hosts"> = () => ec2Hosts(new EC2Client());
