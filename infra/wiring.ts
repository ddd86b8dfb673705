import {
  commandInvocationChanged,
  executionEnded as executionStatusChanged,
  instanceStateChanged,
  rotationRequested,
} from "../events/index.ts";
import type { StepContract } from "../functions/shared/contract.ts";
import { machineNameOf, TYPED_NAMES } from "../functions/shared/names.ts";

/**
 * What is deployed and what starts what, as plain data. The CDK app and the embedded AWS both read it, so that they
 * cannot drift apart.
 */

export const NAMES = {
  ...TYPED_NAMES,
  auditTable: "keyturn-audit",
  ticketTable: "keyturn-tickets",
  seriesTable: "keyturn-samples",
  timestreamDatabase: "keyturn",
  timestreamTable: "samples",
  eventBus: "keyturn",
  alertTopic: "keyturn-alerts",
  pushDocument: "Keyturn-Turn",
  launchTemplate: "keyturn-instance",
  watchSchedule: "keyturn-watch",
  drillSchedule: "keyturn-drill",
  tableKey: "alias/keyturn-tables",
  nonceKey: "alias/keyturn-nonces",
} as const;

/**
 * The names of what AWS knows once in an account, and not in each Region: two Regions have two deployments.
 *
 * @param region e.g. `eu-central-1`
 */
export function accountWideNames(region: string) {
  return {
    fleetRole: `KeyturnInstance-${region}`,
    instancePolicy: `keyturn-instance-${region}`,
    dashboard: `keyturn-${region}`,
  };
}

/** Under this prefix Keyturn's files lie in CDK's bucket, which other apps of the account share. */
export const FILES_PREFIX = "keyturn/";

/** What marks the hosts that a push may be sent to. */
export const INSTANCE_TAG = { key: "keyturn", value: "instance" } as const;

export { LIVE } from "../functions/shared/names.ts";

/** The flows: one state machine each, `statemachines/NAME.asl.yaml`, whose Task states call the steps of that flow. */
export const FLOWS = [
  { name: "registration", type: "EXPRESS" },
  { name: "rotation", type: "STANDARD" },
  { name: "fleet-rotation", type: "STANDARD" },
  { name: "watch", type: "STANDARD" },
  { name: "operate", type: "STANDARD" },
] as const;

export type FlowName = (typeof FLOWS)[number]["name"];

/** The flows whose executions raise an event when they end: people are told of one that could not tell of itself. */
export const FOLLOWED = ["rotation", "fleet-rotation", "watch", "operate"] as const satisfies FlowName[];

/** The name of a flow's state machine in AWS, e.g. `keyturn-rotation`. */
export function stateMachineNameOf(flow: FlowName): string {
  return machineNameOf(flow);
}

/** What is started again and again, in both deployments; how often is a setting. */
export const SCHEDULES = [
  { name: NAMES.schedule, flow: "fleet-rotation", does: "Turns the keys that are due." },
  { name: NAMES.watchSchedule, flow: "watch", does: "Looks who has fallen silent, and whose proofs do not fit." },
] as const satisfies { name: string; flow: FlowName; does: string }[];

/** What a rule starts: a step's function, or a flow. */
export type RuleTarget =
  | { function: Pick<StepContract, "flow" | "name"> }
  | { flow: FlowName; inputPaths: Record<string, string>; input: string };

export interface Rule {
  name: string;
  does: string;
  /** AWS's own events come on the default bus. */
  bus: "default" | "keyturn";
  pattern: Record<string, unknown>;
  target: RuleTarget;
}

/**
 * The rules.
 *
 * @param arnOfFlow the ARN of a flow's state machine, for the rules that watch executions
 */
export function rules(arnOfFlow: (flow: FlowName) => string): Rule[] {
  return [
    {
      name: "keyturn-push-ended",
      does: "A push's command is over: end-push ends the task that waits for it.",
      bus: "default",
      pattern: {
        source: [commandInvocationChanged.source],
        "detail-type": [commandInvocationChanged.detailType],
        detail: { "document-name": [NAMES.pushDocument], status: ["Success", "Failed", "TimedOut", "Cancelled"] },
      },
      target: { function: { flow: "rotation", name: "end-push" } },
    },
    {
      name: "keyturn-rotation-requested",
      does: "Somebody asks for one instance's key to be turned now.",
      bus: "keyturn",
      pattern: { "detail-type": [rotationRequested.detailType] },
      // Whoever asks need not say who they are: the detail is there in any case.
      target: {
        flow: "rotation",
        inputPaths: { id: "$.detail.id", detail: "$.detail" },
        input: '{"id":<id>,"trigger":"event","detail":<detail>}',
      },
    },
    {
      name: "keyturn-host-state-changed",
      does: "A host stopped, started or was terminated.",
      bus: "default",
      pattern: {
        source: [instanceStateChanged.source],
        "detail-type": [instanceStateChanged.detailType],
        detail: { state: ["stopped", "running", "terminated"] },
      },
      target: { function: { flow: "life", name: "follow-state" } },
    },
    {
      name: "keyturn-execution-failed",
      does: "An execution failed without having told anybody: its error has no prefix of ours.",
      bus: "default",
      pattern: executionEnded(arnOfFlow, {
        status: ["FAILED"],
        error: [{ "anything-but": { prefix: "Keyturn." } }],
      }),
      target: tellOfExecution,
    },
    {
      // Apart from those that failed: these have no error, or null, and CloudFormation takes no null in a template.
      name: "keyturn-execution-cut-off",
      does: "An execution ran out of time or was aborted, and so cannot have told anybody.",
      bus: "default",
      pattern: executionEnded(arnOfFlow, { status: ["TIMED_OUT", "ABORTED"] }),
      target: tellOfExecution,
    },
  ];
}

/** The end of an execution that has people told of what goes wrong in it. */
function executionEnded(arnOfFlow: Parameters<typeof rules>[0], detail: Record<string, unknown[]>) {
  return {
    source: [executionStatusChanged.source],
    "detail-type": [executionStatusChanged.detailType],
    detail: {
      stateMachineArn: FOLLOWED.map(arnOfFlow),
      ...detail,
    },
  };
}

const tellOfExecution: RuleTarget = { function: { flow: "life", name: "follow-execution" } };
