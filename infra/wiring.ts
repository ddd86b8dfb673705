import {
  accessKeyExposed,
  commandInvocationChanged,
  credentialRotationRequested,
  executionEnded as executionStatusChanged,
  guardDutyFinding,
  healthRisk,
  instanceStateChanged,
  rotationRequested,
} from "../events/index.ts";
import {
  fleetTagOf,
  machineNameOf,
  peoplePolicyOf,
  SHIPPED_PREFIX,
  titleOf,
  typedNamesOf,
} from "../functions/shared/names.ts";
import type { StepName } from "../functions/steps.ts";
import type { Policy } from "../operator/contract.ts";
import { type FlowName, hasFlow, hasStep, PARTS, type Part } from "./parts.ts";

/**
 * What is deployed and what starts what, as plain data. The CDK app and the embedded AWS both read it, so that they
 * cannot drift apart.
 */

/**
 * Every fixed name of a deployment, so that two in one account share none.
 *
 * @param stack the stack's name, the setting `stackName`: letters and digits
 */
export function namesOf(stack: string) {
  const prefix = stack.toLowerCase();
  const title = titleOf(prefix);
  return {
    stack,
    prefix,
    title,
    ...typedNamesOf(prefix),
    ticketTable: `${prefix}-tickets`,
    pushDocument: `${title}-Turn`,
    tableKey: `alias/${prefix}-tables`,
    nonceKey: `alias/${prefix}-nonces`,
    undeliveredEvents: `${prefix}-undelivered-events`,
    unworkedEvents: `${prefix}-unworked-events`,
    /** Under this a deployment's files lie in CDK's bucket, which other apps of the account share. */
    filesPrefix: `${prefix}/`,
  };
}

export type Names = ReturnType<typeof namesOf>;

/** The names as shipped in cdk.json, and on this computer. */
export const NAMES = namesOf("Keyturn");

/**
 * The names of what AWS knows once in an account, and not in each Region: two Regions have two deployments.
 *
 * @param region e.g. `eu-central-1`
 */
export function accountWideNames({ title, prefix }: Names, region: string) {
  return {
    fleetRole: `${title}Instance-${region}`,
    instancePolicy: `${prefix}-instance-${region}`,
    peoplePolicy: (policy: Policy) => peoplePolicyOf(prefix, policy, region),
    dashboard: `${prefix}-${region}`,
  };
}

/** What marks the hosts that a push may be sent to, as shipped and on this computer. */
export const INSTANCE_TAG = fleetTagOf(SHIPPED_PREFIX);

export { LIVE, STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET } from "../functions/shared/names.ts";
export { FLOWS, type FlowName } from "./parts.ts";

/** The flows whose executions raise an event when they end: people are told of one that could not tell of itself. */
export const FOLLOWED = [
  "rotation",
  "fleet-rotation",
  "watch",
  "operate",
  "credential",
  "exposed-key",
] as const satisfies FlowName[];

/** The name of a flow's state machine as shipped, and on this computer. */
export function stateMachineNameOf(flow: FlowName): string {
  return machineNameOf(flow, SHIPPED_PREFIX);
}

/** What is started again and again, on AWS and here; how often is a setting. */
export function schedules({ schedule, watchSchedule }: Names, parts = PARTS) {
  const all = [
    { name: schedule, flow: "fleet-rotation", does: "Turns the keys that are due." },
    { name: watchSchedule, flow: "watch", does: "Looks who has fallen silent, and whose proofs do not fit." },
  ] as const satisfies { name: string; flow: FlowName; does: string }[];
  return all.filter(({ flow }) => hasFlow(parts, flow));
}

/** What a rule starts: a step's function, or a flow. */
export type RuleTarget = { function: StepName } | { flow: FlowName; inputPaths: Record<string, string>; input: string };

export interface Rule {
  name: string;
  does: string;
  /** The bus's name; AWS's own events come on the one that is named `default`. */
  bus: string;
  pattern: Record<string, unknown>;
  target: RuleTarget;
}

/** What decides which rules there are; where it is left out, those of all parts, and none of GuardDuty's. */
export interface RulesOf {
  parts?: readonly Part[];
  /** The setting `exposedKeys.guardDuty`. */
  guardDuty?: readonly string[];
}

/**
 * The rules: those that start what is there.
 *
 * @param arnOfFlow the ARN of a flow's state machine, for the rules that watch executions
 */
