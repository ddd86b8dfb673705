import type { Clock } from "./clock.ts";
import type { AgentPlace, AgentProgram, Application, InstanceShell, Instances } from "./ec2/index.ts";
import type { EventBridge } from "./events/index.ts";
import type { AccessKey } from "./http/credentials.ts";
import type { CallRecord, DispatcherOptions } from "./http/dispatcher.ts";
import type { Faults } from "./http/faults.ts";
import type { AuthorizationRecord, Rights } from "./iam/rights.ts";
import type { Role } from "./iam/role.ts";
import type { LambdaFunctions } from "./lambda/index.ts";
import type { Inbox, Mail } from "./mail/inbox.ts";
import type { BusEvent } from "./parts.ts";
import type { Sns } from "./sns/sns.ts";
import type { SystemsManager } from "./ssm/index.ts";
import type { StepFunctions } from "./stepfunctions/index.ts";
import type { OnCommit } from "./store.ts";

/** How an embedded AWS is started: all but the folder may be left out. */
export interface AwsOptions {
  /** Where everything is kept, made if it is not there. Whoever starts over it again goes on where the last one was. */
  folder: string;
  /** On 127.0.0.1; 0, as where it is left out, takes any free one. */
  port?: number;
  /** What runs on each instance, made with the endpoint of this AWS; without it nothing runs there but commands. */
  agent?: (endpoint: string) => AgentProgram;
  /**
   * What else runs on an instance, given the endpoint of this AWS and the instance's place: processes that end with it.
   * Asked each time that the instance is switched on.
   */
  applications?: (endpoint: string, place: AgentPlace) => readonly Application[];
  /** The role that instances have, and what it may do; without it they may do nothing. */
  instanceRole?: Role;
  /** The tags that every instance has from its launch, as from a launch template. */
  instanceTags?: Readonly<Record<string, string>>;
  /** Where commands of Systems Manager run instead of on instances: for a fleet that lives in this process. */
  shell?: InstanceShell;
  /** Given one sentence about each thing that is not as it should be: a call that is not known, what failed for good. */
  log?: (sentence: string) => void;
  /** The system's where it is left out. */
  clock?: Clock;
  /** Random bytes for IDs, keys and jitter; the system's where it is left out. */
  random?: (bytes: number) => Buffer;
  /** How long after a call CloudTrail shows it, in milliseconds; at once where it is left out. */
  trailDelayMs?: number;
  /** What goes wrong on demand. */
  faults?: Faults;
  /** Told of each call once it is answered. */
  onCall?: (call: CallRecord) => void;
  /** Told of each authorisation that is checked, also those of flows and rules, which make no call. */
  onAuthorized?: (authorization: AuthorizationRecord) => void;
  /** Told of each call's bytes, for a test that searches them. */
  onTraffic?: DispatcherOptions["onTraffic"];
  /** Told of each event that a bus takes. */
  onEvent?: (event: BusEvent, bus: string) => void;
  /** Told of each mail that arrives. */
  onMail?: (mail: Mail) => void;
  /** Told of each write to the store, before and after its commit: for a test in which the process dies just there. */
  onCommit?: OnCommit;
}

/** The embedded AWS: all its services behind one endpoint, and what a deployment or a test does beside their APIs. */
export interface EmbeddedAws {
  /** `http://127.0.0.1:port` */
  endpoint: string;
  /** For whoever operates it: may do everything. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  region: string;
  /** Credentials as the metadata service gives them to an instance. */
  credentialsOf(ec2InstanceId: string): AccessKey;
  /**
   * IAM: roles are put there here, at each start before `resume`. From the first one on, functions, flows and rules may
   * do what their roles may, and those whose role nobody put may do nothing; before that they may do everything.
   */
  roles: Pick<Rights, "put">;
  /** Lambda: functions are defined here, not through its API. */
  functions: Pick<LambdaFunctions, "define" | "list" | "invoke" | "deadLetters">;
  /** Step Functions: executions and histories, those of Express machines too. */
  executions: Pick<StepFunctions, "list" | "history">;
  /** EC2: the instances and their folders. */
  instances: Pick<Instances, "launch" | "list" | "find" | "send" | "changeIp" | "signalAgent" | "folderOf" | "settled">;
  /**
   * EventBridge: what could not be delivered; the policies of buses are put there here, at each start; and events are raised here
   * as those of AWS's own services that are not among these, which nobody may put through its API.
   */
  events: Pick<EventBridge, "undelivered" | "putPolicy" | "raise">;
  /** SNS: subscribes without the mail that asks. */
  topics: Pick<Sns, "subscribeConfirmed">;
  /** Systems Manager: documents are put there here, not through its API. */
  commands: Pick<SystemsManager, "deployDocument" | "takeCommands">;
  /** The mails that arrived, whoever they are for. */
  inbox: Pick<Inbox, "list">;
  /** Begins, and goes on with what a former process left: timers, events, mails, instances. Called when all is deployed. */
  resume(): void;
  /** Stops in order: nothing is lost, and the next start over the same folder goes on with it. */
  close(): Promise<void>;
}
