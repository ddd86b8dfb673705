import type { Uses } from "../functions/shared/uses.ts";

/**
 * The managed policies for people, each with all of the ones before it: `reader` looks, `auditor` reads the audit beside that,
 * and `operator` looks and acts.
 */
export const POLICIES = ["reader", "auditor", "operator"] as const;
export type Policy = (typeof POLICIES)[number];

/** What a command may do in AWS, and by which policy people have it. */
export interface CommandRights {
  policy: Policy;
  uses: Uses;
}

const STARTED: Uses = { executions: ["states:DescribeExecution"] };
/** Whom an act on many means. */
const MEANT: Uses = { instanceTable: ["dynamodb:GetItem", "dynamodb:Scan"], findingIndexes: ["dynamodb:Query"] };
/** Of quarantine, release and retire, the records are read for --dry-run. */
const ON_RECORDS: Uses = { operateFlow: ["states:StartExecution"], instanceTable: ["dynamodb:GetItem"], ...STARTED };

/** What each command asks AWS for; one that asks for nothing is not among them. `infra` makes the policies of it. */
export const RIGHTS = {
  fleet: { policy: "reader", uses: { instanceTable: ["dynamodb:Scan"], findingIndexes: ["dynamodb:Query"] } },
  show: {
    policy: "reader",
    uses: {
      instanceTable: ["dynamodb:GetItem"],
      instanceIndexes: ["dynamodb:Query"],
      auditTable: ["dynamodb:Query"],
      findingTable: ["dynamodb:Query"],
    },
  },
  secrets: { policy: "reader", uses: { instanceTable: ["dynamodb:Scan"], findingIndexes: ["dynamodb:Query"] } },
  findings: { policy: "reader", uses: { findingIndexes: ["dynamodb:Query"] } },
  open: {
    policy: "reader",
    uses: {
      instanceTable: ["dynamodb:Scan", "dynamodb:GetItem"],
      instanceIndexes: ["dynamodb:Query"],
      findingTable: ["dynamodb:Query"],
      findingIndexes: ["dynamodb:Query"],
      auditTable: ["dynamodb:Query"],
      timeSeries: ["dynamodb:Query", "timestream:Select"],
      schedules: ["scheduler:GetSchedule"],
      flows: ["states:ListExecutions"],
      mapRuns: ["states:ListExecutions"],
      histories: ["states:DescribeExecution", "states:DescribeStateMachineForExecution", "states:GetExecutionHistory"],
      unscoped: ["timestream:DescribeEndpoints"],
    },
  },
  doctor: {
    policy: "reader",
    uses: {
      instanceTable: ["dynamodb:Scan"],
      findingIndexes: ["dynamodb:Query"],
      auditTable: ["dynamodb:Query"],
      timeSeries: ["dynamodb:Query", "timestream:Select"],
      schedules: ["scheduler:GetSchedule"],
      alertTopic: ["sns:ListSubscriptionsByTopic"],
      watchFlow: ["states:ListExecutions"],
      fleetRotationFlow: ["states:ListExecutions"],
      operateFlow: ["states:ListExecutions"],
      ...STARTED,
      stack: ["cloudformation:DescribeStacks"],
      unscoped: [
        "cloudwatch:DescribeAlarms",
        "ec2:DescribeLaunchTemplates",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListServiceQuotas",
        "ssm:DescribeInstanceInformation",
        "timestream:DescribeEndpoints",
      ],
    },
  },
  audit: { policy: "auditor", uses: { auditTable: ["dynamodb:Query"] } },
  report: {
    policy: "auditor",
    uses: { auditTable: ["dynamodb:Scan", "dynamodb:Query"], instanceTable: ["dynamodb:Scan"] },
  },
  check: { policy: "operator", uses: { watchFlow: ["states:StartExecution"], ...STARTED } },
  rotate: {
    policy: "operator",
    uses: {
      rotationFlow: ["states:StartExecution"],
      fleetRotationFlow: ["states:StartExecution"],
      eventBus: ["events:PutEvents"],
      findingTable: ["dynamodb:GetItem"],
      ...MEANT,
      ...STARTED,
    },
  },
  rekey: { policy: "operator", uses: { ...ON_RECORDS, ...MEANT } },
  quarantine: { policy: "operator", uses: ON_RECORDS },
  release: { policy: "operator", uses: ON_RECORDS },
  retire: { policy: "operator", uses: ON_RECORDS },
  drill: { policy: "operator", uses: { operateFlow: ["states:StartExecution"], ...STARTED } },
} as const satisfies Record<string, CommandRights>;
