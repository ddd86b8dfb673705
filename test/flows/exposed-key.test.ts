import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateUserCommand, GetUserCommand, GetUserPolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import type { CallRecord } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DENY_SESSIONS_POLICY } from "../../functions/clients/access-keys.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { isTold } from "../../functions/findings/finding.ts";
import type { ExposedKeySettings } from "../../functions/shared/exposed-key-settings.ts";
import { NAMES } from "../../infra/wiring.ts";
import { rolesHere } from "../../local/roles.ts";
import { type Exposed, ExposedKeys, exposedKeyTasks, guardDutyEvent, healthEvent } from "./exposed-keys.ts";
import { arnsUnder } from "./rights.suite.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
let keys: ExposedKeys;
const calls: CallRecord[] = [];
beforeAll(async () => {
  const settings = { sampleIntervalSeconds: 3600, secondLookSeconds: 1 };
  fleet = await startTestFleet(0, { settings, onCall: (call) => void calls.push(call) });
  keys = new ExposedKeys(fleet);
});
afterAll(() => fleet.close());

/** Of whom the ID of a key says that it is another account's. */
const OTHERS = "AKIAY34FZKBOKMUTVV7A";
/** What is of this account by its ID, and that nobody has. */
const NOBODYS = "AKIAQAAAAAAAAAAAAAAA";

function clients(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  const { endpoint, region } = fleet.aws;
  const place = { endpoint, region, credentials };
  return { iam: new IAMClient(place), sts: new STSClient(place), sfn: new SFNClient(place) };
}

/** A call that anybody makes who wants to know where he is. */
const look = ({ user }: Exposed) => new GetUserCommand({ UserName: user });

/** A thief uses a key, and draws a session with it, which outlives the key. */
async function steal(key: Exposed) {
  const thief = clients(key);
  await thief.iam.send(look(key));
  await thief.iam.send(new CreateUserCommand({ UserName: `backdoor-of-${key.user}` }));
  const { Credentials } = await thief.sts.send(new GetSessionTokenCommand({}));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  // With a session that was drawn without a second factor, IAM lets nobody do anything.
  return { key: thief.iam, session: clients(session).sfn };
}

/** What people know of a key, by its cause; undefined if they were never told. */
async function told(subject: string, cause = "AccessKeyExposed") {
  const finding = await fleet.finding({ subject, cause });
  return finding !== undefined && isTold(finding) ? finding : undefined;
}

/** Sets what is done with exposed keys, and the rights to it, until it is set anew. */
async function set(change: Pick<ExposedKeySettings, "then" | "denySessions">): Promise<void> {
  const known = fleet.aws.functions.list().find(({ name }) => name === "keyturn-exposed-key-validate-event");
  if (known === undefined) throw new Error("there is no function validate-event");
  const settings = { ...JSON.parse(known.environment?.EXPOSED_KEYS ?? "{}"), ...change };
  fleet.aws.functions.define({
    ...known,
    environment: { ...known.environment, EXPOSED_KEYS: JSON.stringify(settings) },
  });
  const arns = await arnsUnder(fleet, [], ["timestream"], settings);
  for (const role of rolesHere(arns)) if (role.name.startsWith("keyturn-exposed-key")) fleet.aws.roles.put(role);
}
const SHIPPED = { then: "deactivate", denySessions: true } as const;

