import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "./clock.ts";
import { DynamoDb } from "./dynamodb/dynamodb.ts";
import { type AgentProgram, type InstanceShell, Instances, instancePrincipal } from "./ec2/index.ts";
import { EventBridge } from "./events/index.ts";
import { Credentials } from "./http/credentials.ts";
import type { CallRecord, DispatcherOptions } from "./http/dispatcher.ts";
import type { Faults } from "./http/faults.ts";
import { type AwsServer, startServer } from "./http/server.ts";
import { Kms } from "./kms/kms.ts";
import { LambdaFunctions } from "./lambda/index.ts";
import { Inbox, type Mail } from "./mail/inbox.ts";
import { Outbox } from "./mail/outbox.ts";
import type { BusEvent, Parts } from "./parts.ts";
import { ACCOUNT, REGION } from "./place.ts";
import { Sns } from "./sns/sns.ts";
import { SystemsManager } from "./ssm/index.ts";
import { StepFunctions } from "./stepfunctions/index.ts";
import { Store } from "./store.ts";
import { Timestream } from "./timestream/timestream.ts";

export interface AwsOptions {
  port: number;
  /** Where everything is kept. */
  folder: string;
  /** What runs on the instances; it is told the endpoint when that is known. */
  agent: (endpoint: string) => AgentProgram;
  /** Where commands run instead of on the instances' own machines: for a fleet that lives in this process. */
  shell?: InstanceShell;
  log: (sentence: string) => void;
  parts?: Partial<Parts>;
  faults?: Faults;
  /** Whether the next event is delivered twice. */
  doubled?: () => boolean;
  onCall?: (call: CallRecord) => void;
  onTraffic?: DispatcherOptions["onTraffic"];
  onEvent?: (event: BusEvent, bus: string) => void;
  onMail?: (mail: Mail) => void;
}

/** The embedded AWS: all its services behind one endpoint on 127.0.0.1. */
export interface EmbeddedAws {
  endpoint: string;
  /** For whoever operates the fleet: may do everything. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  region: string;
  /** Credentials as the metadata service gives them to an instance. */
  credentialsOf(ec2InstanceId: string): { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  functions: LambdaFunctions;
  executions: StepFunctions;
  instances: Instances;
  events: EventBridge;
  topics: Sns;
  commands: SystemsManager;
  inbox: Inbox;
  /** Goes on with what a former process left, once everything is deployed. */
  resume(): void;
  /** Stops in order: nothing is lost, and `startAws` goes on with it. */
  close(): Promise<void>;
}

/** Starts the embedded AWS. Nothing that a former process left goes on before `resume`. */
export async function startAws(options: AwsOptions): Promise<EmbeddedAws> {
  const { folder, log } = options;
  const store = options.parts?.store ?? new Store(folder);
  const parts: Parts = { store, clock: systemClock, random: randomBytes, log, ...options.parts };
  const credentials = new Credentials(parts);
  let server: AwsServer | undefined;
  const endpoint = () => server?.endpoint ?? "";

  const functionKeys = credentials.issue(
    { kind: "lambda", arn: `arn:aws:sts::${ACCOUNT}:assumed-role/keyturn-functions/function`, userId: "AROAFUNCTIONS" },
    { temporary: false, accessKeyId: "AKIAKEYTURNFUNCTIONS" },
  );
  const events = new EventBridge(parts, undefined, {
    ...(options.onEvent && { onEvent: options.onEvent }),
    ...(options.doubled && { doubled: options.doubled }),
  });
  const functions = new LambdaFunctions(parts, {
    logsFolder: join(folder, "logs"),
    environment: () => ({
      AWS_ENDPOINT_URL: endpoint(),
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: functionKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: functionKeys.secretAccessKey,
    }),
  });
  const executions = new StepFunctions(parts, { functions, events });
  const instances = new Instances(parts, {
    folder: join(folder, "instances"),
    agent: lateAgent(() => options.agent(endpoint())),
    credentials,
    events,
  });
  const commands = new SystemsManager(parts, { shell: options.shell ?? instances, events });
  const inbox = new Inbox(parts, options.onMail);
  const outbox = new Outbox(parts);
  const topics = new Sns(parts, outbox);
  events.connect({ functions, executions, topics });
  const dynamodb = new DynamoDb(parts, join(folder, "dynamodb"));
  await dynamodb.start();

  server = await startServer({
    port: options.port,
    services: [
      executions.service,
      functions.service,
      instances.service,
      commands.service,
      events.service,
      topics.service,
      dynamodb,
      new Timestream(parts).service,
      new Kms(parts).service,
    ],
    credentials,
    parts,
    ...(options.onCall && { onCall: options.onCall }),
    ...(options.onTraffic && { onTraffic: options.onTraffic }),
    ...(options.faults && { faults: options.faults }),
  });
  const { port: mailPort } = await inbox.start();

  const operator = credentials.issue(
    { kind: "operator", arn: `arn:aws:iam::${ACCOUNT}:user/operator`, userId: "AIDAOPERATOR" },
    { temporary: false, accessKeyId: "AKIAKEYTURNOPERATOR0", secretAccessKey: "keyturn-on-this-machine-only" },
  );
  return {
    endpoint: server.endpoint,
    credentials: operator,
    region: REGION,
    credentialsOf: (ec2InstanceId) => credentials.issue(instancePrincipal(ec2InstanceId), { temporary: true }),
    functions,
    executions,
    instances,
    events,
    topics,
    commands,
    inbox,
    resume() {
      functions.start();
      executions.start();
      commands.start();
      outbox.start(mailPort);
      events.start();
      instances.start();
    },
    async close() {
      commands.close();
      await instances.close();
      events.close();
      await executions.close();
      await functions.close();
      outbox.close();
      await inbox.close();
      await server?.close();
      await dynamodb.close();
      store.close();
    },
  };
}

/** An agent program that is asked for when an instance starts, since the endpoint is not known before. */
function lateAgent(program: () => AgentProgram): AgentProgram {
  return {
    get command() {
      return program().command;
    },
    get arguments() {
      return program().arguments;
    },
    environment: (place) => program().environment(place),
  };
}
