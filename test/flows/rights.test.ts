import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { SendTaskFailureCommand, SFNClient, TaskTimedOut } from "@aws-sdk/client-sfn";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { ACCOUNT, type BusEvent } from "embedded-aws";
import { afterAll, beforeAll } from "vitest";
import { VERSION } from "../../agent/version.ts";
import { commandInvocationChanged } from "../../events/aws/command-invocation-changed.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { kmsNonces } from "../../functions/clients/nonces.kms.ts";
import { dynamoTickets } from "../../functions/clients/tickets.dynamodb.ts";
import { digestOf } from "../../functions/shared/digest.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import { NAMES, rules } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import { agreedKey, auditDigest, keyPair, recordOf, sampleHash, successor } from "../../protocol/index.ts";
import {
  Asked,
  anyArns,
  arnsUnder,
  isOfCredentials,
  isOfExposedKeys,
  rightsOf,
  rightsSuite,
  type Way,
  way,
} from "./rights.suite.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

// Each right that a contract asks for is used, and none that it does not ask for: with one taken away the step fails, in
// AWS's words. The steps are invoked one by one, over real records, real commands and real waiting tasks.

let fleet: TestFleet;
let arns: Arns;
const asked = new Asked();
/** The events that tell of commands that are over. */
const ends: BusEvent[] = [];
beforeAll(async () => {
  fleet = await startTestFleet(1, {
    ...asked.noting,
    onEvent: (event) => {
      const { "detail-type": type, detail } = event;
      if (type === commandInvocationChanged.detailType && detail.status !== "InProgress") ends.unshift(event);
    },
    // No sample of a tampered key is written beside those of the turns.
    settings: { sampleIntervalSeconds: 3600, pushTimeoutSeconds: 60 },
  });
  arns = await arnsUnder(fleet);
  await leavePushesWaiting();
});
afterAll(() => fleet.close());

function placeOf({ aws: { endpoint, region, credentials } }: TestFleet) {
  return { endpoint, region, credentials };
}

/** A push's end is told to nobody, so that the task waits until the test ends it. */
async function leavePushesWaiting(): Promise<void> {
  const rule = rules(NAMES, flowArn).find(({ target }) => "function" in target && target.function.name === "end-push");
  const EventPattern = JSON.stringify(rule?.pattern);
  const off = new PutRuleCommand({ Name: rule?.name, EventPattern, State: "DISABLED" });
  await new EventBridgeClient(placeOf(fleet)).send(off);
}

const PUBLIC_KEY = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
const ANY_DIGEST = "b2".repeat(32);
const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-rotation:any";
let drawn = 0;

/** Registers an instance that is nowhere but in its record. */
async function registered(publicKey = PUBLIC_KEY) {
  drawn += 1;
  const id = drawn.toString(16).padStart(6, "f");
  const ec2InstanceId = `i-${drawn.toString(16).padStart(17, "0")}`;
  await fleet.register(
    { id, ip: "10.0.0.9", flag: "new", publicKey, agentVersion: VERSION },
    fleet.aws.credentialsOf(ec2InstanceId),
  );
  return { id, ec2InstanceId, generation: 1 };
}

/** A client asks for Timestream's endpoint once a day; that of a function that starts anew has not asked yet. */
function startAnew(functionName: string): void {
  const reads = fleet.aws.functions.list().find(({ name }) => name === functionName);
  if (reads !== undefined) fleet.aws.functions.define(reads);
}

/** An instance that has registered under another ID before. */
async function newcomer() {
  const { id: former, ec2InstanceId } = await registered();
  const id = `e${former.slice(1)}`;
  await register({ ec2InstanceId }, { id, flag: "new", publicKey: PUBLIC_KEY });
  return { id, former, ec2InstanceId };
}

function awaitFormer({ id }: { id: string }) {
  return invoke("rotation-await-former", { id, execution: EXECUTION });
}

/** What lies under an instance's ID, right or wrong. */
function sampleOf(id: string, ec2InstanceId: string): WriteRecordsCommand {
  const sample = recordOf({ id, ec2InstanceId, timeMs: Date.now(), generation: 1, hash: ANY_DIGEST });
  const { timestreamDatabase: DatabaseName, timestreamTable: TableName } = NAMES;
  return new WriteRecordsCommand({ DatabaseName, TableName, Records: [sample] });
}

