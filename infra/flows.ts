import { CfnDeletionPolicy, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { machineNameOf } from "../functions/shared/names.ts";
import { placeholderOf } from "../functions/steps.ts";
import { arnAt } from "../protocol/index.ts";
import { valuesFor } from "../statemachines/placeholders.ts";
import { readFlow } from "../statemachines/read.ts";
import { namesIn } from "./in-stack.ts";
import { hasFlow } from "./parts.ts";
import { type Arns, liveArnOf } from "./rights/arns.ts";
import { flowRights, stepsCalledBy } from "./rights/flows.ts";
import type { Settings } from "./settings.ts";
import { FLOWS, type FlowName, LIVE } from "./wiring.ts";

type Flow = (typeof FLOWS)[number];

/** After how long it is looked up a second time what was done with an exposed key: CloudTrail has most calls after 5 minutes. */
const SECOND_LOOK_SECONDS = 1200;

/** The flows, from the same files that run everywhere, each with an alias and versions to go back to. */
export class Flows extends Construct {
  private readonly live = new Map<FlowName, sfn.CfnStateMachineAlias>();

  constructor(scope: Construct, id: string, arns: Arns, settings: Settings) {
    super(scope, id);
    for (const flow of FLOWS) if (hasFlow(arns.parts, flow.name)) this.makeFlow(flow, arns, settings);
  }

  /** The ARN to start a flow by: its alias, which is there once the state machine is. */
  liveArn(name: FlowName): string {
    return this.aliasOf(name).attrArn;
  }

  /** The alias itself, for what starts the flow without a reference to it, and so has to be made after it. */
  aliasOf(name: FlowName): sfn.CfnStateMachineAlias {
    const found = this.live.get(name);
    if (found === undefined) throw new Error(`There is no flow ${name}.`);
    return found;
  }

  private makeFlow(flow: Flow, arns: Arns, settings: Settings): void {
    const place = new Construct(this, pascal(flow.name));
    const text = inEveryPartition(readFlow(flow.name).text);

    const stateMachineName = machineNameOf(flow.name, namesIn(this).prefix);
    const role = new iam.Role(place, "Role", {
      description: `Keyturn: the flow ${flow.name}`,
      assumedBy: new iam.ServicePrincipal("states.amazonaws.com"),
    });
    for (const statement of flowRights(flow.name, arns)) role.addToPolicy(iam.PolicyStatement.fromJson(statement));

    const stateMachine = new sfn.StateMachine(place, "Machine", {
      stateMachineName,
      stateMachineType: flow.type === "EXPRESS" ? sfn.StateMachineType.EXPRESS : sfn.StateMachineType.STANDARD,
      role,
      definitionBody: sfn.DefinitionBody.fromString(text),
      definitionSubstitutions: valuesFor(text, {
        ...Object.fromEntries(stepsCalledBy(flow.name).map((step) => [placeholderOf(step), arns.function(step)])),
        Partition: Stack.of(this).partition,
        PushTimeoutSeconds: String(settings.pushTimeoutSeconds),
        SecondLookSeconds: String(SECOND_LOOK_SECONDS),
        MaxConcurrency: String(settings.maxConcurrency),
        ToleratedFailureShare: String(settings.toleratedFailureShare),
        RotationStateMachineArn: liveArnOf(arns, "rotation"),
        OperateStateMachineArn: liveArnOf(arns, "operate"),
      }),
      tracingEnabled: true,
      logs: {
        destination: new logs.LogGroup(place, "Log", {
          // Under this prefix, log groups do not add up in the resource policy that CloudWatch Logs limits.
          logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
          retention: settings.logRetentionDays as logs.RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: sfn.LogLevel.ALL,
        // Tickets, receipts and digests prove keys and hold none, so what the states are given may be read.
        includeExecutionData: true,
      },
    });
    this.live.set(flow.name, this.makeLive(place, stateMachine));
  }

  /**
   * Each change of the state machine makes a version; those before stay, so that the alias can be pointed back. One that was
   * made by a deployment that failed goes with it: the alias never pointed there for long.
   */
  private makeLive(place: Construct, stateMachine: sfn.StateMachine): sfn.CfnStateMachineAlias {
    const revision = (stateMachine.node.defaultChild as sfn.CfnStateMachine).attrStateMachineRevisionId;
    const version = new sfn.CfnStateMachineVersion(place, "Version", {
      stateMachineArn: stateMachine.stateMachineArn,
      stateMachineRevisionId: revision,
    });
    version.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    version.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
    return new sfn.CfnStateMachineAlias(place, "Live", {
      name: LIVE,
      description: "What everything starts; point it at an earlier version to go back",
      routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }],
    });
  }
}

/** The ARNs of Step Functions' own integrations begin with the partition; the files write that of `aws`. */
function inEveryPartition(text: string): string {
  const begins = (partition: string) => `"${arnAt({ partition }, "states", "")}`;
  return text.replaceAll(begins("aws"), begins("${Partition}"));
}

/** `fleet-rotation` → `FleetRotation`. */
export function pascal(name: string): string {
  return name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}
