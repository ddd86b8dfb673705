import { refuseOthers } from "../http/members.ts";
import { AwsError, type Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { compilePattern } from "./pattern.ts";
import { DEFAULT_BUS, type Rule, type RuleStore, ruleArn, type Target } from "./rule-store.ts";
import { periodOf } from "./schedule.ts";
import { checkInput } from "./target-input.ts";

/** What the operations on rules ask of EventBridge. */
export interface RuleKeeper {
  readonly rules: RuleStore;
  armSchedules(): void;
}

interface PutRuleInput {
  Name?: string;
  EventBusName?: string;
  EventPattern?: string;
  ScheduleExpression?: string;
  State?: string;
  Description?: string;
}

const TARGETS_PER_RULE = 5;
const TARGET_MEMBERS = [
  ...["Id", "Arn", "RoleArn", "RetryPolicy", "DeadLetterConfig"],
  ...["Input", "InputPath", "InputTransformer"],
];

/** The operations on rules and their targets. */
export function ruleOperations(bridge: RuleKeeper, parts: Parts): Service["operations"] {
  const { rules } = bridge;

  /** When the schedule of a rule fires next: a rule that is put again with the same schedule keeps its time. */
  const nextTime = (schedule: string, state: string, before: Rule | undefined): number => {
    const periodMs = periodOf(schedule);
    const goesOn = before?.schedule === schedule && before.state === "ENABLED" && state === "ENABLED";
    return (goesOn ? before.nextAt : null) ?? parts.clock.now() + periodMs;
  };

  return {
    PutRule(input: PutRuleInput) {
      const members = ["Name", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Description"];
      refuseOthers(input, members, parts.log);
      const { Name = "", EventPattern, ScheduleExpression, State = "ENABLED", Description } = input;
      const bus = rules.knownBus(input.EventBusName);
      checkRule({ ...input, Name, State }, bus);
      if (EventPattern !== undefined) compilePattern(EventPattern);
      const before = rules.findRule(bus, Name);
      const rule: Rule = {
        bus,
        name: Name,
        pattern: EventPattern ?? null,
        schedule: ScheduleExpression ?? null,
        state: State as Rule["state"],
        description: Description ?? null,
        nextAt: ScheduleExpression === undefined ? null : nextTime(ScheduleExpression, State, before),
      };
      rules.putRule(rule);
      bridge.armSchedules();
      return { RuleArn: ruleArn(rule) };
    },

    ListRules(input: { NamePrefix?: string; EventBusName?: string }) {
      refuseOthers(input, ["NamePrefix", "EventBusName"], parts.log);
      const all = rules.rules(rules.knownBus(input.EventBusName));
      return { Rules: all.filter(({ name }) => name.startsWith(input.NamePrefix ?? "")).map(described) };
    },

    PutTargets(input: { Rule?: string; EventBusName?: string; Targets?: Target[] }) {
      refuseOthers(input, ["Rule", "EventBusName", "Targets"], parts.log);
      const { Rule: name = "", Targets = [] } = input;
      for (const target of Targets) refuseOthers(target, TARGET_MEMBERS, parts.log);
      const bus = rules.knownBus(input.EventBusName);
      const rule = rules.findRule(bus, name);
      if (rule === undefined) {
        throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${bus}.`);
      }
      for (const target of Targets) checkTarget(target);
      const ids = new Set([...rules.targets(rule), ...Targets].map(({ Id }) => Id));
      if (ids.size > TARGETS_PER_RULE) {
        throw new AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
      }
      parts.store.transaction(() => {
        for (const target of Targets) rules.putTarget(rule, target);
      });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  };
}

function checkRule({ Name = "", EventPattern, ScheduleExpression, State = "" }: PutRuleInput, bus: string): void {
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Name)) throw invalid("Parameter Name is not valid.");
  if (State !== "ENABLED" && State !== "DISABLED") throw invalid("Parameter State is not valid.");
  if (EventPattern === undefined && ScheduleExpression === undefined) {
    throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (ScheduleExpression !== undefined && bus !== DEFAULT_BUS) {
    throw invalid("ScheduleExpression is supported only on the default event bus.");
  }
}

function checkTarget(target: Target): void {
  const { Id = "", Arn = "", RoleArn } = target;
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Id)) throw invalid("Parameter Targets is not valid: a target has no valid Id.");
  const service = /^arn:aws:(lambda:[^:]+:[^:]+:function|states:[^:]+:[^:]+:stateMachine|sns:[^:]+:[^:]+):/.exec(
    Arn,
  )?.[1];
  if (service === undefined) throw invalid(`The embedded AWS does not deliver to ${Arn}.`);
  if (service.startsWith("states") && RoleArn === undefined) throw invalid(`RoleArn is required for target ${Arn}.`);
  checkInput(target);
}

function described(rule: Rule): object {
  return {
    Name: rule.name,
    Arn: ruleArn(rule),
    ...(rule.pattern !== null && { EventPattern: rule.pattern }),
    ...(rule.schedule !== null && { ScheduleExpression: rule.schedule }),
    State: rule.state,
    ...(rule.description !== null && { Description: rule.description }),
    EventBusName: rule.bus,
  };
}

function invalid(reason: string): AwsError {
  return new AwsError("ValidationException", reason);
}
