import {
  CfnOutput,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  PermissionsBoundary,
  Stack,
  type StackProps,
  Tags,
} from "aws-cdk-lib";
import type * as iam from "aws-cdk-lib/aws-iam";
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
import { PARTS, type Part } from "./parts.ts";
import { People } from "./people.ts";
import type { Arns } from "./rights/arns.ts";
import { type Settings, sealLogDays } from "./settings.ts";
import { isAsynchronous, Triggers } from "./triggers.ts";
import { namesOf, STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET } from "./wiring.ts";

interface KeyturnProps extends StackProps {
  /** What it is made of; everything where it is left out. */
  parts?: readonly Part[];
  /** Whether this is the first deployment: if it fails, CloudFormation takes it back as a whole, and it can be repeated. */
  isFirst?: boolean;
}

/** All of Keyturn in one account and Region, or a part of it. */
export class KeyturnStack extends Stack {
  readonly parts: readonly Part[];

  constructor(scope: Construct, id: string, settings: Settings, bundles: Bundles, props: KeyturnProps = {}) {
    const { isFirst = false, parts = PARTS, ...stackProps } = props;
    const hasFleet = parts.includes("fleet");
    super(scope, id, {
      description: hasFleet ? STACK_DESCRIPTION : STACK_DESCRIPTION_WITHOUT_FLEET,
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
    this.parts = parts;
    const data = new Data(this, "Data", { settings, parts, isFirst });
    const { topic } = new Alerts(this, "Alerts", data, settings.alertEmails);
    const deadLetters = new DeadLetters(this, "DeadLetters");
    const bus = new Bus(this, "Events");
    const fleetRole = hasFleet ? makeFleetRole(this) : undefined;
    const fleetRoleIds = [
      ...(fleetRole === undefined ? [] : [fleetRole.roleId]),
      ...Object.values(settings.existingRoles),
    ];

    const arns = arnsIn(this, {
      parts,
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
      parts,
      bundles,
      arns,
      variables: variables(this, settings, arns, fleetRoleIds),
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
      bus,
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

    if (fleetRole !== undefined) this.makeFleet(fleetRole, { settings, bundles, arns, data, functions });

    new People(this, arns);
    const alarms = new Alarms(this, "Alarms", { parts, deadLetters, topic, settings });
    new Dashboard(this, "Operations", parts, alarms);
    for (const [name, value] of Object.entries(settings.tags)) Tags.of(this).add(name, value);
    new CfnOutput(this, "AlertTopic", { value: topic.topicArn, description: "Who is subscribed is mailed" });
  }

  /** What instances need, and the URL at which they register. */
  private makeFleet(role: iam.Role, { settings, bundles, arns, data, functions }: FleetParts): void {
    const register = functions.get({ flow: "registration", name: "register" });
    // It tells instances where samples go: never before there is such a table.
    register.node.addDependency(...Object.values(data.series));
    const url = register.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    new Instances(this, "Instances", {
      settings,
      registrationUrl: url.url,
      arns,
      agentFolder: bundles.agentFolder,
      role,
    });
    new CfnOutput(this, "RegistrationUrl", { value: url.url, description: "Where instances register" });
    // By this `npm run deploy` knows where the samples of a running fleet go, and that there is one.
    new CfnOutput(this, "TimeSeries", { value: settings.timeSeries, description: "Where samples go" });
  }
}

interface FleetParts {
  settings: Settings;
  bundles: Bundles;
  arns: Arns;
  data: Data;
  functions: Functions;
}
