import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient, paginateScan, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type HistoryEvent,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { EmbeddedAws } from "embedded-aws";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import type { Finding, FindingKey } from "../../functions/findings/finding.ts";
import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import { FLOWS, type FlowName, NAMES } from "../../infra/wiring.ts";
import type { LocalSettings } from "../../local/deploy-data.ts";
import { type FleetOptions, startFleet } from "../../local/fleet.ts";
import { flowArn, liveArn } from "../../local/roles.ts";
import { type Keys, type SignedFor, signedPost } from "./signed-post.ts";

/** A fleet on the embedded AWS, as a test sees it. */
export interface TestFleet {
  aws: EmbeddedAws;
  folder: string;
  /** Sentences from the log of the embedded AWS. */
  log: string[];
  /** The records of the live instances. */
  records(): Promise<InstanceRecord[]>;
  record(id: string): Promise<InstanceRecord>;
  /** Turns one instance's key by hand, and waits for the execution's end. */
  rotate(id: string): Promise<DescribeExecutionOutput>;
  /** Has the watch look once, and waits for the look's end. */
  look(): Promise<DescribeExecutionOutput>;
  /** What people are told, as it is remembered; undefined if they never were. */
  finding(key: FindingKey): Promise<Finding | undefined>;
  /** Of the same on the same instance people are told once; from then on everything is new to them. */
  forgetFindings(): Promise<void>;
  /** Starts an execution of a flow, of `rotation` where none is named, and gives its ARN. */
  start(input: unknown, flow?: FlowName): Promise<string>;
  ended(executionArn: string): Promise<DescribeExecutionOutput>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  keyFile(ec2InstanceId: string): { id: string; generation: number; key: string };
  register(body: unknown, keys: Keys, signedFor?: SignedFor): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

/** How a fleet is set where a test does not say otherwise. */
export const SETTINGS: LocalSettings = {
  sampleIntervalSeconds: 1,
  rotateEverySeconds: 3600,
  allowedSkewSeconds: 1,
  nonceMode: "hmac",
  timeSeries: "timestream",
  formerTimeSeries: "none",
  pushTimeoutSeconds: 20,
  // A test that wants a look starts one.
  watchSeconds: { looks: 3600, proofs: 3600 },
};

/** Starts a fleet of its own in a folder of its own, and waits until its agents have registered and proved their keys. */
export async function startTestFleet(
  agents: number,
  options: Partial<Omit<FleetOptions, "settings">> & { settings?: Partial<LocalSettings> } = {},
): Promise<TestFleet> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const log: string[] = [];
  const proved = new Set<string>();
  const aws = await startFleet({
    port: 0,
    log: (sentence) => log.push(sentence),
    scheduleSeconds: 3600,
    ...options,
    folder,
    settings: { ...SETTINGS, ...options.settings },
    onCall: (call) => {
      const isProof = call.principal.kind === "instance" && ["WriteRecords", "PutItem"].includes(call.operation);
      if (isProof && call.error === undefined) proved.add(call.principal.arn);
      options.onCall?.(call);
    },
  });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const sfn = new SFNClient({ ...config, disableHostPrefix: true });
  const dynamodb = new DynamoDBClient(config);
  const registry = dynamoRegistry(dynamodb, NAMES.instanceTable);
  aws.instances.launch(agents);
  await until(() => proved.size >= agents, "the agents' first proofs");

  const fleet: TestFleet = {
    aws,
    folder,
    log,
    async records() {
      const found = aws.instances.list().map(({ id }) => registry.findByEc2Instance(id));
      return (await Promise.all(found)).flat();
    },
    async record(id) {
      const record = await registry.find(id);
      if (record === undefined || isRetired(record)) throw new Error(`there is no live record of ${id}`);
      return record;
    },
    async start(input, flow = "rotation") {
      const started = await sfn.send(
        new StartExecutionCommand({
          stateMachineArn: liveArn(flow),
          input: JSON.stringify(input),
        }),
      );
      return started.executionArn ?? "";
    },
    async ended(executionArn) {
      return until(async () => {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return execution.status === "RUNNING" ? undefined : execution;
      }, `the end of ${executionArn}`);
    },
    async rotate(id) {
      return fleet.ended(await fleet.start({ id }));
    },
    async look() {
      return fleet.ended(await fleet.start({}, "watch"));
    },
    finding: (key) => dynamoFindings(dynamodb, NAMES.findingTable).find(key),
    async forgetFindings() {
      const TableName = NAMES.findingTable;
      // Of what ended long ago people are told anew, and it counts in no storm.
      const UpdateExpression = "SET endedAt = :long REMOVE firstAt";
      const end = { UpdateExpression, ExpressionAttributeValues: { ":long": { N: "0" } } };
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName })) {
        for (const { subject, cause, endedAt, firstAt } of Items) {
          if (subject === undefined || cause === undefined) continue;
          // There are hundreds in the end: what was ended so before is so still.
          if (endedAt?.N === "0" && firstAt === undefined) continue;
          await dynamodb.send(new UpdateItemCommand({ TableName, Key: { subject, cause }, ...end }));
        }
      }
    },
    async history(executionArn) {
      const events: HistoryEvent[] = [];
      for await (const page of paginateGetExecutionHistory({ client: sfn }, { executionArn })) {
        events.push(...(page.events ?? []));
      }
      return events;
    },
    keyFile: (ec2InstanceId) => JSON.parse(readFileSync(join(keyFolder(aws, ec2InstanceId), "key.json"), "utf8")),
    register: (body, keys, signedFor) =>
      signedPost(
        `${aws.endpoint}/_function-url/keyturn-registration-register/`,
        typeof body === "string" ? body : JSON.stringify(body),
        keys,
        signedFor,
      ),
    async close() {
      const past = startsPastLive(aws);
      await aws.close();
      if (options.folder === undefined && process.env.KEEP === undefined) rmSync(folder, { recursive: true });
      if (past.length > 0) throw new Error(`not started by the alias, as everything is on AWS: ${past.join(", ")}`);
    },
  };
  return fleet;
}

/** The executions that were not started by their flow's alias. */
function startsPastLive(aws: EmbeddedAws): string[] {
  const past = FLOWS.flatMap(({ name }) =>
    aws.executions.list(flowArn(name), 10_000).filter(({ aliasArn }) => aliasArn !== liveArn(name)),
  );
  return past.map(({ arn }) => arn);
}

/** Where an instance's agent keeps its files. */
export function keyFolder(aws: EmbeddedAws, ec2InstanceId: string): string {
  return join(aws.instances.folderOf(ec2InstanceId), "state");
}

/** Waits until something is there, or fails with what was waited for. */
export async function until<T>(look: () => T | Promise<T>, what: string, timeoutMs = 60_000): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen as NonNullable<T>;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await pause(50);
  }
}