export function rules(
  names: Names,
  arnOfFlow: (flow: FlowName) => string,
  { parts = PARTS, guardDuty = [] }: RulesOf = {},
): Rule[] {
  const followed = FOLLOWED.filter((flow) => hasFlow(parts, flow)).map(arnOfFlow);
  return allRules(names, followed, guardDuty).filter(({ target }) =>
    "function" in target ? hasStep(parts, target.function) : hasFlow(parts, target.flow),
  );
}

function allRules({ prefix, pushDocument, eventBus }: Names, followed: string[], guardDuty: readonly string[]): Rule[] {
  return [
    {
      name: `${prefix}-push-ended`,
      does: "A push's command is over: end-push ends the task that waits for it.",
      bus: "default",
      pattern: {
        source: [commandInvocationChanged.source],
        "detail-type": [commandInvocationChanged.detailType],
        detail: { "document-name": [pushDocument], status: ["Success", "Failed", "TimedOut", "Cancelled"] },
      },
      target: { function: { flow: "rotation", name: "end-push" } },
    },
    {
      name: `${prefix}-rotation-requested`,
      does: "Somebody asks for one instance's key to be turned now.",
      bus: eventBus,
      pattern: { "detail-type": [rotationRequested.detailType] },
      // Whoever asks need not say who they are: the detail is there in any case.
      target: {
        flow: "rotation",
        inputPaths: { id: "$.detail.id", detail: "$.detail" },
        input: '{"id":<id>,"trigger":"event","detail":<detail>}',
      },
    },
    {
      name: `${prefix}-credential-rotation-requested`,
      does: "Somebody asks for a credential to be turned now, perhaps with more than a plain rotation does.",
      bus: eventBus,
      pattern: { "detail-type": [credentialRotationRequested.detailType] },
      target: { function: { flow: "credential", name: "request-rotation" } },
    },
    {
      name: `${prefix}-health-risk`,
      does: "AWS Health says that access keys are exposed, or that something else about credentials is at risk.",
      bus: "default",
      // Of whatever type: of one that is not known people are told.
      pattern: { source: [healthRisk.source], detail: { service: ["RISK"], eventTypeCategory: ["issue"] } },
      target: receiveEvent,
    },
    ...(guardDuty.length === 0
      ? []
      : [
          {
            name: `${prefix}-guard-duty-finding`,
            does: "GuardDuty has found that an access key is used by somebody who should not have it.",
            bus: "default",
            pattern: guardDutyPattern(guardDuty),
            target: receiveEvent,
          },
        ]),
    {
      name: `${prefix}-access-key-exposed`,
      does: "Somebody's own detector says that an access key is exposed.",
      bus: eventBus,
      pattern: { "detail-type": [accessKeyExposed.detailType] },
      target: receiveEvent,
    },
    {
      name: `${prefix}-host-state-changed`,
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
      name: `${prefix}-execution-failed`,
      does: "An execution failed without having told anybody: its error has no prefix of ours.",
      bus: "default",
      pattern: executionEnded(followed, {
        status: ["FAILED"],
        error: [{ "anything-but": { prefix: "Keyturn." } }],
      }),
      target: tellOfExecution,
    },
    {
      // Apart from those that failed: these have no error, or null, and CloudFormation takes no null in a template.
      name: `${prefix}-execution-cut-off`,
      does: "An execution ran out of time or was aborted, and so cannot have told anybody.",
      bus: "default",
      pattern: executionEnded(followed, { status: ["TIMED_OUT", "ABORTED"] }),
      target: tellOfExecution,
    },
  ];
}

/** The end of an execution that has people told of what goes wrong in it. */
function executionEnded(stateMachineArn: string[], detail: Record<string, unknown[]>) {
  return {
    source: [executionStatusChanged.source],
    "detail-type": [executionStatusChanged.detailType],
    detail: { stateMachineArn, ...detail },
  };
}

const tellOfExecution: RuleTarget = { function: { flow: "life", name: "follow-execution" } };
const receiveEvent: RuleTarget = { function: { flow: "exposed-key", name: "receive-event" } };

/**
 * GuardDuty's findings of these types that name an access key.
 *
 * @param types a `*` at the end stands for any end
 */
export function guardDutyPattern(types: readonly string[]): Rule["pattern"] {
  return {
    source: [guardDutyFinding.source],
    "detail-type": [guardDutyFinding.detailType],
    detail: {
      type: types.map((type) => (type.endsWith("*") ? { prefix: type.slice(0, -1) } : type)),
      resource: { accessKeyDetails: { accessKeyId: [{ exists: true }] } },
    },
  };
}
