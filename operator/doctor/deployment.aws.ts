import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeLaunchTemplatesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns";
import { paginateDescribeInstanceInformation, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { SEALS } from "../../functions/clients/audit.ts";
import { machineNameOf } from "../../functions/shared/names.ts";
import { arnAt } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { clientIn } from "../place/clients.ts";
import { listOpenFindings } from "../reads/findings.ts";
import { listInstances } from "../reads/instances.ts";
import { storesOfSamples } from "../reads/samples.ts";
import type { Caller, Deployment, ManagedHost, Subscriber } from "./deployment.ts";
import { awsQuotas } from "./quotas.aws.ts";

/** Systems Manager puts this many hosts on a page. */
const HOSTS_AT_ONCE = 50;

/** The deployment in AWS, or in the embedded AWS of this computer. */
export function awsDeployment(context: Pick<Context, "place" | "out">): Deployment {
  const { names, prefix, stack } = context.place;
  const sts = clientIn(STSClient, context);
  const sfn = clientIn(SFNClient, context);
  let called: Promise<Caller> | undefined;
  const caller = () => {
    called ??= whoCalls(sts);
    return called;
  };
  const arnOf = async (service: string, resource: string) => arnAt(await caller(), service, resource);

  return {
    caller,
    instances: () => listInstances(context),
    findings: () => listOpenFindings(context),

    async askAudit() {
      await dynamoAudit(clientIn(DynamoDBClient, context), names.auditTable).last(SEALS);
    },

    async stack() {
      const describe = new DescribeStacksCommand({ StackName: stack });
      // CloudFormation has no error of its own for a stack that there is not.
      const isUnknown = (error: Error) => /does not exist/.test(error.message);
      const answer = await orUndefined(clientIn(CloudFormationClient, context).send(describe), isUnknown);
      const { StackStatus: status, Description: description = "" } = answer?.Stacks?.[0] ?? {};
      return status === undefined || status === "REVIEW_IN_PROGRESS" ? undefined : { status, description };
    },

    async subscribers() {
      const client = clientIn(SNSClient, context);
      const TopicArn = await arnOf("sns", names.alertTopic);
      const list = async () => {
        const found: Subscriber[] = [];
        for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
          for (const { Endpoint: endpoint = "", SubscriptionArn = "" } of Subscriptions) {
            // One that was deleted is listed for a while yet.
            if (SubscriptionArn !== "Deleted") found.push({ endpoint, isConfirmed: /^arn:/.test(SubscriptionArn) });
          }
        }
        return found;
      };
      return orUndefined(list(), ({ name }) => /^NotFound/.test(name));
    },

    async schedule(name) {
      const get = clientIn(SchedulerClient, context).send(new GetScheduleCommand({ Name: name }));
      const answer = await orUndefined(get, isNotFound);
      if (answer === undefined) return undefined;
      return { isOn: answer.State !== "DISABLED", expression: answer.ScheduleExpression ?? "" };
    },

    async executions(flow, maxResults) {
      const stateMachineArn = await arnOf("states", `stateMachine:${machineNameOf(flow, prefix)}`);
      const list = sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults }));
      const answer = await orUndefined(list, ({ name }) => name === "StateMachineDoesNotExist");
      return answer?.executions?.map(({ executionArn: arn = "", status = "", startDate, stopDate }) => ({
        ...{ arn, status, startedAt: startDate?.getTime() ?? 0 },
        ...(stopDate !== undefined && { endedAt: stopDate.getTime() }),
      }));
    },

    async inputOf({ arn }) {
      return (await sfn.send(new DescribeExecutionCommand({ executionArn: arn }))).input ?? "";
    },

    async samples(window) {
      return storesOfSamples(context, await caller()).read(window);
    },

    async managedHosts(ids) {
      const client = clientIn(SSMClient, context);
      const found = new Map<string, ManagedHost>();
      // One page after the other: SSM allows only some of these calls a second, and rotations need them too.
      for (let at = 0; at < ids.length; at += HOSTS_AT_ONCE) {
        const Filters = [{ Key: "InstanceIds", Values: ids.slice(at, at + HOSTS_AT_ONCE) }];
        for await (const page of paginateDescribeInstanceInformation({ client }, { Filters })) {
          for (const { InstanceId = "", PingStatus: ping = "", LastPingDateTime } of page.InstanceInformationList ??
            []) {
            found.set(InstanceId, {
              ping,
              ...(LastPingDateTime !== undefined && { pingedAt: LastPingDateTime.getTime() }),
            });
          }
        }
      }
      return found;
    },

    async template() {
      const describe = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [names.launchTemplate] });
      const isUnknown = ({ name }: Error) => name.startsWith("InvalidLaunchTemplateName.NotFound");
      const answer = await orUndefined(clientIn(EC2Client, context).send(describe), isUnknown);
      const { DefaultVersionNumber: defaultVersion, LatestVersionNumber: latestVersion } =
        answer?.LaunchTemplates?.[0] ?? {};
      return defaultVersion === undefined || latestVersion === undefined
        ? undefined
        : { defaultVersion, latestVersion };
    },

    ...awsQuotas(clientIn(ServiceQuotasClient, context)),

    async alarms() {
      const client = clientIn(CloudWatchClient, context);
      const asked = { AlarmNamePrefix: `${prefix}-` };
      const found = [];
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client, pageSize: 100 }, asked)) {
        for (const { AlarmName: name = "", StateValue: state = "", StateUpdatedTimestamp } of MetricAlarms) {
          found.push({ name, state, since: StateUpdatedTimestamp?.getTime() ?? 0 });
        }
      }
      return found;
    },
  };
}

async function whoCalls(sts: STSClient): Promise<Caller> {
  const { Arn: arn, Account: account } = await sts.send(new GetCallerIdentityCommand({}));
  // Whatever stands between may answer in AWS's place, e.g. with a page to log in.
  if (arn === undefined || account === undefined) throw new Error("what answered is not AWS");
  // The SDK takes the offset from the time that AWS's answer bears.
  const partition = arn.split(":")[1] ?? "aws";
  return { arn, partition, account, region: await sts.config.region(), aheadMs: -sts.config.systemClockOffset };
}

function isNotFound({ name }: Error): boolean {
  return name === "ResourceNotFoundException";
}

/** Whether a store of samples says that there is no such table: of the deployment's two it has one. */
/** What is answered; undefined for the error that says that it is not there. */
async function orUndefined<Answer>(
  answer: Promise<Answer>,
  isUnknown: (error: Error) => boolean,
): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && isUnknown(error)) return undefined;
    throw error;
  }
}
