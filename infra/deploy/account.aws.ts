import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateSummaryCommand,
  type Output,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { GetPolicyCommand, GetRoleCommand, IAMClient, NoSuchEntityException } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, paginateListAliases, paginateListKeys } from "@aws-sdk/client-kms";
import {
  InvalidRequestException as DeletedSecret,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
  ResourceNotFoundException as UnknownSecret,
} from "@aws-sdk/client-secrets-manager";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DescribeEndpointsCommand, TimestreamWriteClient } from "@aws-sdk/client-timestream-write";
import { awsQuotas } from "../../operator/doctor/quotas.aws.ts";
import { arnAt, SERIES_STORES } from "../../protocol/index.ts";
import { STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET } from "../wiring.ts";
import type { Account } from "./account.ts";
import { isKept } from "./kept.ts";
import { haveSameText, textFieldsIn } from "./text-fields.ts";

/** Where the clients ask: what they are all made with. An endpoint and credentials are for tests. */
export interface Asked {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

const OURS = [STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET];

/** How a service that an account cannot have refuses it. */
const CLOSED = /^(AccessDenied|SubscriptionRequired|OptInRequired)/;

/** The account in AWS. */
export function awsAccount(asked: Asked): Account {
  const cloudFormation = new CloudFormationClient(asked);
  const ec2 = new EC2Client(asked);
  const kms = new KMSClient(asked);
  const iam = new IAMClient(asked);
  const holdsKept = async (stack: string) => {
    const described = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: stack }));
    return (described.StackResources ?? []).some(({ LogicalResourceId = "" }) => isKept(LogicalResourceId));
  };
  const storeOfStack = async (stack: string, outputs: Output[]) => {
    const values = new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    if (values.has("TimeSeries")) return SERIES_STORES.find((store) => store === values.get("TimeSeries"));
    // Instances can register with one of 0.1.0, which does not say where their samples go; what it is made of does.
    if (!values.has("RegistrationUrl")) return undefined;
    const { ResourceTypes = [] } = await cloudFormation.send(new GetTemplateSummaryCommand({ StackName: stack }));
    return ResourceTypes.includes("AWS::Timestream::Table") ? "timestream" : "dynamodb";
  };
  const currentValueOf = async (secret: string) => {
    const get = new SecretsManagerClient(asked).send(new GetSecretValueCommand({ SecretId: secret }));
    const isNone = (error: unknown) => error instanceof UnknownSecret || error instanceof DeletedSecret;
    return (await orUndefined(get, isNone))?.SecretString;
  };
  const caller = () => new STSClient(asked).send(new GetCallerIdentityCommand({}));

  return {
    async place() {
      const { Account } = await caller();
      // Whatever stands between may answer in AWS's place, e.g. with a page to log in.
      if (Account === undefined) throw new Error("what answered is not AWS");
      return { account: Account, region: asked.region };
    },

    async stack(name) {
      const described = await orUndefined(
        cloudFormation.send(new DescribeStacksCommand({ StackName: name })),
        isUnknownStack,
      );
      const { StackStatus: status, Description, Outputs = [] } = described?.Stacks?.[0] ?? {};
      if (status === undefined || status === "REVIEW_IN_PROGRESS") return undefined;
      // One that `cdk import` has made of what stayed of a former deployment is not described.
      const isOurs = Description === undefined ? await holdsKept(name) : OURS.includes(Description);
      return { status, timeSeries: await storeOfStack(name, Outputs), ...(!isOurs && { isForeign: true }) };
    },

    async canHaveTimestream() {
      try {
        await new TimestreamWriteClient(asked).send(new DescribeEndpointsCommand({}));
        return true;
      } catch (error) {
        // The same error also says that one may not ask, and then it names the right.
        if (error instanceof Error && CLOSED.test(error.name) && !/not authorized to perform/.test(error.message))
          return false;
        throw error;
      }
    },

    async isBootstrapped(qualifier) {
      const version = new GetParameterCommand({ Name: `/cdk-bootstrap/${qualifier}/version` });
      const found = orUndefined(new SSMClient(asked).send(version), (error) => error instanceof ParameterNotFound);
      return (await found) !== undefined;
    },

    async aliases(names) {
      const taken = new Map<string, string>();
      for await (const { Aliases = [] } of paginateListAliases({ client: kms, pageSize: 100 }, {})) {
        for (const { AliasName = "", TargetKeyId = "" } of Aliases) {
          if (names.includes(AliasName)) taken.set(AliasName, TargetKeyId);
        }
      }
      return taken;
    },

    async keysDescribed(descriptions) {
      const found = new Map<string, string[]>();
      for await (const { Keys = [] } of paginateListKeys({ client: kms, pageSize: 1000 }, {})) {
        for (const { KeyId = "" } of Keys) {
          // Others' keys may be nobody's to look at: ours are among the rest, or are missed by whoever needs them.
          const described = orUndefined(kms.send(new DescribeKeyCommand({ KeyId })), isDenied);
          const { Description = "", DeletionDate } = (await described)?.KeyMetadata ?? {};
          if (!descriptions.includes(Description) || DeletionDate !== undefined) continue;
          found.set(Description, [...(found.get(Description) ?? []), KeyId]);
        }
      }
      return found;
    },

    async hasTable(name) {
      const describe = new DescribeTableCommand({ TableName: name });
      const isUnknown = (error: unknown) => error instanceof ResourceNotFoundException;
      return (await orUndefined(new DynamoDBClient(asked).send(describe), isUnknown)) !== undefined;
    },

    async hasLogGroup(name) {
      const describe = new DescribeLogGroupsCommand({ logGroupNamePrefix: name });
      const { logGroups = [] } = await new CloudWatchLogsClient(asked).send(describe);
      return logGroups.some(({ logGroupName }) => logGroupName === name);
    },

    async hasVpc(id) {
      // By filters: EC2 answers an ID that it does not know with an error, and a filter with an empty list.
      const filter = id === "default" ? { Name: "is-default", Values: ["true"] } : { Name: "vpc-id", Values: [id] };
      const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: [filter] }));
      return Vpcs.length > 0;
    },

    async subnets(ids) {
      const { Subnets = [] } = await ec2.send(
        new DescribeSubnetsCommand({ Filters: [{ Name: "subnet-id", Values: [...ids] }] }),
      );
      return new Map(Subnets.map(({ SubnetId = "", VpcId = "" }) => [SubnetId, VpcId]));
    },

    async securityGroups(ids) {
      const { SecurityGroups = [] } = await ec2.send(
        new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-id", Values: [...ids] }] }),
      );
      return new Set(SecurityGroups.map(({ GroupId = "" }) => GroupId));
    },

    async secret(secret) {
      const describe = new DescribeSecretCommand({ SecretId: secret });
      const answer = await orUndefined(
        new SecretsManagerClient(asked).send(describe),
        (error) => error instanceof UnknownSecret,
      );
      if (answer === undefined) return undefined;
      // CloudFormation marks what it makes, and the marks stay when it lets go of it.
      const tags = new Map((answer.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
      return {
        isDeleted: answer.DeletedDate !== undefined,
        stack: tags.get("aws:cloudformation:stack-name"),
        logicalId: tags.get("aws:cloudformation:logical-id"),
      };
    },

    textFields: async (secret) => textFieldsIn(await currentValueOf(secret)),

    async haveSameText(field, [one, other]) {
      return haveSameText(field, await currentValueOf(one), await currentValueOf(other));
    },

    async role(name) {
      const get = iam.send(new GetRoleCommand({ RoleName: name }));
      const answer = await orUndefined(get, (error) => error instanceof NoSuchEntityException);
      if (answer?.Role === undefined) return undefined;
      const { RoleId = "", Arn = "", AssumeRolePolicyDocument = "{}" } = answer.Role;
      return { id: RoleId, arn: Arn, trust: JSON.parse(decodeURIComponent(AssumeRolePolicyDocument)) };
    },

    async hasPolicy(name) {
      // arn:aws:sts::111122223333:assumed-role/…: the partition is the caller's.
      const { Account: account = "", Arn = "" } = await caller();
      const [, partition = ""] = Arn.split(":");
      const get = new GetPolicyCommand({ PolicyArn: arnAt({ partition, account }, "iam", `policy/${name}`) });
      return (await orUndefined(iam.send(get), (error) => error instanceof NoSuchEntityException)) !== undefined;
    },

    ...awsQuotas(new ServiceQuotasClient(asked)),
  };
}

/** Asked by name, CloudFormation has no error of its own for a stack that there is not. */
export function isUnknownStack(error: unknown): boolean {
  return error instanceof Error && /does not exist/.test(error.message);
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === "AccessDeniedException";
}

/** What is answered; undefined for the error that says that it is not there. */
async function orUndefined<Answer>(
  answer: Promise<Answer>,
  isAbsence: (error: unknown) => boolean,
): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
