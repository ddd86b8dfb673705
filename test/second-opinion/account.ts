import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreatePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateAliasCommand, CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { awsAccount } from "../../infra/deploy/account.aws.ts";
import { STACK_DESCRIPTION } from "../../infra/wiring.ts";
import type { Place } from "../functions/clients/aws-under-test.ts";
import type { AccountUnderTest } from "../infra/deploy/account.suite.ts";

/** The account of an emulator, in which things are made by AWS's own calls. */
export function accountThere(place: Place): AccountUnderTest {
  const kms = new KMSClient(place);
  return {
    account: awsAccount(place),
    region: place.region,
    async makeStack(name, timeSeries) {
      const client = new CloudFormationClient(place);
      const template = {
        Description: STACK_DESCRIPTION,
        Resources: { Topic: { Type: "AWS::SNS::Topic" } },
        Outputs: { Other: { Value: "other" }, TimeSeries: { Value: timeSeries } },
      };
      await client.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) }));
      await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1 }, { StackName: name });
    },
    async bootstrap(qualifier) {
      const version = { Name: `/cdk-bootstrap/${qualifier}/version`, Value: "27", Type: "String" } as const;
      await new SSMClient(place).send(new PutParameterCommand(version));
    },
    async makeKey(Description, AliasName) {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description }));
      const TargetKeyId = KeyMetadata?.KeyId ?? "";
      if (AliasName !== undefined) await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
      return TargetKeyId;
    },
    async scheduleDeletion(KeyId) {
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    },
    async makeTable(TableName) {
      const create = new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      });
      await new DynamoDBClient(place).send(create);
    },
    async makeLogGroup(logGroupName) {
      await new CloudWatchLogsClient(place).send(new CreateLogGroupCommand({ logGroupName }));
    },
    async makeVpc() {
      const { Vpc } = await new EC2Client(place).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
      return Vpc?.VpcId ?? "";
    },
    async makeSubnet(VpcId) {
      const { Subnet } = await new EC2Client(place).send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.0.1.0/24" }));
      return Subnet?.SubnetId ?? "";
    },
    async makeSecurityGroup(VpcId) {
      const group = new CreateSecurityGroupCommand({ VpcId, GroupName: "database", Description: "A database's" });
      return (await new EC2Client(place).send(group)).GroupId ?? "";
    },
    async makeSecret(Name, SecretString = "{}") {
      await new SecretsManagerClient(place).send(new CreateSecretCommand({ Name, SecretString }));
    },
    async deleteSecret(SecretId) {
      await new SecretsManagerClient(place).send(new DeleteSecretCommand({ SecretId }));
    },
    async makePolicy(PolicyName) {
      const statement = { Effect: "Allow", Action: "*", Resource: "*" };
      const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      await new IAMClient(place).send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
    },
    async makeRole(RoleName, trust) {
      const policy = { RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) };
      const { Role } = await new IAMClient(place).send(new CreateRoleCommand(policy));
      return Role?.RoleId ?? "";
    },
  };
}