test("the thief's next call is refused, his session's too, and people know what he did", async () => {
  const key = await keys.user();
  const thief = await steal(key);
  await thief.session.send(new ListStateMachinesCommand({}));
  const [before, began] = [calls.length, Date.now()];
  keys.tell(healthEvent([key.accessKeyId]));
  await until(async () => (await keys.status(key)) === "Inactive", "the key's end");
  console.info(`The key was inactive ${Date.now() - began} ms after the event.`);
  await expect(thief.key.send(look(key))).rejects.toMatchObject({
    name: "InvalidClientTokenId",
    message: "The security token included in the request is invalid.",
  });
  // Nothing but validation and whose it is comes before.
  const steps = calls.slice(before).filter(({ principal }) => principal.kind === "lambda");
  const operations = steps.map(({ operation }) => operation);
  expect(operations.slice(0, operations.indexOf("UpdateAccessKey"))).toEqual([
    "StartExecution",
    "GetAccessKeyLastUsed",
  ]);

  const { status, output = "{}", executionArn, name } = await keys.ended(0);
  expect(status).toBe("SUCCEEDED");
  const { accessKeyId } = key;
  const done = ["DEACTIVATED", "SESSIONS_DENIED"];
  expect(JSON.parse(output)).toEqual({ outcome: "SHUT", keys: [{ accessKeyId, owner: "USER", done }] });
  await expect(thief.session.send(new ListStateMachinesCommand({}))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("with an explicit deny in an identity-based policy"),
  });

  // Whoever signs in anew is refused for no longer than IAM lags.
  const policy = { UserName: key.user, PolicyName: DENY_SESSIONS_POLICY };
  const { PolicyDocument = "" } = await keys.iam.send(new GetUserPolicyCommand(policy));
  const denial = JSON.parse(decodeURIComponent(PolicyDocument)).Statement[0].Condition.DateLessThan;
  const states = await fleet.history(executionArn ?? "");
  const entered = states.find(({ stateEnteredEventDetails: state }) => state?.name === "DenySessions")?.timestamp;
  expect(Date.parse(denial["aws:TokenIssueTime"])).toBe((entered?.getTime() ?? 0) + 60_000);

  const finding = await told(accessKeyId);
  expect(finding?.facts.exposed).toMatchObject({
    code: "AWS_RISK_CREDENTIALS_EXPOSED",
    key: { owner: "USER", user: key.user, done, failed: [] },
    gone: { is: "INACTIVE", otherKeys: [], quarantine: [] },
  });
  const used = finding?.facts.exposed?.use?.calls.map(({ name, count, leaves }) => [name, count, leaves]);
  expect(used?.[0]).toEqual(["iam:CreateUser", 1, true]);
  expect(used).toContainEqual(["iam:GetUser", 1, false]);
  expect(used).toContainEqual(["sts:GetSessionToken", 1, false]);
  const [mail] = await until(() => keys.mailsAbout(accessKeyId), "the mail");
  expect(mail?.subject).toBe(`Keyturn: AccessKeyExposed on ${accessKeyId} (${key.user})`);
  for (const part of ["SHUT", "iam:CreateUser: once", executionArn]) expect(mail?.text).toContain(part);
  // The second look finds what the thief has tried since.
  const more = (await told(accessKeyId, "MoreUseFound"))?.facts.exposed?.use;
  expect(more?.calls.map(({ name }) => name) ?? []).not.toContain("iam:CreateUser");

  const { endpoint, region, credentials } = fleet.aws;
  const audit = dynamoAudit(new DynamoDBClient({ endpoint, region, credentials }), NAMES.auditTable);
  const { lines } = await audit.lines(accessKeyId);
  expect(lines.map(({ act, details }) => [act, JSON.parse(details)])).toEqual([
    ["deactivated", expect.objectContaining({ user: key.user, owner: "USER", execution: name })],
  ]);
});

test("an event that comes twice starts one execution; one that a person pastes does the same, and people are told again", async () => {
  const key = await keys.user();
  const event = healthEvent([key.accessKeyId, key.accessKeyId]);
  const before = keys.started().length;
  // The other one has an ID of its own, as the copy in another Region has.
  keys.tell(event);
  keys.tell(event);
  const first = await keys.ended(before);
  expect(keys.started().length).toBe(before + 1);
  await until(() => told(key.accessKeyId), "the first mail");

  const again = await fleet.ended(await fleet.start(event, "exposed-key"));
  expect(again.status).toBe("SUCCEEDED");
  expect(JSON.parse(again.output ?? "{}")).toEqual(JSON.parse(first.output ?? "{}"));
  const second = await until(() => keys.mailsAbout(key.accessKeyId)[1], "the second mail");
  expect(second.text).toContain(again.executionArn);
  // Its pages are executions of their own.
  keys.tell({ ...event, detail: { ...event.detail, page: "2" } });
  await until(() => keys.started().length === before + 3, "the other page's execution");
  await keys.ended(before + 2);
});

