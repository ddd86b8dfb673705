import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { CreateLaunchTemplateCommand, CreateLaunchTemplateVersionCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { typedNamesOf } from "../../functions/shared/names.ts";
import { awsDeployment } from "../../operator/doctor/deployment.aws.ts";
import type { Output } from "../../operator/output/output.ts";
import type { Place } from "../functions/clients/aws-under-test.ts";
import type { DeploymentUnderTest } from "../operator/doctor/deployment.suite.ts";

const NAMES = typedNamesOf("keyturn");
/** Of a name of its own: other suites make one that is called Keyturn in the same emulator. */
const STACK = "KeyturnOfDoctor";
const OUT = { progress: () => undefined, note: () => undefined } as unknown as Output;

/** An emulator as doctor asks it, in which things are made by AWS's own calls. */
export function deploymentThere(place: Place): DeploymentUnderTest {
  const { region, endpoint, credentials } = place;
  const TopicName = NAMES.alertTopic;
  const sns = new SNSClient(place);
  return {
    stack: STACK,
    deployment: awsDeployment({
      place: {
        ...{ kind: "aws", said: "", stack: STACK, prefix: "keyturn", names: NAMES, data: "" },
        ...{ region, profile: undefined, running: { pid: 0, endpoint, region, account: "", credentials } },
      },
      out: OUT,
    }),
    async makeStack(StackName, Description) {
      const client = new CloudFormationClient(place);
      const template = { Description, Resources: { Topic: { Type: "AWS::SNS::Topic" } } };
      await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
      await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1 }, { StackName });
    },
    async makeTopic() {
      await sns.send(new CreateTopicCommand({ Name: TopicName }));
    },
    async subscribe(Endpoint) {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: TopicName }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint }));
    },
    async makeSchedule(Name, { expression, isOn }) {
      const Target = {
        Arn: "arn:aws:states:us-east-1:000000000000:stateMachine:keyturn-watch",
        RoleArn: "arn:aws:iam::000000000000:role/starts",
      };
      await new SchedulerClient(place).send(
        new CreateScheduleCommand({
          ...{ Name, Target, ScheduleExpression: expression, FlexibleTimeWindow: { Mode: "OFF" } },
          State: isOn ? "ENABLED" : "DISABLED",
        }),
      );
    },
    async makeTemplate(versions) {
      const client = new EC2Client(place);
      const LaunchTemplateName = NAMES.launchTemplate;
      const data = { LaunchTemplateName, LaunchTemplateData: { InstanceType: "t3.micro" as const } };
      await client.send(new CreateLaunchTemplateCommand(data));
      for (let n = 1; n < versions; n += 1) await client.send(new CreateLaunchTemplateVersionCommand(data));
    },
    async makeAlarm(AlarmName, StateValue) {
      const client = new CloudWatchClient(place);
      const metric = { Namespace: "Keyturn", MetricName: "Look", Statistic: "Sum", Period: 300 } as const;
      const rule = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "LessThanThreshold" } as const;
      await client.send(new PutMetricAlarmCommand({ AlarmName, ...metric, ...rule }));
      const state = { StateValue: StateValue as "OK", StateReason: "by the test" };
      await client.send(new SetAlarmStateCommand({ AlarmName, ...state }));
    },
  };
}
