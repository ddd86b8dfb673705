import { randomUUID } from "node:crypto";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { DescribeExecutionOutput } from "@aws-sdk/client-sfn";
import { flowArn } from "../../local/roles.ts";
import { readFlow } from "../../statemachines/read.ts";
import { type TestFleet, until } from "./support.ts";

/** A user of the embedded AWS with a key that somebody has found. */
export interface Exposed {
  user: string;
  accessKeyId: string;
  secretAccessKey: string;
}

const MAY_DO_MUCH = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

/** What tests of the flow exposed-key do over a fleet: users with keys, the events that name them, and how these ended. */
export class ExposedKeys {
  readonly #fleet: TestFleet;
  readonly iam: IAMClient;

  constructor(fleet: TestFleet) {
    this.#fleet = fleet;
    const { endpoint, region, credentials } = fleet.aws;
    this.iam = new IAMClient({ endpoint, region, credentials });
  }

  /** Makes a user with an access key, who may do whatever there is to do. */
  async user(user = `user-${randomUUID()}`): Promise<Exposed> {
    await this.iam.send(new CreateUserCommand({ UserName: user }));
    const PolicyDocument = JSON.stringify(MAY_DO_MUCH);
    await this.iam.send(new PutUserPolicyCommand({ UserName: user, PolicyName: "much", PolicyDocument }));
    const { AccessKey } = await this.iam.send(new CreateAccessKeyCommand({ UserName: user }));
    return { user, accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  }

  /** How a key is: `Active` or `Inactive`, or gone. */
  async status({ user, accessKeyId }: Exposed): Promise<string> {
    const { AccessKeyMetadata = [] } = await this.iam.send(new ListAccessKeysCommand({ UserName: user }));
    return AccessKeyMetadata.find((one) => one.AccessKeyId === accessKeyId)?.Status ?? "gone";
  }

  /** AWS Health's event puts itself on the default bus. The same one twice has another `id` and the same communication. */
  tell(event: ReturnType<typeof healthEvent>): void {
    const { source, "detail-type": detailType, resources, detail } = event;
    this.#fleet.aws.events.raise({ source, "detail-type": detailType, resources, detail });
  }

  /** The executions so far, the newest first. */
  started() {
    return this.#fleet.aws.executions.list(flowArn("exposed-key"), 10_000);
  }

  /** What is waited for that an event starts, to its end. */
  async ended(before: number): Promise<DescribeExecutionOutput> {
    await until(() => this.started().length > before, "the execution of the event");
    return this.#fleet.ended(this.started()[0]?.arn ?? "");
  }

  /** The mails about something, in the order in which they came. */
  mailsAbout(about: string) {
    return this.#fleet.aws.inbox.list().filter(({ subject }) => subject.includes(about));
  }
}

/** AWS Health's event that keys are exposed, by its schema. */
export function healthEvent(
  keys: unknown[],
  { code = "AWS_RISK_CREDENTIALS_EXPOSED", communicationId = randomUUID(), page = "1", totalPages = "1" } = {},
) {
  return {
    ...{ version: "0", id: randomUUID(), account: "000000000000", time: new Date().toISOString(), region: "us-east-1" },
    ...{ source: "aws.health", "detail-type": "AWS Health Event", resources: keys.map(String) },
    detail: {
      eventArn: `arn:aws:health:us-east-1::event/RISK/${code}/${communicationId}`,
      ...{ service: "RISK", eventTypeCode: code, eventTypeCategory: "issue", eventScopeCode: "ACCOUNT_SPECIFIC" },
      ...{ communicationId, page, totalPages, eventRegion: "us-east-1", statusCode: "open" },
      affectedEntities: keys.map((entityValue) => ({ entityValue, status: "IMPAIRED" })),
      affectedAccount: "000000000000",
    },
  };
}

/** GuardDuty's event, which says whose key it is. */
export function guardDutyEvent({ user, accessKeyId }: Exposed) {
  return {
    ...{ version: "0", id: randomUUID(), account: "000000000000", time: new Date().toISOString(), region: "us-east-1" },
    ...{ source: "aws.guardduty", "detail-type": "GuardDuty Finding", resources: [] },
    detail: {
      ...{ id: "16afba5c5c43e07c9e3e5e2e544e95df", type: "UnauthorizedAccess:IAMUser/MaliciousIPCaller" },
      resource: {
        resourceType: "AccessKey",
        accessKeyDetails: { accessKeyId, userName: user, userType: "IAMUser" },
      },
    },
  };
}

/** The Task states of the flow, each with the step that it calls, from its own file. */
export function exposedKeyTasks(): { state: string; step: string }[] {
  const { States } = readFlow("exposed-key").definition;
  const inner = Object.values(States).flatMap(({ ItemProcessor }) => Object.entries(ItemProcessor?.States ?? {}));
  return [...Object.entries(States), ...inner]
    .filter(([, { Type }]) => Type === "Task")
    .map(([state, { Arguments }]) => {
      const placeholder = /\$\{(\w+)FunctionArn\}/.exec(Arguments?.FunctionName ?? "")?.[1] ?? "";
      return { state, step: placeholder.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase() };
    });
}
