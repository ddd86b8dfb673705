import { Stack } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import type { StepName } from "../functions/steps.ts";
import type { Bus } from "./bus.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Flows } from "./flows.ts";
import type { Functions } from "./functions.ts";
import { arnIn, namesIn, placelessArn } from "./in-stack.ts";
import type { Arns } from "./rights/arns.ts";
import { startRights } from "./rights/flows.ts";
import type { Settings } from "./settings.ts";
import { type FlowName, type Names, type Rule, type RuleTarget, rules, schedules } from "./wiring.ts";

interface TriggersProps {
  functions: Functions;
  flows: Flows;
  deadLetters: DeadLetters;
  bus: Bus;
  arns: Arns;
  settings: Pick<Settings, "schedule" | "watch" | "drill" | "exposedKeys">;
}

/** Whether a rule starts a step's function, which Lambda therefore calls asynchronously. */
export function isAsynchronous({ flow, name }: StepName, names: Names, { flow: flowArn }: Pick<Arns, "flow">): boolean {
  return rules(names, flowArn).some(
    ({ target }) => "function" in target && target.function.flow === flow && target.function.name === name,
  );
}

/** What starts what: the rules and the schedules of wiring.ts, each with a dead-letter queue. */
export class Triggers extends Construct {
  private readonly names = namesIn(this);
  private readonly props: TriggersProps;

  constructor(scope: Construct, id: string, props: TriggersProps) {
    super(scope, id);
    this.props = props;
    const { schedule, watch, drill, exposedKeys } = props.settings;
    const { parts } = props.arns;
    const { guardDuty } = exposedKeys;
    for (const rule of rules(this.names, props.arns.flow, { parts, guardDuty })) this.makeRule(rule);
    const timing = {
      "fleet-rotation": schedule,
      watch: {
        expression: `rate(${watch.freshnessMinutes} minute${watch.freshnessMinutes === 1 ? "" : "s"})`,
        timeZone: "UTC",
        flexibleMinutes: 0,
      },
    };
    for (const one of schedules(this.names, parts)) this.makeSchedule(one, timing[one.flow]);
    if (drill.schedule === "off") return;
    this.makeSchedule(
      { name: this.names.drillSchedule, flow: "operate", does: "Starts a drill." },
      { expression: drill.schedule, timeZone: schedule.timeZone, flexibleMinutes: 0 },
      JSON.stringify({ act: "drill", requestedBy: this.names.drillSchedule }),
    );
  }

  private makeRule(rule: Rule): void {
    const place = new Construct(this, rule.name);
    const busName = rule.bus === "default" ? undefined : rule.bus;
    const ruleArn = arnIn(this)("events", busName === undefined ? `rule/${rule.name}` : `rule/${busName}/${rule.name}`);
    const resource = new events.CfnRule(place, "Rule", {
      name: rule.name,
      description: rule.does,
      eventPattern: rule.pattern,
      ...(busName !== undefined && { eventBusName: busName }),
      targets: [
        {
          id: "target",
          ...this.targetOf(place, rule.target, ruleArn),
          deadLetterConfig: { arn: this.props.deadLetters.undelivered.queueArn },
        },
      ],
    });
    // It names the bus by its name, which refers to nothing.
    if (busName !== undefined) resource.node.addDependency(this.props.bus.bus);
    this.props.deadLetters.acceptFromRule(resource.attrArn);
  }

  private targetOf(place: Construct, target: RuleTarget, ruleArn: string) {
    const { functions, flows, arns } = this.props;
    if ("function" in target) {
      const invoked = functions.get(target.function);
      new lambda.CfnPermission(place, "Permission", {
        functionName: invoked.functionName,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: ruleArn,
      });
      return { arn: invoked.functionArn };
    }
    const inputTransformer = { inputPathsMap: target.inputPaths, inputTemplate: target.input };

    const role = new iam.Role(place, "Role", {
      description: `Keyturn: the rule ${place.node.id}`,
      assumedBy: new iam.ServicePrincipal("events.amazonaws.com"),
    });
    for (const statement of startRights(target.flow, arns)) role.addToPolicy(iam.PolicyStatement.fromJson(statement));
    return { arn: flows.liveArn(target.flow), roleArn: role.roleArn, inputTransformer };
  }

  /**
   * A schedule that starts a flow.
   *
   * @param timing its expression, as EventBridge Scheduler writes it, and what belongs to that
   * @param input JSON text, the executions' input
   */
  private makeSchedule(
    { name, flow, does }: { name: string; flow: FlowName; does: string },
    timing: { expression: string; timeZone: string; flexibleMinutes: number },
    input = "{}",
  ): void {
    const { flows, deadLetters, arns } = this.props;
    const { undelivered } = deadLetters;
    const place = new Construct(this, name === this.names.schedule ? "Schedule" : name);
    const role = new iam.Role(place, "Role", {
      description: `Keyturn: the schedule ${name}`,
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    for (const statement of startRights(flow, arns)) role.addToPolicy(iam.PolicyStatement.fromJson(statement));
    role.addToPolicy(new iam.PolicyStatement({ actions: ["sqs:SendMessage"], resources: [undelivered.queueArn] }));
    new scheduler.CfnSchedule(place, "Schedule", {
      name,
      description: does,
      scheduleExpression: timing.expression,
      scheduleExpressionTimezone: timing.timeZone,
      flexibleTimeWindow:
        timing.flexibleMinutes === 0
          ? { mode: "OFF" }
          : { mode: "FLEXIBLE", maximumWindowInMinutes: timing.flexibleMinutes },
      target: {
        // The API call itself rather than the ready-made target, whose documentation knows no alias.
        arn: placelessArn(this, "scheduler", "aws-sdk:sfn:startExecution"),
        input: JSON.stringify({ StateMachineArn: flows.liveArn(flow), Input: input }),
        roleArn: role.roleArn,
        deadLetterConfig: { arn: undelivered.queueArn },
        // What is not started within the hour is left to the next one.
        retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 3600 },
      },
    });
  }
}
