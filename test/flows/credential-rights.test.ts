import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { SFNClient, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { functionArn } from "embedded-aws";
import { afterAll, beforeAll } from "vitest";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { postgresAuthority } from "../../functions/clients/authority.postgres.ts";
import { dynamoCredentials } from "../../functions/clients/credentials.dynamodb.ts";
import { managedSecrets } from "../../functions/clients/secrets.secretsmanager.ts";
import { type CredentialRecord, newRecord } from "../../functions/credential/record.ts";
import { tryName } from "../../functions/credential/tries.ts";
import { functionNameOf } from "../../functions/steps.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import { NAMES } from "../../infra/wiring.ts";
import { flowArn, liveArn } from "../../local/roles.ts";
import { auditDigest, useProof, useRecordOf } from "../../protocol/index.ts";
import { credentialOf } from "../functions/clients/credential-of.ts";
import { MANAGER, onPostgres, prepare, serverFolder, startServer } from "../functions/postgres/under-test.ts";
import { Asked, anyArns, arnsUnder, isOfCredentials, rightsOf, rightsSuite, type Way, way } from "./rights.suite.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

// What rights.test.ts shows of the other steps, of those of credentials: over real secrets and a real PostgreSQL.

const ORDERS = credentialOf({ consumers: [{ name: "web", seenBy: "proofs" }] });
/** One that was never turned, and whose password the database does not know. */
const DRAWN = credentialOf({ name: "drawn/db" });
const SECRET = ORDERS.name;
const [USER_A, USER_B] = ORDERS.users;
const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-credential:any";
const ROTATE = functionNameOf({ flow: "credential", name: "rotate" });
const HOST = "i-0123456789abcdef0";

let fleet: TestFleet;
let arns: Arns;
let port = 0;
let secretArn = "";
const asked = new Asked();

function clients() {
  const { endpoint, region, credentials } = fleet.aws;
  const place = { endpoint, region, credentials };
  const secretsManager = new SecretsManagerClient(place);
  const dynamodb = new DynamoDBClient(place);
  return {
    secretsManager,
    secrets: managedSecrets(secretsManager),
    dynamodb,
    records: dynamoCredentials(dynamodb, NAMES.instanceTable),
    audit: dynamoAudit(dynamodb, NAMES.auditTable),
    stepFunctions: new SFNClient(place),
    timestream: new TimestreamWriteClient(place),
  };
}

const passwordOf = (user: string) => `password of ${user}`;

function loginText(user: string): string {
  return JSON.stringify({ engine: "postgres", username: user, password: passwordOf(user) });
}

/** The versions of the first and the second user: a secret can have 100 new ones a day, and no more. */
const versions = { first: randomUUID(), second: randomUUID() };

async function put(user: string, version: string): Promise<void> {
  const SecretString = loginText(user);
  const asked = { SecretId: SECRET, ClientRequestToken: version, SecretString };
  await clients().secretsManager.send(new PutSecretValueCommand(asked));
}

/** Puts a label on a version, wherever it was. */
async function label(VersionStage: string, version: string, from: string | undefined): Promise<void> {
  if (from === version) return;
  const move = { SecretId: SECRET, VersionStage, MoveToVersionId: version, RemoveFromVersionId: from };
  await clients().secretsManager.send(new UpdateSecretVersionStageCommand(move));
}

/** Nothing else is remembered of the credential. */
async function remember(change: Partial<CredentialRecord>): Promise<void> {
  const { records } = clients();
  await records.write({ ...newRecord(SECRET), ...change }, await records.find(SECRET));
}

/** The credential as it is before a turn: the first user's version is current, and nothing is remembered of it. */
async function settled() {
  const { secrets } = clients();
  const { hosts, dbname, owner, users } = ORDERS;
  const settings = { credential: SECRET, hosts, port, dbname, owner, users };
  const authority = postgresAuthority(settings, { manager: async () => MANAGER, random: randomBytes });
  for (const user of users) await authority.honour({ user, password: passwordOf(user) }, async () => true);
  const { current, pending } = (await secrets.stages(SECRET)) ?? {};
  await label("AWSCURRENT", versions.first, current);
  if (pending !== undefined) await secrets.dropPending(SECRET, pending);
  await remember({});
  return { secret: SECRET, versionId: versions.first };
}

/** The same, with a version of the other user's that is pending. */
async function turning() {
  const { secret, versionId } = await settled();
  const token = versions.second;
  await label("AWSPENDING", token, undefined);
  return { secret, token, current: { versionId, user: USER_A }, other: { user: USER_B } };
}

/** The same once it is turned: the current version is the one that was promoted, and its predecessor stands. */
async function turned(changes: Partial<CredentialRecord> = {}) {
  const { secret, versionId } = await settled();
  const before = randomUUID();
  await remember({
    current: { versionId, user: USER_A, since: Date.now(), execution: "any" },
    predecessor: { versionId: before, user: USER_B, announced: [] },
    ...changes,
  });
  return { secret, token: versionId, current: { versionId, user: USER_A }, other: { user: USER_B, versionId: before } };
}

/** The same, and a consumer has proved its use. The step's client asks anew for Timestream's endpoint. */
async function used(step: string) {
  const rotation = await turned();
  const use = { secret: SECRET, versionId: rotation.token, consumer: "web", timeMs: Date.now() };
  const proof = useProof({ ...use, credential: passwordOf(USER_A) });
  const { timestreamDatabase: DatabaseName, timestreamTable: TableName } = NAMES;
  const Records = [useRecordOf({ ...use, ec2InstanceId: HOST, proof })];
  await clients().timestream.send(new WriteRecordsCommand({ DatabaseName, TableName, Records }));
  define(step);
  return rotation;
}

/** Defines a function anew, with another module where one is given. */
function define(name: string, modulePath?: string): void {
  const known = fleet.aws.functions.list().find((one) => one.name === name);
  if (known !== undefined) fleet.aws.functions.define({ ...known, ...(modulePath && { modulePath }) });
}

let rotate = "";
/** Secrets Manager finds a rotation function that does nothing. */
function rotateIdly(): void {
  rotate ||= fleet.aws.functions.list().find((one) => one.name === ROTATE)?.modulePath ?? "";
  define(ROTATE, fileURLToPath(new URL("./functions/idle.ts", import.meta.url)));
}

async function executionsAreOver(): Promise<void> {
  const running = () =>
    fleet.aws.executions.list(flowArn("credential"), 1000).filter(({ status }) => status === "RUNNING");
  for (const { arn } of running()) await clients().stepFunctions.send(new StopExecutionCommand({ executionArn: arn }));
  await until(() => running().length === 0, "the end of the executions");
}

/** @throws whatever it is, unless an execution of the name was started before */
function alreadyStarted(error: Error): { executionArn?: string } {
  if (error.name === "ExecutionAlreadyExists") return {};
  throw error;
}

async function rotateAgain(): Promise<void> {
  await executionsAreOver();
  define(ROTATE, rotate);
}

function invoke(name: string, input: object) {
  return fleet.aws.functions.invoke(`keyturn-${name}`, input);
}

const noted = () => ({ execution: `${EXECUTION}-${randomUUID()}`, enteredAt: Date.now() });
const nothing = async () => ({});

/** Between them these need every right. Each may be gone any number of times. */
const WAYS: Record<string, Way<unknown>> = {
  "a version is pending": way({
    prepare: turning,
    act: (rotation) => invoke("credential-validate-secret", rotation),
  }),
  "a version is pending, and another one was confirmed": way({
    async prepare() {
      const rotation = await turning();
      await remember({ confirmed: { versionId: randomUUID(), user: USER_B, at: Date.now() } });
      return rotation;
    },
    act: (rotation) => invoke("credential-validate-secret", rotation),
  }),
  "a consumer proves its use": way({
    prepare: () => used("keyturn-credential-read-uses"),
    act: (rotation) => invoke("credential-read-uses", { ...rotation, waits: 0 }),
  }),
  "a credential is verified": way({
    prepare: turning,
    act: (rotation) => invoke("credential-verify-credential", verifying(rotation)),
  }),
  "a credential that was just drawn is verified": way({
    prepare: async () => ({ versionId: (await clients().secrets.stages(DRAWN.name))?.current }),
    act: ({ versionId }) => {
      const drawn = { secret: DRAWN.name, token: randomUUID(), current: { versionId }, other: { user: USER_B } };
      return invoke("credential-verify-credential", { ...verifying(drawn), test: true });
    },
  }),
  "a successor is derived": way({
    prepare: turning,
    act: (rotation) => invoke("credential-derive-successor", rotation),
  }),
  "a login is pushed": way({ prepare: turning, act: (rotation) => invoke("credential-push-to-authority", rotation) }),
  "a login is confirmed": way({
    prepare: turning,
    act: (rotation) => invoke("credential-confirm-successor", { ...rotation, verdict: "MATCH" }),
  }),
  "a version is promoted": way({
    async prepare() {
      const rotation = await turning();
      const confirmed = { versionId: rotation.token, user: USER_B, at: Date.now() };
      await remember({ confirmed });
      return rotation;
    },
    act: (rotation) => invoke("credential-promote-successor", { ...rotation, ...noted(), verdict: "MATCH" }),
  }),
  "a former user is shut": way({
    prepare: () => turned(),
    act: (rotation) => invoke("credential-retire-predecessor", { ...rotation, ...noted(), stroke: "LOGIN" }),
  }),
  "a former user who was shut loses his password": way({
    prepare: () => turned(),
    act: (rotation) => invoke("credential-retire-predecessor", { ...rotation, ...noted(), stroke: "PASSWORD" }),
  }),
  "a version that may be set stays pending": way({
    prepare: turning,
    act: (rotation) => invoke("credential-drop-pending", { ...rotation, judged: false }),
  }),
  "a version is pending no more": way({
    prepare: turning,
    act: (rotation) => invoke("credential-drop-pending", { ...rotation, judged: true }),
  }),
  "people are told of a rotation that failed": way({
    prepare: turning,
    act({ secret, token }) {
      const behind = [{ consumer: "web", why: "USES_FORMER", address: "10.0.0.9" }];
      const failure = { step: "VerifyCredential", what: "BEHIND", cause: "", behind, promoted: false, test: false };
      return invoke("credential-notify-sns", { secret, token, ...failure, ...noted() });
    },
  }),
  "Secrets Manager has a rotation begun": way({
    async prepare() {
      await settled();
      // One whose execution was never started, and which there is nothing left to do for.
      const token = randomUUID();
      await put(USER_A, token);
      return token;
    },
    act: (token) => rotating("createSecret", token),
    after: executionsAreOver,
  }),
  "Secrets Manager has a rotation finished": way({
    prepare: settled,
    act: ({ versionId }) => rotating("finishSecret", versionId),
  }),
  // Before that one, since the key is used for the tables and for the mail here, and for the tables alone there.
  "a rotation is asked for of what nobody knows": way({
    prepare: nothing,
    act: () =>
      invoke("credential-request-rotation", { id: randomUUID(), detail: { secret: `nobody/${randomUUID()}` } }),
  }),
  "a rotation is asked for, while a version is left behind": way({
    async prepare() {
      rotateIdly();
      const { secret, token } = await turning();
      // What was to turn it has failed.
      const name = tryName({ secret, token }, 1);
      const start = new StartExecutionCommand({ stateMachineArn: liveArn("credential"), name, input: "{}" });
      const { executionArn = "" } = await clients().stepFunctions.send(start).catch(alreadyStarted);
      if (executionArn) await fleet.ended(executionArn);
    },
    act: () => invoke("credential-request-rotation", { id: randomUUID(), detail: { secret: SECRET, force: true } }),
    after: rotateAgain,
  }),
  "the credentials are read": way({
    prepare: () => used("keyturn-watch-read-credentials"),
    act: () => invoke("watch-read-credentials", {}),
  }),
  "a credential is refused, and its predecessor not retired": way({
    prepare: () => turned({ auditDue: [{ act: "failed", timeMs: Date.now(), details: "{}" }] }),
    act: ({ token }) => looking({ stages: { current: token }, says: [{ host: "127.0.0.1", says: "REFUSED" }] }),
    after: executionsAreOver,
  }),
  "a rotation that has failed is asked for again": way({
    async prepare() {
      rotateIdly();
      const { versionId } = await settled();
      const at = Date.now();
      const failing = { since: at, nextTryAt: at, what: "any", execution: "any" };
      await remember({ failing });
      return versionId;
    },
    act: (current) =>
      looking({
        stages: { current },
        says: [{ host: "127.0.0.1", says: "ACCEPTED" }],
        uses: { moved: true, behind: 0 },
      }),
    after: rotateAgain,
  }),
};

function verifying(rotation: object) {
  return { ...rotation, behind: [], force: false, heal: false, test: false };
}

function rotating(Step: string, ClientRequestToken: string) {
  return invoke("credential-rotate", { Step, SecretId: secretArn, ClientRequestToken });
}

function looking(seen: object) {
  return invoke("watch-look-at-credentials", { credentials: [{ name: SECRET, ...seen }], execution: EXECUTION });
}

onPostgres("the rights of the steps of credentials", () => {
  const place = serverFolder();
  let stop = async () => {};
  beforeAll(async () => {
    const server = await startServer({ folder: place.folder });
    stop = server.stop;
    port = server.port;
    await prepare(server, { ...ORDERS, credential: SECRET });
    const credentials = [ORDERS, DRAWN].map((one) => ({ ...one, port }));
    const settings = { sampleIntervalSeconds: 3600, credentials };
    fleet = await startTestFleet(0, { ...asked.noting, settings });
    arns = await arnsUnder(fleet, credentials);
    await makeSecrets();
    await leaveForeignLine();
  });
  afterAll(async () => {
    await fleet?.close();
    await stop();
    place.remove();
  });

  rightsSuite({
    rights: rightsOf(isOfCredentials, anyArns([ORDERS, DRAWN])),
    ways: WAYS,
    under: () => ({ fleet, arns, asked }),
  });
});

async function makeSecrets(): Promise<void> {
  const { secretsManager } = clients();
  const login = { username: MANAGER.user, password: MANAGER.password };
  for (const [Name, SecretString] of [
    ["orders/manager", JSON.stringify(login)],
    [SECRET, loginText(USER_A)],
    [DRAWN.name, JSON.stringify({ username: USER_A, password: "just drawn" })],
  ]) {
    await secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
  }
  secretArn = (await secretsManager.send(new DescribeSecretCommand({ SecretId: SECRET }))).ARN ?? "";
  await put(USER_A, versions.first);
  await put(USER_B, versions.second);
  rotateIdly();
  const set = { RotationLambdaARN: functionArn(ROTATE), RotationRules: { AutomaticallyAfterDays: 30 } };
  await secretsManager.send(new RotateSecretCommand({ SecretId: SECRET, RotateImmediately: false, ...set }));
  await until(async () => (await clients().secrets.stages(SECRET))?.pending === undefined, "the test of the rotation");
  await rotateAgain();
}

/** In the place of the first audit line another one lies, as whoever died before noting it leaves one. */
async function leaveForeignLine(): Promise<void> {
  const line = { subject: SECRET, n: 1, timeMs: Date.now(), act: "failed", details: "{}", previous: "" };
  await clients().audit.put({ ...line, digest: auditDigest(line) }, { at: Date.now() });
}