function register(as: { ec2InstanceId: string }, body: object) {
  return fleet.register({ ip: "10.0.0.8", ...body }, fleet.aws.credentialsOf(as.ec2InstanceId));
}

function invoke(name: string, input: object) {
  return fleet.aws.functions.invoke(`keyturn-${name}`, input);
}

const nothing = async () => ({});

/** An instance of whom a rekey stands. */
async function rekeying() {
  const instance = await registered();
  await succeeding(invoke("operate-rekey", { ...meant(instance), anew: false }));
  const { rekey } = await fleet.record(instance.id);
  return { ...instance, generation: rekey?.generation ?? 0, nonceDigest: digestOf(rekey?.nonce ?? "") };
}

/** An instance that proves the key which follows from the one in its record. */
async function aheadOfItsRecord() {
  const { privateKey, publicKey: agentPublic } = keyPair(randomBytes);
  const name = await registered(agentPublic);
  const { serverPublic } = await fleet.record(name.id);
  const both = { privateKey, publicKey: serverPublic, agentPublic, serverPublic };
  const first = agreedKey({ purpose: "first-key", ...name, ...both });
  const next = { ...name, generation: name.generation + 1 };
  const nonce = await kmsNonces(new KMSClient(placeOf(fleet)), NAMES.nonceKey).compute(next);
  const timeMs = Date.now();
  const hash = sampleHash({ ...next, key: successor(first, nonce), timeMs });
  await withForeignLine(1, name);
  return { ...name, claimed: next.generation, samples: [{ timeMs, generation: next.generation, hash }] };
}

interface Next {
  generation: number;
  receiptDigest: string;
}

/** An instance with a successor that is derived and stored, which nobody has pushed yet. */
async function derived(given?: Awaited<ReturnType<typeof registered>>) {
  const instance = given ?? (await registered());
  const told = { ...instance, verdict: "MATCH", lastProofAt: Date.now() };
  const next = (await succeeding(invoke("rotation-derive-successor", told))) as Next;
  return { turning: { ...instance, generation: next.generation, execution: EXECUTION }, ...next };
}

async function succeeding(invocation: ReturnType<typeof invoke>): Promise<unknown> {
  const answer = await invocation;
  if (!answer.ok) throw new Error(answer.errorMessage);
  return answer.payload;
}

/** A rotation of the one real instance, whose command is over and whose task waits. */
async function waitingPush() {
  const [record] = await fleet.records();
  const executionArn = await fleet.start({ id: record?.id });
  const history = await until(async () => {
    const events = await fleet.history(executionArn);
    return events.some(({ type }) => type === "TaskSubmitted") ? events : undefined;
  }, "the push");
  const details = (what: string | undefined) => JSON.parse(what ?? "{}").Payload ?? {};
  const pushed = history.map((event) => details(event.taskSubmittedEventDetails?.output));
  const { commandId } = pushed.find((payload) => payload.commandId !== undefined);
  await until(() => ends.some(({ detail }) => detail["command-id"] === commandId), "the end of the command");
  const told = history.map((event) => details(event.taskScheduledEventDetails?.parameters));
  const { taskToken, ...turning } = told.find((payload) => payload.taskToken !== undefined);
  return { turning, taskToken, commandId, executionArn };
}

type Push = Awaited<ReturnType<typeof waitingPush>>;

/** Tells the step of the end of a push's command, as the event did that nobody was told of. */
function endPush({ commandId }: Push) {
  const event = ends.find(({ detail }) => detail["command-id"] === commandId);
  return invoke("rotation-end-push", event ?? {});
}

async function finish(waiting: Push): Promise<void> {
  await endPush(waiting);
  await fleet.ended(waiting.executionArn);
}

