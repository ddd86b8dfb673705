import type { RuleStore } from "../events/rule-store.ts";
import { DEFAULT_BUS } from "../events/rule-store.ts";
import { AwsError, type RawRequest, type Service } from "../http/service.ts";
import { arnOf } from "../place.ts";

/** The one group that is here. */
const GROUP = "default";

interface GetScheduleInput {
  Name: string;
  GroupName: string;
}

/** EventBridge Scheduler, as far as one looks at it: its schedules are, here, EventBridge's rules that have one. */
export function schedulerOver(rules: Pick<RuleStore, "findRule" | "targets">): Service {
  return {
    signingName: "scheduler",
    protocol: { kind: "rest", read },
    operations: {
      GetSchedule({ Name, GroupName }: GetScheduleInput) {
        const rule = GroupName === GROUP ? rules.findRule(DEFAULT_BUS, Name) : undefined;
        if (rule === undefined || rule.schedule === null) {
          throw new AwsError("ResourceNotFoundException", `Schedule ${Name} does not exist.`, 404);
        }
        const [target] = rules.targets(rule);
        return {
          Arn: scheduleArn({ Name, GroupName }),
          GroupName: GROUP,
          Name,
          ...(rule.description !== null && { Description: rule.description }),
          State: rule.state,
          ScheduleExpression: rule.schedule,
          ScheduleExpressionTimezone: "UTC",
          FlexibleTimeWindow: { Mode: "OFF" },
          ...(target && { Target: { Arn: target.Arn, RoleArn: target.RoleArn, Input: target.Input } }),
        };
      },
    },
    needs: (operation, input: GetScheduleInput) =>
      operation === "GetSchedule" ? [{ action: "scheduler:GetSchedule", resource: scheduleArn(input) }] : undefined,
  };
}

function scheduleArn({ Name, GroupName }: GetScheduleInput): string {
  return arnOf("scheduler", `schedule/${GroupName}/${Name}`);
}

function read({ method, url }: RawRequest): { operation: string; input: unknown } {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const name = /^\/schedules\/([^/]+)$/.exec(pathname)?.[1];
  if (method !== "GET" || name === undefined) return { operation: `${method} ${pathname}`, input: {} };
  const input: GetScheduleInput = { Name: decodeURIComponent(name), GroupName: searchParams.get("groupName") ?? GROUP };
  return { operation: "GetSchedule", input };
}
