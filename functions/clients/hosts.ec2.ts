import {
  DescribeInstancesCommand,
  EC2Client,
  EC2ServiceException,
  type Filter,
  type Instance,
} from "@aws-sdk/client-ec2";
import { isEc2InstanceId } from "../../protocol/index.ts";
import { fleetTagOf } from "../shared/names.ts";
import type { Maker } from "../shared/neighbours.ts";
import { type HostState, type Hosts, STAYING } from "./hosts.ts";

/** So many values EC2 takes in the filters of one call. */
const ASKED_AT_ONCE = 200;
/** The most that EC2 puts on a page. */
const MOST_LISTED = 1000;

/**
 * The hosts in EC2.
 *
 * @param tag which of them are the fleet's
 */
export function ec2Hosts(client: EC2Client, tag: { key: string; value: string }): Hosts {
  async function describe(ec2InstanceId: string): Promise<Instance | undefined> {
    try {
      const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [ec2InstanceId] }));
      return answer.Reservations?.[0]?.Instances?.[0];
    } catch (error) {
      if (error instanceof EC2ServiceException && error.name === "InvalidInstanceID.NotFound") return undefined;
      throw error;
    }
  }

  /** A page of the hosts that pass all filters. */
  async function list(Filters: Filter[], page?: string): Promise<{ instances: Instance[]; next?: string }> {
    const answer = await client.send(
      new DescribeInstancesCommand({
        Filters,
        MaxResults: MOST_LISTED,
        ...(page !== undefined && { NextToken: page }),
      }),
    );
    const instances = (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
    // Some services of AWS end their lists with a token that is empty.
    return { instances, ...(answer.NextToken && { next: answer.NextToken }) };
  }

  return {
    async state(ec2InstanceId) {
      const described = await describe(ec2InstanceId);
      return described === undefined ? "unknown" : stateOf(described);
    },

    async states(ec2InstanceIds) {
      // In a filter's value, * and ? stand for whatever there is.
      const malformed = ec2InstanceIds.find((id) => !isEc2InstanceId(id));
      if (malformed !== undefined) throw new TypeError("ec2InstanceIds must be EC2 instance IDs (i-…)");
      const states = new Map(ec2InstanceIds.map((id): [string, HostState] => [id, "unknown"]));
      for (let at = 0; at < ec2InstanceIds.length; at += ASKED_AT_ONCE) {
        // By a filter, and not by their IDs: EC2 would refuse to say anything where it does not know one of them.
        const filter = { Name: "instance-id", Values: ec2InstanceIds.slice(at, at + ASKED_AT_ONCE) };
        let page: string | undefined;
        do {
          const { instances, next } = await list([filter], page);
          for (const one of instances) states.set(idOf(one), stateOf(one));
          page = next;
        } while (page !== undefined);
      }
      return states;
    },

    async tagged(page) {
      const isFleets = { Name: `tag:${tag.key}`, Values: [tag.value] };
      const { instances, next } = await list([isFleets, { Name: "instance-state-name", Values: [...STAYING] }], page);
      const hosts = instances.map((one) => {
        const launchedAt = one.LaunchTime?.getTime();
        if (launchedAt === undefined) throw incomplete(idOf(one), "launch time");
        return { ec2InstanceId: idOf(one), state: stateOf(one), launchedAt };
      });
      return { hosts, ...(next !== undefined && { next }) };
    },

    async runningSince(ec2InstanceId) {
      const described = await describe(ec2InstanceId);
      // EC2 sets the launch time anew with each start from a stop, and not with a reboot.
      return described?.State?.Name === "running" ? described.LaunchTime?.getTime() : undefined;
    },
  };
}

function idOf({ InstanceId }: Instance): string {
  if (InstanceId === undefined) throw incomplete("an instance", "ID");
  return InstanceId;
}

function stateOf(described: Instance): HostState {
  const name = described.State?.Name;
  if (name === undefined) throw incomplete(idOf(described), "state");
  return name;
}

function incomplete(what: string, lacks: string): Error {
  return new Error(`EC2 described ${what} without its ${lacks}; ask it again.`);
}

export const hosts: Maker<"hosts"> = ({ NAME_PREFIX }) => ec2Hosts(new EC2Client(), fleetTagOf(NAME_PREFIX));