/** Ends a push whose key was promoted, if the step could not: nobody else does before the task's time is over. */
async function supersede({ taskToken, executionArn }: Push): Promise<void> {
  const sfn = new SFNClient({ ...placeOf(fleet), disableHostPrefix: true });
  try {
    await sfn.send(new SendTaskFailureCommand({ taskToken, error: "Superseded" }));
  } catch (error) {
    if (!(error instanceof TaskTimedOut)) throw error;
  }
  await fleet.ended(executionArn);
}

/** An instance in the place of whose next audit line another lies, as whoever died before noting it leaves one. */
async function withForeignLine(n: number, given?: Awaited<ReturnType<typeof registered>>) {
  const instance = given ?? (await registered());
  await putLine(instance.id, n, Date.now());
  return instance;
}

function putLine(subject: string, n: number, at: number): Promise<boolean> {
  const line = { subject, n, timeMs: at, act: "failed", details: "{}", previous: n === 1 ? "" : ANY_DIGEST };
  const audit = dynamoAudit(new DynamoDBClient(placeOf(fleet)), NAMES.auditTable);
  return audit.put({ ...line, digest: auditDigest(line) }, { at });
}

/** What an act on a record is given. */
function meant({ id, ec2InstanceId }: Awaited<ReturnType<typeof registered>>, status = "ACTIVE") {
  return { id, ec2InstanceId, status, reason: "", requestedBy: "", execution: EXECUTION };
}

function setInRecord(id: string, change: Record<string, number>): Promise<unknown> {
  const set = Object.keys(change).map((name) => `${name} = :${name}`);
  const command = new UpdateItemCommand({
    TableName: NAMES.instanceTable,
    Key: { id: { S: id } },
    UpdateExpression: `SET ${set.join(", ")}`,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(change).map(([name, value]) => [`:${name}`, { N: String(value) }]),
    ),
  });
  return new DynamoDBClient(placeOf(fleet)).send(command);
}

/** Waits until no rotation goes on that nobody waits for. */
async function rotationsAreOver(): Promise<void> {
  const running = () =>
    fleet.aws.executions.list(flowArn("rotation"), 1000).filter(({ status }) => status === "RUNNING");
  await until(() => running().length === 0, "the end of the rotations");
}

/** The owner item of the real host as that of a host which has never come. */
async function forgetOwner(): Promise<() => Promise<unknown>> {
  const dynamodb = new DynamoDBClient(placeOf(fleet));
  const [record] = await fleet.records();
  const item = { TableName: NAMES.instanceTable, Key: { id: { S: `owner#${record?.ec2InstanceId}` } } };
  const { Item: owner = {} } = await dynamodb.send(new GetItemCommand(item));
  const { holder: _, ...nobody } = owner;
  const put = (Item: typeof owner) => dynamodb.send(new PutItemCommand({ TableName: NAMES.instanceTable, Item }));
  await put(nobody);
  return () => put(owner);
}

const A_DAY_MS = 24 * 3600 * 1000;
/** How many days ahead the next day is that is sealed: each is sealed once. */
let sealedUpTo = 0;