test("what is deleted is gone, and sessions are left alone, where that is set; what is gone already is an outcome", async () => {
  const key = await keys.user();
  const thief = await steal(key);
  await set({ then: "delete", denySessions: false });
  try {
    for (const [times, done] of [
      ["at first", ["DEACTIVATED", "DELETED"]],
      ["then", []],
    ] as const) {
      const event = healthEvent([key.accessKeyId]);
      const { status, output = "{}" } = await fleet.ended(await fleet.start(event, "exposed-key"));
      expect(status, times).toBe("SUCCEEDED");
      expect(JSON.parse(output).keys, times).toMatchObject([{ done }]);
    }
  } finally {
    await set(SHIPPED);
  }
  expect(await keys.status(key)).toBe("gone");
  await thief.session.send(new ListStateMachinesCommand({}));
  expect((await told(key.accessKeyId))?.facts.exposed?.key).toMatchObject({ owner: "NOBODY", done: [] });
});

test("fifty keys are shut before the first is told of, and are told in few mails; what is no user's is told and left", async () => {
  await fleet.forgetFindings();
  const users = await Promise.all(Array.from({ length: 50 }, () => keys.user()));
  const mails = fleet.aws.inbox.list().length;
  const before = keys.started().length;
  keys.tell(healthEvent([...users.map(({ accessKeyId }) => accessKeyId), OTHERS, NOBODYS, users[0]?.accessKeyId]));
  const { status, output = "{}", executionArn = "", cause } = await keys.ended(before);
  expect(status, cause).toBe("SUCCEEDED");
  expect(JSON.parse(output).keys).toHaveLength(52);
  expect(new Set(await Promise.all(users.map((user) => keys.status(user))))).toEqual(new Set(["Inactive"]));
  const entered = (await fleet.history(executionArn)).flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  expect(entered.lastIndexOf("DeactivateKey")).toBeLessThan(entered.indexOf("LookUpUse"));
  for (const { accessKeyId } of users) expect(await told(accessKeyId), accessKeyId).toBeDefined();
  expect((await told(OTHERS, "ExposedKeyOfOthers"))?.facts.exposed?.key?.done).toEqual([]);
  // Five, that of the storm, and the one of another account.
  expect(fleet.aws.inbox.list().length - mails).toBeLessThanOrEqual(7);
});

test.each([
  ["none that is a key", () => healthEvent(["nothing", "AKIA", 5, null]), "FAILED"],
  ["a code that is not known", (key: string) => healthEvent([key], { code: "AWS_RISK_SOMETHING_NEW" }), "SUCCEEDED"],
  ["no event at all", () => "what somebody typed", "FAILED"],
  ["a list", () => [], "FAILED"],
])("an event with %s is told of, and nothing is shut", async (_, eventOf, status) => {
  const key = await keys.user();
  const execution = await fleet.ended(await fleet.start(eventOf(key.accessKeyId), "exposed-key"));
  expect(execution.status, execution.cause).toBe(status);
  if (status === "FAILED") expect(execution.error).toBe("Keyturn.StepsFailed");
  const name = execution.name ?? "";
  expect(await told(name, "ExposureUnread")).toBeDefined();
  expect(await keys.status(key)).toBe("Active");
});

/** With what a state's function fails in the execution of a key: an expression over what it is called with. */
const CALLED_WITH: Record<string, (key: string) => string> = {
  LookUpUse: (key) => `${key}(?!.*"keys":)`,
  LookUpUseAgain: (key) => `${key}.*"keys":`,
  NotifySns: (key) => `"key":.*${key}.*"again":false`,
  NotifySnsOfEvent: (key) => `^(?!{"key").*${key}`,
  NotifySnsAgain: (key) => `${key}.*"again":true`,
};
/** Without them nobody knows which key is meant. */
const NEEDED = ["ValidateEvent"];

test("a user whom only the event names has nothing denied, unless the key is his", async () => {
  const [key, innocent] = await Promise.all([keys.user(), keys.user()]);
  const folder = mkdtempSync(join(tmpdir(), "keyturn-failing-"));
  const restore = failingIn(folder, [{ state: "ReadKey", step: "read-key", key }]);
  try {
    const event = guardDutyEvent({ ...key, user: innocent.user });
    const { error } = await fleet.ended(await fleet.start(event, "exposed-key"));
    expect(error).toBe("Keyturn.StepsFailed");
  } finally {
    restore();
    rmSync(folder, { recursive: true });
  }
  const denial = { UserName: innocent.user, PolicyName: DENY_SESSIONS_POLICY };
  await expect(keys.iam.send(new GetUserPolicyCommand(denial))).rejects.toMatchObject({
    name: "NoSuchEntityException",
  });
  expect((await told(key.accessKeyId, "ExposedKeyNotShut"))?.facts.exposed?.key).toMatchObject({ owner: "UNKNOWN" });
});

