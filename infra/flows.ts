import { CfnDeletionPolicy, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { functionNameOf, placeholderOf, STEPS } from "../functions/steps.ts";
import { readFlow } from "../statemachines/read.ts";
import { executionsArn, flowArn, LIVE, liveArn } from "./arns.ts";
import type { Functions } from "./functions.ts";
import type { Settings } from "./settings.ts";
import { FLOWS, type FlowName, stateMachineNameOf } from "./wiring.ts";

type Flow = (typeof FLOWS)[number];

/** The flows, from the same files that run everywhere, each with an alias and versions to go back to. */
export class Flows extends Construct {
  private readonly live = new Map<FlowName, string>();

  constructor(scope: Construct, id: string, functions: Functions, settings: Settings) {
    super(scope, id);
    for (const flow of FLOWS) this.makeFlow(flow, functions, settings);
  }

  /** The ARN to start a flow by: its alias, which is there once the state machine is. */
  liveArn(name: FlowName): string {
    const found = this.live.get(name);
    if (found === undefined) throw new Error(`There is no flow ${name}.`);
    return found;
  }

  private makeFlow(flow: Flow, functions: Functions, settings: Settings): void {
    const place = new Construct(this, pascal(flow.name));
    const text = inEveryPartition(readFlow(flow.name).text);
    const invoked = STEPS.filter((step) => step.flow === flow.name && text.includes(`\${${placeholderOf(step)}}`));

    const role = new iam.Role(place, "Role", {
      description: `Keyturn: the flow ${flow.name}`,
      assumedBy: new iam.ServicePrincipal("states.amazonaws.com"),
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: invoked.map((step) => functions.get(functionNameOf(step)).functionArn),
      }),
    );
    if (text.includes("startExecution.sync:2")) this.allowRunningRotations(place, role, flow.name);

    const stateMachine = new sfn.StateMachine(place, "Machine", {
      stateMachineName: stateMachineNameOf(flow.name),
      stateMachineType: flow.type === "EXPRESS" ? sfn.StateMachineType.EXPRESS : sfn.StateMachineType.STANDARD,
      role,
      definitionBody: sfn.DefinitionBody.fromString(text),
      definitionSubstitutions: this.substitutionsIn(text, {
        ...Object.fromEntries(
          invoked.map((step) => [placeholderOf(step), functions.get(functionNameOf(step)).functionArn]),
        ),
        Partition: Stack.of(this).partition,
        PushTimeoutSeconds: String(settings.pushTimeoutSeconds),
        MaxConcurrency: String(settings.maxConcurrency),
        ToleratedFailureShare: String(settings.toleratedFailureShare),
        RotationStateMachineArn: liveArn(this, "rotation"),
      }),
      tracingEnabled: true,
      logs: {
        destination: new logs.LogGroup(place, "Log", {
          // Under this prefix, log groups do not add up in the resource policy that CloudWatch Logs limits.
          logGroupName: `/aws/vendedlogs/states/${stateMachineNameOf(flow.name)}`,
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

  /** Each change of the state machine makes a version; those before stay, so that the alias can be pointed back. */
  private makeLive(place: Construct, stateMachine: sfn.StateMachine): string {
    const revision = (stateMachine.node.defaultChild as sfn.CfnStateMachine).attrStateMachineRevisionId;
    const version = new sfn.CfnStateMachineVersion(place, "Version", {
      stateMachineArn: stateMachine.stateMachineArn,
      stateMachineRevisionId: revision,
    });
    version.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    version.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    return new sfn.CfnStateMachineAlias(place, "Live", {
      name: LIVE,
      description: "What everything starts; point it at an earlier version to go back",
      routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }],
    }).attrArn;
  }

  /** Starts rotations and waits for each, and starts itself for the parts of its Distributed Map. */
  private allowRunningRotations(place: Construct, role: iam.Role, name: FlowName): void {
    const eventsRule = Stack.of(this).formatArn({
      service: "events",
      resource: "rule",
      resourceName: "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["states:StartExecution"],
        resources: [flowArn(this, "rotation")],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["states:DescribeExecution", "states:StopExecution"],
        resources: [executionsArn(this, "rotation")],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["events:PutRule", "events:PutTargets", "events:DescribeRule"],
        resources: [eventsRule],
      }),
    );
    // The parts of a Distributed Map run as executions of the state machine under a label, e.g. `…:NAME/TurnEach:…`.
    role.attachInlinePolicy(
      new iam.Policy(place, "OwnParts", {
        statements: [
          new iam.PolicyStatement({ actions: ["states:StartExecution"], resources: [flowArn(this, name)] }),
          new iam.PolicyStatement({
            actions: ["states:DescribeExecution", "states:StopExecution"],
            resources: [executionsArn(this, name), executionsArn(this, name).replace(/:\*$/, "/*")],
          }),
        ],
      }),
    );
  }

  /** Values for the placeholders in a state machine file; one without a value is reported here. */
  private substitutionsIn(text: string, values: Record<string, string>): Record<string, string> {
    const names = new Set(Array.from(text.matchAll(/\$\{(\w+)\}/g), ([, name]) => name ?? ""));
    return Object.fromEntries(
      Array.from(names, (name) => {
        const value = values[name];
        if (value === undefined) throw new Error(`The state machine file has a placeholder without a value: ${name}.`);
        return [name, value];
      }),
    );
  }
}

/** The ARNs of Step Functions' own integrations begin with the partition; the files write that of `aws`. */
function inEveryPartition(text: string): string {
  return text.replaceAll('"arn:aws:states:::', '"arn:${Partition}:states:::');
}

/** `fleet-rotation` → `FleetRotation`. */
function pascal(name: string): string {
  return name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}
