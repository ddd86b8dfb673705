import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "./clock.ts";
import { cloudTrailOver } from "./cloudtrail/cloudtrail.ts";
import { Trail } from "./cloudtrail/trail.ts";
import { DynamoDb } from "./dynamodb/dynamodb.ts";
import { type AgentProgram, Instances } from "./ec2/index.ts";
import { EventBridge } from "./events/index.ts";
import { Credentials } from "./http/credentials.ts";
import { type AwsServer, startServer } from "./http/server.ts";
import { Iam } from "./iam/iam.ts";
import { Rights } from "./iam/rights.ts";
import { assumedRole, NO_RIGHTS } from "./iam/role.ts";
import { Kms } from "./kms/kms.ts";
import { LambdaFunctions } from "./lambda/index.ts";
import { logsOver } from "./logs/logs.ts";
import { Inbox } from "./mail/inbox.ts";
import { Outbox } from "./mail/outbox.ts";
import type { AwsOptions, EmbeddedAws } from "./options.ts";
import type { Parts } from "./parts.ts";
import { ACCOUNT, REGION } from "./place.ts";
import { schedulerOver } from "./scheduler/scheduler.ts";
import { SecretsManager } from "./secretsmanager/secretsmanager.ts";
import { Sns } from "./sns/sns.ts";
import { SystemsManager } from "./ssm/index.ts";
import { StepFunctions } from "./stepfunctions/index.ts";
import { Store } from "./store.ts";
import { stsOver } from "./sts/sts.ts";
import { Timestream } from "./timestream/timestream.ts";

/** The keys of whoever operates an embedded AWS, the same in each: they open nothing but what lies on this machine. */
export const OPERATOR_KEYS = {
  accessKeyId: "AKIAEMBEDDEDOPERATOR",
  secretAccessKey: "embedded-aws-on-loopback",
} as const;

const OPERATOR = { kind: "operator", arn: `arn:aws:iam::${ACCOUNT}:user/operator`, userId: "AIDAOPERATOR" } as const;

/**
 * Starts the embedded AWS. Nothing that a former process left in the folder goes on before `resume`.
 *
 * @throws Error with one sentence when the port or the folder cannot be had, or a right cannot be enforced here
 */
export async function startAws(options: AwsOptions): Promise<EmbeddedAws> {
  const { folder, log = () => {}, clock = systemClock, random = randomBytes, instanceRole = NO_RIGHTS } = options;
  const rights = new Rights(options.onAuthorized);
  rights.putForInstances(instanceRole);
  const store = new Store(folder, options.onCommit);
  const { faults } = options;
  const parts: Parts = { store, clock, random, log, ...(faults !== undefined && { faults }) };
  const credentials = new Credentials(parts);
  const iam = new Iam(parts, { credentials, rights });
  const trail = new Trail(parts, options.trailDelayMs);
  let server: AwsServer | undefined;
  const endpoint = () => server?.endpoint ?? "";

  const events = new EventBridge(parts, undefined, {
    rights,
    ...(options.onEvent && { onEvent: options.onEvent }),
  });
  const logsFolder = join(folder, "logs");
  const functions = new LambdaFunctions(parts, {
    logsFolder,
    environment: () => ({ AWS_ENDPOINT_URL: endpoint(), AWS_REGION: REGION }),
    credentialsOf: (name, role) => credentials.issueFor(assumedRole("lambda", { name: role }, name)),
  });
  const executions = new StepFunctions(parts, { functions, events, rights });
  const { agent, applications, instanceTags: tags = {} } = options;
  const instances = new Instances(parts, {
    folder: join(folder, "instances"),
    role: instanceRole,
    tags,
    ...(agent !== undefined && { agent: lateAgent(() => agent(endpoint())) }),
    ...(applications !== undefined && { applicationsOf: (place) => applications(endpoint(), place) }),
    credentials,
    events,
  });
  const commands = new SystemsManager(parts, {
    shell: options.shell ?? instances,
    events,
    list: () => instances.list(),
    tagsOf: () => tags,
    mayDo: (ec2InstanceId, action) => {
      const agent = assumedRole("instance", instanceRole, ec2InstanceId);
      return rights.denial(agent, { action, resource: "*" }) === undefined;
    },
  });
  const inbox = new Inbox(parts, options.onMail);
  const outbox = new Outbox(parts);
  const kms = new Kms(parts);
  const topics = new Sns(parts, outbox, kms);
  const secrets = new SecretsManager(parts, { functions, rights, keys: kms });
  events.connect({ functions, executions, topics });
  const dynamodb = new DynamoDb(parts, join(folder, "dynamodb"), kms);
  await dynamodb.start();

  server = await startServer({
    port: options.port ?? 0,
    services: [
      executions.service,
      functions.service,
      instances.service,
      commands.service,
      events.service,
      topics.service,
      dynamodb,
      new Timestream(parts).service,
      kms.service,
      secrets.service,
      schedulerOver(events.rules),
      logsOver(logsFolder, (name) => functions.has(name)),
      iam.service,
      stsOver(parts, credentials),
      cloudTrailOver(trail),
    ],
    credentials,
    parts,
    rights,
    ...(options.onCall && { onCall: options.onCall }),
    onSigned(call) {
      iam.noteUse(call);
      trail.note(call);
    },
    ...(options.onTraffic && { onTraffic: options.onTraffic }),
  });
  const { port: mailPort } = await inbox.start();

  return {
    endpoint: server.endpoint,
    credentials: credentials.issue(OPERATOR, { temporary: false, ...OPERATOR_KEYS }),
    region: REGION,
    credentialsOf: (ec2InstanceId) =>
      credentials.issue(assumedRole("instance", instanceRole, ec2InstanceId), { temporary: true }),
    roles: rights,
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
      secrets.start();
      instances.start();
    },
    async close() {
      commands.close();
      await instances.close();
      events.close();
      secrets.close();
      await executions.close();
      await functions.close();
      outbox.close();
      await inbox.close();
      await server?.close();
      await dynamodb.close();
      trail.close();
      store.close();
    },
  };
}

/** An agent program that is asked for when an instance starts, since the endpoint is not known before. */
function lateAgent(program: () => AgentProgram): AgentProgram {
  return {
    get name() {
      return program().name;
    },
    get command() {
      return program().command;
    },
    get arguments() {
      return program().arguments;
    },
    environment: (place) => program().environment(place),
  };
}
