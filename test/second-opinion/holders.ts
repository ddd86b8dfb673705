import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { awsHolders } from "../../infra/destroy/holders.aws.ts";
import type { Place } from "../functions/clients/aws-under-test.ts";
import type { HoldersUnderTest } from "../infra/destroy/holders.suite.ts";

const TRUST = {
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const POLICY = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sns:ListTopics", Resource: "*" }] };

/** An emulator, in which things are made by AWS's own calls. */
export async function holdersThere(place: Place): Promise<HoldersUnderTest> {
  const ec2 = new EC2Client(place);
  const iam = new IAMClient(place);
  const subnets = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["true"] }] }),
  );
  const { SubnetId, VpcId } = subnets.Subnets?.[0] ?? {};
  return {
    holders: awsHolders(place),
    async makeStack(StackName, TopicName) {
      const client = new CloudFormationClient(place);
      const template = { Resources: { Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName } } } };
      await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
      await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1 }, { StackName });
    },
    async makeGroup(GroupName) {
      const group = new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId });
      return (await ec2.send(group)).GroupId ?? "";
    },
    async makeProfile(InstanceProfileName) {
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    },
    async launch({ group, profile, tag }) {
      const { Instances } = await ec2.send(
        new RunInstancesCommand({
          ...{ ImageId: "ami-12345678", MinCount: 1, MaxCount: 1, SubnetId },
          ...(group !== undefined && { SecurityGroupIds: [group] }),
          ...(profile !== undefined && { IamInstanceProfile: { Name: profile } }),
          ...(tag !== undefined && {
            TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: tag.key, Value: tag.value }] }],
          }),
        }),
      );
      return Instances?.[0]?.InstanceId ?? "";
    },
    async terminate(id) {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    async makeInterface(group) {
      const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [group] }));
      return made.NetworkInterface?.NetworkInterfaceId ?? "";
    },
    async allowFrom(GroupId, from) {
      const permission = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: from }] };
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }));
    },
    async makeRoleWithPolicies(RoleName, PolicyName) {
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
      const PolicyDocument = JSON.stringify(POLICY);
      const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: `of-${RoleName}`, PolicyDocument }));
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
      return Policy?.Arn ?? "";
    },
    async attachTo(PolicyArn, { user: UserName, group: GroupName }) {
      await iam.send(new CreateUserCommand({ UserName }));
      await iam.send(new CreateGroupCommand({ GroupName }));
      await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
      await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));
    },
    async makeBusWithRules(bus, rules) {
      const client = new EventBridgeClient(place);
      await client.send(new CreateEventBusCommand({ Name: bus }));
      const EventPattern = JSON.stringify({ source: ["held"] });
      for (const Name of rules) await client.send(new PutRuleCommand({ Name, EventBusName: bus, EventPattern }));
    },
  };
}
