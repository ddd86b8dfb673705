import {
  CfnOutput,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  PermissionsBoundary,
  Stack,
  type StackProps,
  Tags,
} from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { Alerts } from "./alerts.ts";
import { arnsIn } from "./arns.ts";
import type { Bundles } from "./bundles.ts";
import { Bus } from "./bus.ts";
import { Alarms } from "./cloudwatch-alarms.ts";
import { Consumers } from "./consumers.ts";
import { CREDENTIAL_NETWORK, CredentialNetwork, needsNetwork } from "./credential-network.ts";
import { Credentials } from "./credentials.ts";
import { Dashboard } from "./dashboard.ts";
import { Data } from "./data.ts";
import { DeadLetters } from "./dead-letters.ts";
import { variables } from "./environment.ts";
import { Flows } from "./flows.ts";
import { Functions } from "./functions.ts";
import { namesIn } from "./in-stack.ts";
import { Instances, makeFleetRole } from "./instances.ts";
import { type Settings, sealLogDays } from "./settings.ts";
import { isAsynchronous, Triggers } from "./triggers.ts";
import { namesOf, STACK_DESCRIPTION } from "./wiring.ts";

interface KeyturnProps extends StackProps {
  /** Whether this is the first deployment: if it fails, CloudFormation takes it back as a whole, and it can be repeated. */
  isFirst?: boolean;
}

/** All of Keyturn in one account and Region. */
export class KeyturnStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings, bundles: Bundles, props: KeyturnProps = {}) {
    const { isFirst = false, ...stackProps } = props;
    super(scope, id, {
      description: STACK_DESCRIPTION,
      stackName: settings.stackName,
      tags: settings.tags,
      synthesizer: new DefaultStackSynthesizer({
        bucketPrefix: namesOf(settings.stackName).filesPrefix,
        qualifier: settings.bootstrapQualifier,
      }) as IStackSynthesizer,
      ...(settings.permissionsBoundary !== "" && {
        permissionsBoundary: PermissionsBoundary.fromName(settings.permissionsBoundary),
      }),
      ...stackProps,
    });
    const data = new Data(this, "Data", settings, isFirst);
    const { topic } = new Alerts(this, "Alerts", data, settings.alertEmails);
    const deadLetters = new DeadLetters(this, "DeadLetters");
    const bus = new Bus(this, "Events");
    const fleetRole = makeFleetRole(this);

    const arns = arnsIn(this, {
      sealBucket: settings.audit.bucket,
      credentials: settings.credentials,
      exposedKeys: settings.exposedKeys,
      data,
      topicArn: topic.topicArn,
      busArn: bus.bus.eventBusArn,
      functionArn: (step) => functions.get(step).functionArn,
    });
    const network = needsNetwork(settings) ? new CredentialNetwork(this, CREDENTIAL_NETWORK, settings) : undefined;
    const functions = new Functions(this, "Functions", {
      bundles,
      arns,
      variables: variables(this, settings, arns, [fleetRole.roleId, ...Object.values(settings.existingRoles)]),
      logRetentionDays: settings.logRetentionDays,
      sealLogDays: sealLogDays(settings),
      deadLetters: deadLetters.unworked,
      isAsynchronous: (step) => isAsynchronous(step, namesIn(this), arns),
      network,
    });
    bus.allowOnly([...functions.rolesThatMay("events:PutEvents"), ...settings.eventSenders]);
    const flows = new Flows(this, "Flows", arns, settings);
    new Triggers(this, "Triggers", {
      functions,
      flows,
      deadLetters,
      arns,
      settings,
    });

    if (settings.credentials.length > 0) {
      new Credentials(this, "Credentials", {
        credentials: settings.credentials,
        rotate: functions.get({ flow: "credential", name: "rotate" }),
        after: [flows.aliasOf("credential"), ...(network === undefined ? [] : [network])],
      });
      new Consumers(this, "Consumers", settings.credentials, arns);
    }

    const register = functions.get({ flow: "registration", name: "register" });
    // It tells instances where samples go: never before there is such a table.
    register.node.addDependency(...Object.values(data.series));
    const url = register.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    new Instances(this, "Instances", {
      settings,
      registrationUrl: url.url,
      arns,
      agentFolder: bundles.agentFolder,
      role: fleetRole,
    });

    const alarms = new Alarms(this, "Alarms", { deadLetters, topic, settings });
    new Dashboard(this, "Operations", alarms);
    for (const [name, value] of Object.entries(settings.tags)) Tags.of(this).add(name, value);
    new CfnOutput(this, "RegistrationUrl", { value: url.url, description: "Where instances register" });
    // By this `npm run deploy` knows where the samples of a running fleet go.
    new CfnOutput(this, "TimeSeries", { value: settings.timeSeries, description: "Where samples go" });
    new CfnOutput(this, "AlertTopic", { value: topic.topicArn, description: "Who is subscribed is mailed" });
  }
}
