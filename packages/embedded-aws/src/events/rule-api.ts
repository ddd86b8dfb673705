import { AwsError, type Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { refuseOthers } from "./members.ts";
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

interface RuleInput {
  Name?: string;
  Rule?: string;
  EventBusName?: string;
}

const TARGETS_PER_RULE = 5;

/** The operations on rules and their targets. */
export function ruleOperations(bridge: RuleKeeper, parts: Parts): Service["operations"] {
  const { rules } = bridge;

  const known = (input: RuleInput): Rule => {
    const name = input.Name ?? input.Rule ?? "";
    const bus = rules.knownBus(input.EventBusName);
    const rule = rules.findRule(bus, name);
    if (rule !== undefined) return rule;
    throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${bus}.`);
  };

  /** When the schedule of a rule fires next: a rule that is put again with the same schedule keeps its time. */
  const nextTime = (schedule: string, state: string, before: Rule | undefined): number => {
    const periodMs = periodOf(schedule);
    const goesOn = before?.schedule === schedule && before.state === "ENABLED" && state === "ENABLED";
    return (goesOn ? before.nextAt : null) ?? parts.clock.now() + periodMs;
  };

  return {
    PutRule(input: PutRuleInput) {
      const members = ["Name", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Description"];
      refuseOthers(input, [...members, "RoleArn", "Tags"], parts.log);
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

    DescribeRule(input: RuleInput) {
      refuseOthers(input, ["Name", "EventBusName"], parts.log);
      return described(known(input));
    },

    ListRules(input: { NamePrefix?: string; EventBusName?: string }) {
      refuseOthers(input, ["NamePrefix", "EventBusName"], parts.log);
      const all = rules.rules(rules.knownBus(input.EventBusName));
      return { Rules: all.filter(({ name }) => name.startsWith(input.NamePrefix ?? "")).map(described) };
    },

    DeleteRule(input: RuleInput) {
      refuseOthers(input, ["Name", "EventBusName"], parts.log);
      const bus = rules.knownBus(input.EventBusName);
      const rule = rules.findRule(bus, input.Name ?? "");
      if (rule === undefined) return {}; // AWS, too, takes this for done.
      if (rules.targets(rule).length > 0) {
        throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
      }
      rules.removeRule(bus, rule.name);
      bridge.armSchedules();
      return {};
    },

    PutTargets(input: RuleInput & { Targets?: Target[] }) {
      refuseOthers(input, ["Rule", "EventBusName", "Targets"], parts.log);
      const rule = known(input);
      const { Targets = [] } = input;
      for (const target of Targets) checkTarget(target, parts.log);
      const ids = new Set([...rules.targets(rule), ...Targets].map(({ Id }) => Id));
      if (ids.size > TARGETS_PER_RULE) {
        throw new AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
      }
      parts.store.transaction(() => {
        for (const target of Targets) rules.putTarget(rule, target);
      });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    ListTargetsByRule(input: RuleInput) {
      refuseOthers(input, ["Rule", "EventBusName"], parts.log);
      return { Targets: rules.targets(known(input)) };
    },

    RemoveTargets(input: RuleInput & { Ids?: string[] }) {
      refuseOthers(input, ["Rule", "EventBusName", "Ids"], parts.log);
      const rule = known(input);
      const FailedEntries = (input.Ids ?? [])
        .filter((id) => !rules.removeTarget(rule, id))
        .map((TargetId) => ({
          TargetId,
          ErrorCode: "ResourceNotFoundException",
          ErrorMessage: `Rule ${rule.name} does not have target(s) ${TargetId}.`,
        }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
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

function checkTarget(target: Target, log: (sentence: string) => void): void {
  const inputs = ["Input", "InputPath", "InputTransformer"];
  refuseOthers(target, ["Id", "Arn", "RoleArn", "RetryPolicy", "DeadLetterConfig", ...inputs], log);
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