test("whichever state fails for good, the others do their work, people are told, and the execution is red", async () => {
  const tasks = exposedKeyTasks();
  await fleet.forgetFindings();
  const failing = await Promise.all(tasks.map(async (task) => ({ ...task, key: await keys.user() })));
  const folder = mkdtempSync(join(tmpdir(), "keyturn-failing-"));
  const restore = failingIn(folder, failing);
  await set({ then: "delete", denySessions: true });
  try {
    const ended = await Promise.all(
      failing.map(async ({ state, key }) => {
        const { detail, ...event } = guardDutyEvent(key);
        const unfit = healthEvent([key.accessKeyId, `none of ${key.accessKeyId}`]);
        const start = fleet.start(state === "NotifySnsOfEvent" ? unfit : { ...event, detail }, "exposed-key");
        return fleet.ended(await start);
      }),
    );
    for (const [at, { state, key }] of failing.entries()) {
      const { executionArn = "", name = "", error, cause } = ended[at] ?? {};
      const { accessKeyId } = key;
      const isOfPeople = state.startsWith("NotifySns");
      expect(error, state).toBe(isOfPeople ? "ExposureUntold" : "Keyturn.StepsFailed");
      if (!isOfPeople && state !== "ValidateEvent") expect(cause).toContain(`${accessKeyId} ${state} (TestFailure)`);

      const subject = isOfPeople || state === "ValidateEvent" ? name : accessKeyId;
      const why = isOfPeople ? "ExecutionCutOff" : state === "ValidateEvent" ? "ExposureUnread" : undefined;
      const causes = why === undefined ? ["AccessKeyExposed", "ExposedKeyNotShut"] : [why];
      const known = () => Promise.all(causes.map((one) => told(subject, one)));
      await until(async () => (await known()).some((one) => one !== undefined), `the mail when ${state} fails`);

      // Nobody can sign with it, whatever failed besides.
      const status = await keys.status(key);
      expect(status, `${state} ${cause} ${ended[at]?.output}`).toBe(
        NEEDED.includes(state) ? "Active" : state === "DeleteKey" ? "Inactive" : "gone",
      );

      const history = await fleet.history(executionArn);
      const entered = new Set(history.flatMap((event) => event.stateEnteredEventDetails?.name ?? []));
      const others = tasks.map((task) => task.state).filter((one) => one !== "NotifySnsOfEvent");
      // There is no second look where a rule is to tell people at once.
      const without = state === "NotifySns" ? ["LookUpUseAgain", "NotifySnsAgain"] : [];
      const expected =
        state === "ValidateEvent" ? ["NotifySnsOfEvent"] : others.filter((one) => !without.includes(one));
      for (const one of expected) expect(entered.has(one), `${one} when ${state} fails`).toBe(true);
    }
  } finally {
    await set(SHIPPED);
    restore();
    rmSync(folder, { recursive: true });
  }
});

/** Has the function of each state fail in the execution of its key, and nowhere else; what is given takes that back. */
function failingIn(folder: string, failing: { state: string; step: string; key: Exposed }[]): () => void {
  const modulePath = fileURLToPath(new URL("./functions/failing-where.ts", import.meta.url));
  const originals = [...new Set(failing.map(({ step }) => step))].map((step) => {
    const original = fleet.aws.functions.list().find(({ name }) => name === `keyturn-exposed-key-${step}`);
    if (original === undefined) throw new Error(`there is no function ${step}`);
    const marks = failing
      .filter((one) => one.step === step)
      .map(({ state, key }) => CALLED_WITH[state]?.(key.accessKeyId) ?? `${key.accessKeyId}|${key.user}`);
    const FAILING = join(folder, step);
    writeFileSync(FAILING, marks.join("\n"));
    const environment = { ...original.environment, FAILING, REAL: original.modulePath };
    fleet.aws.functions.define({ ...original, modulePath, environment });
    return original;
  });
  return () => {
    for (const original of originals) fleet.aws.functions.define(original);
  };
}
