import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import {
  EC2Client,
  type Filter,
  type Instance,
  paginateDescribeInstances,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroups,
} from "@aws-sdk/client-ec2";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import {
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateListEntitiesForPolicy,
  paginateListRolePolicies,
} from "@aws-sdk/client-iam";
import { type Asked, isUnknownStack } from "../deploy/account.aws.ts";
import type { Holders, Host, Made } from "./holders.ts";

/** All but `terminated`: a host that is shutting down holds its group until it has. */
const NOT_ENDED = ["pending", "running", "stopping", "stopped", "shutting-down"];
/** By which EC2's hosts know who started them. */
const AUTO_SCALING_TAG = "aws:autoscaling:groupName";

/** Holders in AWS. */
export function awsHolders(asked: Asked): Holders {
  const ec2 = new EC2Client(asked);
  const iam = new IAMClient(asked);

  async function hosts(filter: Filter): Promise<Host[]> {
    const filters = [filter, { Name: "instance-state-name", Values: NOT_ENDED }];
    const found: Host[] = [];
    for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters: filters })) {
      found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances.map(hostOf)));
    }
    return found;
  }

  return {
    async resources(stackName) {
      const made: Made[] = [];
      const pages = paginateListStackResources({ client: new CloudFormationClient(asked) }, { StackName: stackName });
      try {
        for await (const { StackResourceSummaries = [] } of pages) {
          for (const one of StackResourceSummaries) {
            const { LogicalResourceId: logicalId = "", ResourceType: type = "", PhysicalResourceId: id } = one;
            if (id !== undefined && one.ResourceStatus !== "DELETE_COMPLETE") made.push({ logicalId, type, id });
          }
        }
      } catch (error) {
        if (!isUnknownStack(error)) throw error;
      }
      return made;
    },

    hostsInGroup: (groupId) => hosts({ Name: "instance.group-id", Values: [groupId] }),

    // A profile's ARN ends with its name; in a filter's value, * stands for whatever there is.
    hostsUnder: (profile) => hosts({ Name: "iam-instance-profile.arn", Values: [`*/${profile}`] }),

    hostsTagged: ({ key, value }) => hosts({ Name: `tag:${key}`, Values: [value] }),

    async interfacesInGroup(groupId) {
      const filters = [{ Name: "group-id", Values: [groupId] }];
      const found: string[] = [];
      for await (const page of paginateDescribeNetworkInterfaces({ client: ec2 }, { Filters: filters })) {
        const alone = (page.NetworkInterfaces ?? []).filter(({ Attachment }) => Attachment?.InstanceId === undefined);
        found.push(...alone.map(({ NetworkInterfaceId = "" }) => NetworkInterfaceId));
      }
      return found;
    },

    async groupsNaming(groupId) {
      const found = new Set<string>();
      for (const name of ["ip-permission.group-id", "egress.ip-permission.group-id"]) {
        const filters = [{ Name: name, Values: [groupId] }];
        for await (const page of paginateDescribeSecurityGroups({ client: ec2 }, { Filters: filters })) {
          for (const { GroupId = "" } of page.SecurityGroups ?? []) found.add(GroupId);
        }
      }
      found.delete(groupId);
      return [...found];
    },

    async policiesOf(role) {
      const found: string[] = [];
      for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName: role })) {
        found.push(...(page.AttachedPolicies ?? []).map(({ PolicyArn = "" }) => PolicyArn));
      }
      for await (const page of paginateListRolePolicies({ client: iam }, { RoleName: role })) {
        found.push(...(page.PolicyNames ?? []));
      }
      return found;
    },

    async whoHas(policyArn) {
      const found: string[] = [];
      for await (const page of paginateListEntitiesForPolicy({ client: iam }, { PolicyArn: policyArn })) {
        found.push(
          ...(page.PolicyRoles ?? []).map(({ RoleName }) => `role ${RoleName}`),
          ...(page.PolicyUsers ?? []).map(({ UserName }) => `user ${UserName}`),
          ...(page.PolicyGroups ?? []).map(({ GroupName }) => `group ${GroupName}`),
        );
      }
      return found;
    },

    async rulesOn(bus) {
      const client = new EventBridgeClient(asked);
      const found: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(new ListRulesCommand({ EventBusName: bus, NextToken }));
        found.push(...(page.Rules ?? []).map(({ Name = "" }) => Name));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return found;
    },
  };
}

function hostOf({ InstanceId: ec2InstanceId = "", Tags = [] }: Instance): Host {
  const startedBy = Tags.find(({ Key }) => Key === AUTO_SCALING_TAG)?.Value;
  return { ec2InstanceId, ...(startedBy !== undefined && { startedBy }) };
}