/** Between them these need every right. Each may be gone any number of times. */
const WAYS: Record<string, Way<unknown>> = {
  "a new instance registers": way({ prepare: nothing, act: () => registered() }),
  "an instance registers its new address": way({
    prepare: () => registered(),
    act: (instance) => register(instance, { id: instance.id, flag: "update" }),
  }),
  "an instance registers under another ID": way({
    prepare: () => registered(),
    act: (instance) => register(instance, { id: `e${instance.id.slice(1)}`, flag: "new", publicKey: PUBLIC_KEY }),
  }),
  // Before that one, since this uses all but one of the step's rights.
  "a newcomer's former goes on for long": way({
    async prepare() {
      startAnew("keyturn-rotation-await-former");
      const instance = await newcomer();
      await new TimestreamWriteClient(placeOf(fleet)).send(sampleOf(instance.former, instance.ec2InstanceId));
      await setInRecord(instance.id, { registeredAt: 0 });
      return instance;
    },
    act: awaitFormer,
  }),
  "a newcomer waits": way({ prepare: newcomer, act: awaitFormer }),
  "a newcomer's former is gone": way({
    async prepare() {
      const instance = await newcomer();
      await succeeding(invoke("operate-retire", meant({ ...instance, id: instance.former, generation: 1 })));
      return instance;
    },
    act: awaitFormer,
  }),
  "a newcomer takes its former's place": way({
    async prepare() {
      const { id, ec2InstanceId } = await newcomer();
      return derived({ id, ec2InstanceId, generation: 1 });
    },
    act: ({ turning, receiptDigest }) =>
      invoke("rotation-promote-successor", { ...turning, receiptDigest, verdict: "MATCH", newcomer: true }),
  }),
  "an impostor registers another's address": way({
    prepare: async () => ({ victim: await registered(), impostor: await registered() }),
    act: ({ victim, impostor }) => register(impostor, { id: victim.id, flag: "update" }),
  }),
  "an instance is validated": way({
    prepare: () => registered(),
    act: ({ id }) => invoke("rotation-validate-id", { id }),
  }),
  "its samples are read": way({
    prepare: async () => {
      startAnew("keyturn-rotation-read-time-series");
      return registered();
    },
    act: (instance) => invoke("rotation-read-time-series", instance),
  }),
  "it has not written yet": way({
    prepare: () => registered(),
    act: (instance) => invoke("rotation-verify-hash", { ...instance, samples: [] }),
  }),
  "a successor is derived": way({
    prepare: () => registered(),
    act: (instance) => invoke("rotation-derive-successor", { ...instance, verdict: "MATCH", lastProofAt: Date.now() }),
  }),
  "a push comes too late": way({
    prepare: () => registered(),
    act: (instance) => {
      const turning = { ...instance, generation: 2, execution: EXECUTION };
      return invoke("rotation-push-to-instance", { ...turning, taskToken: "any" });
    },
  }),
  "a push is sent": way({
    prepare: () => derived(),
    act: ({ turning }) => invoke("rotation-push-to-instance", { ...turning, taskToken: "any" }),
  }),
  "a push meets a ticket that is newer than the record": way({
    prepare: async () => {
      const given = await derived();
      const { id, ec2InstanceId } = given.turning;
      const place = { table: NAMES.ticketTable, partition: "aws", account: ACCOUNT };
      const newer = { id, generation: 7, nonce: "", proof: ANY_DIGEST };
      await dynamoTickets(new DynamoDBClient(placeOf(fleet)), place).lay(ec2InstanceId, newer, { at: Date.now() });
      return given;
    },
    act: ({ turning }) => invoke("rotation-push-to-instance", { ...turning, taskToken: "any" }),
  }),
  "a promotion comes too late": way({
    prepare: () => registered(),
    act: (instance) => {
      const turning = { ...instance, generation: 2, execution: EXECUTION };
      return invoke("rotation-promote-successor", { ...turning, receiptDigest: ANY_DIGEST, verdict: "MATCH" });
    },
  }),
  "a key is promoted": way({
    prepare: () => derived(),
    act: ({ turning, receiptDigest }) =>
      invoke("rotation-promote-successor", { ...turning, receiptDigest, verdict: "MATCH" }),
  }),
  "a key is promoted, and its line's place is taken": way({
    prepare: async () => {
      const given = await derived();
      await withForeignLine(1, given.turning);
      return given;
    },
    act: ({ turning, receiptDigest }) =>
      invoke("rotation-promote-successor", { ...turning, receiptDigest, verdict: "MATCH" }),
  }),
  "people are told of a rotation that failed": way({
    prepare: () => registered(),
    act: ({ id, generation }) => {
      const failure = { step: "VerifyHash", what: "MISMATCH", cause: "", execution: EXECUTION };
      return invoke("rotation-notify-sns", { id, generation, ...failure });
    },
  }),
  "those who are due are listed": way({
    prepare: nothing,
    act: () => invoke("fleet-rotation-list-due", {}),
  }),
  "those whom somebody wants turned are listed": way({
    prepare: () => registered(),
    async act({ id }) {
      for (const input of [{ ids: [id] }, { all: true }]) await invoke("fleet-rotation-list-due", { input });
    },
  }),
  "a run of the fleet is stopped": way({
    prepare: nothing,
    act: () => {
      const counts = { due: 1, turned: 0, skipped: 0, failed: 1 };
      return invoke("fleet-rotation-summarize", { ...counts, problem: "any", execution: EXECUTION });
    },
  }),
  "an execution is cut off": way({
    prepare: () => registered(),
    act: ({ id }) => {
      const detail = { executionArn: EXECUTION, name: "any", status: "ABORTED", input: JSON.stringify({ id }) };
      return invoke("life-follow-execution", { time: new Date().toISOString(), detail });
    },
  }),
  "a host runs again": way({
    prepare: nothing,
    act: async () => {
      const [record] = await fleet.records();
      const detail = { "instance-id": record?.ec2InstanceId, state: "running" };
      return invoke("life-follow-state", { time: new Date().toISOString(), detail });
    },
  }),
  "a host is gone": way({
    prepare: () => registered(),
    act: ({ ec2InstanceId }) =>
      invoke("life-follow-state", {
        time: new Date().toISOString(),
        detail: { "instance-id": ec2InstanceId, state: "terminated" },
      }),
  }),
  "a silent instance's host is asked about": way({
    prepare: () => registered(),
    act: (instance) => invoke("rotation-follow-host", instance),
  }),
  "a host that EC2 has not known for long": way({
    async prepare() {
      const instance = await registered();
      await setInRecord(instance.id, { absentSince: 0, absentLooks: 9 });
      return instance;
    },
    act: (instance) => invoke("rotation-follow-host", instance),
  }),
  "an act on a record is asked for": way({
    prepare: () => registered(),
    act: ({ id }) => invoke("operate-validate-act", { act: "retire", id }),
  }),
  "an instance is put in quarantine": way({
    prepare: () => withForeignLine(1),
    act: (instance) => invoke("operate-quarantine", meant(instance)),
  }),
  "an instance is released": way({
    async prepare() {
      const instance = await registered();
      await succeeding(invoke("operate-quarantine", meant(instance)));
      // After those of its registration and its quarantine.
      return withForeignLine(3, instance);
    },
    act: (instance) => invoke("operate-release", meant(instance, "QUARANTINED")),
  }),
  "an instance is retired by somebody": way({
    prepare: () => withForeignLine(1),
    act: (instance) => invoke("operate-retire", meant(instance)),
  }),
  "a rekey is opened": way({
    prepare: async () => {
      startAnew("keyturn-operate-rekey");
      return withForeignLine(1);
    },
    act: (instance) => invoke("operate-rekey", { ...meant(instance), anew: false }),
  }),
  "those whom a rekey of many means are listed": way({
    prepare: () => registered(),
    async act({ id }) {
      for (const named of [{ ids: [id] }, { cause: "MISMATCH" }, { all: true }]) {
        await invoke("operate-list-meant", { ...named, since: Date.now() });
      }
    },
  }),
  "the key of a rekey is agreed": way({
    prepare: rekeying,
    act: (asked) => invoke("registration-derive-rekey", { ...asked, ip: "10.0.0.9", publicKey: PUBLIC_KEY }),
  }),
  "a rekey that stands is validated": way({
    prepare: rekeying,
    act: ({ id }) => invoke("rotation-validate-rekey", { id }),
  }),
  "a rekey is confirmed": way({
    prepare: rekeying,
    act: ({ id, generation }) =>
      invoke("rotation-confirm-rekey", { id, generation, receipt: { id, generation, proof: ANY_DIGEST, hooks: [] } }),
  }),
  "a record is brought forward": way({
    prepare: aheadOfItsRecord,
    act: (given) => invoke("rotation-derive-again", { ...given, execution: EXECUTION }),
  }),
  "a drill goes its way": way({
    prepare: nothing,
    act: () => invoke("operate-drill", { reason: "", requestedBy: "", execution: `${EXECUTION}-${randomUUID()}` }),
  }),
  "a day is sealed": way({
    async prepare() {
      sealedUpTo += 1;
      const at = Date.now() + sealedUpTo * A_DAY_MS;
      await putLine(`sealed-${sealedUpTo}`, 1, at - A_DAY_MS);
      return at;
    },
    act: (at) => invoke("watch-seal-day", { at }),
  }),
  "a host is found that never came": way({
    prepare: forgetOwner,
    // By then it has been up for long.
    act: () => invoke("watch-look-at-hosts", { at: Date.now() + A_DAY_MS, execution: EXECUTION }),
    after: (bringBack) => bringBack(),
  }),
  "what nobody has told is told": way({
    async prepare() {
      const { id: subject } = await registered();
      const at = Date.now();
      const finding = { subject, cause: "MISMATCH", since: at, seenAt: at, times: 1, execution: EXECUTION, facts: {} };
      await dynamoFindings(new DynamoDBClient(placeOf(fleet)), NAMES.findingTable).write(finding, undefined);
    },
    act: () => invoke("watch-notify-sns", { at: Date.now(), complete: true, execution: EXECUTION }),
  }),
  // From here on a rotation may go on behind the test, so that what is used then must have been seen before.
  "the records are looked at": way({
    async prepare() {
      startAnew("keyturn-watch-look-at-records");
      const wrong = await withForeignLine(1);
      await new TimestreamWriteClient(placeOf(fleet)).send(sampleOf(wrong.id, wrong.ec2InstanceId));
      await setInRecord((await newcomer()).id, { dueAt: 0 });
    },
    act: () => invoke("watch-look-at-records", { execution: EXECUTION }),
    after: rotationsAreOver,
  }),
  "certain records, and all, are checked": way({
    async prepare() {
      startAnew("keyturn-watch-check-records");
      const wrong = await registered();
      await new TimestreamWriteClient(placeOf(fleet)).send(sampleOf(wrong.id, wrong.ec2InstanceId));
      return wrong;
    },
    async act({ id }) {
      for (const check of [{ ids: [id] }, { all: true }]) {
        await invoke("watch-check-records", { check, execution: EXECUTION });
      }
    },
  }),
  "a receipt is asked for": way({
    prepare: waitingPush,
    act: ({ turning }) => invoke("rotation-ask-for-receipt", turning),
    after: finish,
  }),
  "a push is ended by its receipt": way({ prepare: waitingPush, act: endPush, after: finish }),
  "a key is promoted while another execution waits for its receipt": way({
    async prepare() {
      const waiting = await waitingPush();
      const { pending } = await fleet.record(waiting.turning.id);
      return { waiting, receiptDigest: pending?.receiptDigest };
    },
    act: ({ waiting, receiptDigest }) =>
      invoke("rotation-promote-successor", {
        ...{ ...waiting.turning, execution: EXECUTION },
        ...{ receiptDigest, verdict: "MATCH" },
      }),
    after: ({ waiting }) => supersede(waiting),
  }),
  "a command ends without an answer": way({
    // Nobody knows then for which of the host's records it was.
    prepare: async () => ({ mend: await spoil(), waiting: await waitingPush() }),
    act: ({ waiting }) => endPush(waiting),
    after: async ({ mend, waiting }) => {
      await finish(waiting);
      mend();
    },
  }),
  "a push is ended by a refusal": way({
    prepare: async () => ({ mend: await tamper(), waiting: await waitingPush() }),
    act: ({ waiting }) => endPush(waiting),
    after: async ({ mend, waiting }) => {
      await finish(waiting);
      mend();
    },
  }),
};

/** Makes the real instance's key file unreadable, so that its agent fails without an answer. */
async function spoil(): Promise<() => void> {
  const file = await keyFile();
  const right = readFileSync(file, "utf8");
  writeFileSync(file, right.slice(1));
  return () => writeFileSync(file, right);
}

/** Puts another key in the place of the real instance's, so that it refuses its ticket. */
async function tamper(): Promise<() => void> {
  const file = await keyFile();
  const right = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(right), key: "0".repeat(64) }));
  return () => writeFileSync(file, right);
}

async function keyFile(): Promise<string> {
  const [record] = await fleet.records();
  return join(keyFolder(fleet.aws, record?.ec2InstanceId ?? ""), "key.json");
}

rightsSuite({
  // Those of the credentials need a database, those of exposed keys other settings.
  rights: rightsOf((step) => !isOfCredentials(step) && !isOfExposedKeys(step), anyArns()),
  ways: WAYS,
  under: () => ({ fleet, arns, asked }),
});
