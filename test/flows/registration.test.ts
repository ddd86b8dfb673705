import { afterAll, beforeAll, expect, test } from "vitest";
import { flowArn } from "../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(2);
});
afterAll(() => fleet.close());

const PUBLIC_KEY = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";

/** Sends a body with an instance's own credentials, and looks whether anything was written. */
async function answerTo(body: unknown) {
  const before = JSON.stringify(await fleet.records());
  const [instance] = fleet.aws.instances.list();
  const answer = await fleet.register(body, fleet.aws.credentialsOf(instance?.id ?? ""));
  return { ...answer, changed: JSON.stringify(await fleet.records()) !== before };
}

test.each([
  ["an ID of five characters", { id: "0a1b2" }, "id"],
  ["an ID in upper case", { id: "0A1B2C" }, "id"],
  ["an ID with a path", { id: "../a1b" }, "id"],
  ["an IP that is none", { ip: "10.0.0.256" }, "ip"],
  ["an unknown flag", { flag: "replace" }, "flag"],
  ["no public key", { publicKey: undefined }, "publicKey"],
])("%s is a 400 that names the field, and nothing is written", async (_, change, field) => {
  const body = { id: "0a1b2c", ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY, ...change };
  const { status, body: text, changed } = await answerTo(body);
  expect(status).toBe(400);
  expect(JSON.parse(text).field).toBe(field);
  expect(changed).toBe(false);
});

test("a body that is no JSON is a 400, and nothing is written", async () => {
  const { status, body, changed } = await answerTo('{"id":');
  expect({ status, field: JSON.parse(body).field, changed }).toEqual({ status: 400, field: "body", changed: false });
});

test("a body of 10 MB is a 413, and nothing is written", async () => {
  const { status, changed } = await answerTo("x".repeat(10_000_000));
  expect({ status, changed }).toEqual({ status: 413, changed: false });
});

test("an unsigned call and a wrongly signed one are refused", async () => {
  const url = `${fleet.aws.endpoint}/_function-url/keyturn-registration-register/`;
  const unsigned = await fetch(url, { method: "POST", body: "{}" });
  expect(unsigned.status).toBe(403);
  const [instance] = fleet.aws.instances.list();
  const keys = fleet.aws.credentialsOf(instance?.id ?? "");
  const wrong = await fleet.register({}, { ...keys, secretAccessKey: "guessed" });
  expect(wrong.status).toBe(403);
});

test("a caller that is no instance of the fleet is refused", async () => {
  const body = { id: "0a1b2c", ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
  const answer = await fleet.register(body, fleet.aws.credentials);
  expect(answer.status).toBe(403);
});

test("an update is told what was last judged of the instance", async () => {
  const [, record] = await fleet.records();
  const { id = "", ec2InstanceId = "" } = record ?? {};
  expect((await fleet.rotate(id)).status).toBe("SUCCEEDED");
  const answer = await fleet.register({ id, ip: "10.0.0.9", flag: "update" }, fleet.aws.credentialsOf(ec2InstanceId));
  expect(JSON.parse(answer.body)).toMatchObject({ registered: true, generation: 2, verdict: "MATCH" });
});

test("an IPv6 address is an IP", async () => {
  const [record] = await fleet.records();
  const keys = fleet.aws.credentialsOf(record?.ec2InstanceId ?? "");
  const answer = await fleet.register({ id: record?.id, ip: "2001:db8::7", flag: "update" }, keys);
  expect(JSON.parse(answer.body)).toMatchObject({ registered: true, generation: 1, sampleIntervalSeconds: 1 });
  expect((await fleet.record(record?.id ?? "")).ip).toBe("2001:db8::7");
});

test("an impostor's update of another's ID is refused, changes nothing, and a mail says so once", async () => {
  const [victim, impostor] = await fleet.records();
  if (victim === undefined || impostor === undefined) throw new Error("two instances should have registered");
  const keys = fleet.aws.credentialsOf(impostor.ec2InstanceId);
  for (const ip of ["10.6.6.6", "10.6.6.7"]) {
    const answer = await fleet.register({ id: victim.id, ip, flag: "update" }, keys);
    expect(JSON.parse(answer.body)).toEqual({ registered: false, reason: "NOT_OWNER" });
  }
  expect(await fleet.record(victim.id)).toEqual(victim);
  const mail = await until(() => fleet.aws.inbox.list()[0], "the mail about the impostor");
  expect(mail.subject).toBe(`Keyturn: NOT_OWNER on ${impostor.ec2InstanceId} (${victim.id})`);
  expect(mail.text).toContain("To do:");
  expect(fleet.aws.inbox.list()).toHaveLength(1);
});

test("a new instance whose ID is taken draws another", async () => {
  const [taken] = await fleet.records();
  const keys = fleet.aws.credentialsOf("i-0fedcba9876543210");
  const body = { id: taken?.id, ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
  const answer = await fleet.register(body, keys);
  expect(JSON.parse(answer.body)).toEqual({ registered: false, reason: "ID_TAKEN" });
});

test("the same new registration again gets the same answer", async () => {
  const keys = fleet.aws.credentialsOf("i-00000000000000abc");
  const body = { id: "fffff1", ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
  const first = await fleet.register(body, keys);
  const second = await fleet.register(body, keys);
  expect(JSON.parse(first.body)).toMatchObject({ registered: true, generation: 1 });
  expect(second.body).toBe(first.body);
});

test("registering under another ID makes a newcomer, and leaves the former record as it was", async () => {
  const ec2InstanceId = "i-00000000000000abc";
  const keys = fleet.aws.credentialsOf(ec2InstanceId);
  const before = await fleet.record("fffff1");
  const body = { id: "fffff2", ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
  const first = await fleet.register(body, keys);
  expect(JSON.parse(first.body)).toMatchObject({ registered: true, generation: 1 });
  expect(await fleet.record("fffff2")).toMatchObject({ status: "NEW" });
  expect(await fleet.record("fffff1")).toEqual(before);
  expect((await fleet.register(body, keys)).body).toBe(first.body);
  // Whatever it does, its key is not turned before its former has been silent for a window.
  const { status, output } = await fleet.rotate("fffff2");
  expect({ status, output: JSON.parse(output ?? "") }).toEqual({ status: "SUCCEEDED", output: { outcome: "WAITING" } });
  const again = await fleet.register({ ...body, flag: "update" }, keys);
  expect(JSON.parse(again.body)).toMatchObject({ registered: true });
  expect(await fleet.record("fffff2")).toMatchObject({ status: "NEW" });
});

test("`new` calls of one host at once leave one active record", async () => {
  const ec2InstanceId = "i-00000000000000def";
  const keys = fleet.aws.credentialsOf(ec2InstanceId);
  const ids = ["eeeee1", "eeeee2"];
  const body = { ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
  const answers = await Promise.all(ids.map((id) => fleet.register({ ...body, id }, keys)));
  const registered = answers.filter((answer) => JSON.parse(answer.body).registered === true);
  expect(registered.length).toBeGreaterThan(0);
  const records = await Promise.all(ids.map((id) => fleet.record(id).catch(() => undefined)));
  expect(records.filter((record) => record?.status === "ACTIVE")).toHaveLength(1);
});

test("a host comes under five new IDs in a day, and of the sixth people are told", async () => {
  const ec2InstanceId = "i-00000000000000aaa";
  const keys = fleet.aws.credentialsOf(ec2InstanceId);
  const answers: string[] = [];
  for (let n = 1; n <= 7; n += 1) {
    const body = { id: `ddddd${n}`, ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
    answers.push(JSON.stringify(JSON.parse((await fleet.register(body, keys)).body).reason ?? "registered"));
  }
  expect(answers).toEqual([...Array(5).fill('"registered"'), '"TOO_MANY_IDS"', '"TOO_MANY_IDS"']);
  const about = () => fleet.aws.inbox.list().filter(({ subject }) => subject.includes("TOO_MANY_IDS"));
  await until(() => about()[0], "the mail about the IDs");
  expect(about()).toHaveLength(1);
});

test("a host that EC2 tells is terminated is not registered any more", async () => {
  const ec2InstanceId = "i-00000000000000bbb";
  const detail = { "instance-id": ec2InstanceId, state: "terminated" };
  await fleet.aws.functions.invoke("keyturn-life-follow-state", { time: new Date().toISOString(), detail });
  const body = { id: "ccccc1", ip: "10.0.0.9", flag: "new", publicKey: PUBLIC_KEY };
  const answer = await fleet.register(body, fleet.aws.credentialsOf(ec2InstanceId));
  expect(JSON.parse(answer.body)).toEqual({ registered: false, reason: "RETIRED" });
});

test.each([
  ["a prototype's key", `{"__proto__":{"flag":"update"},"constructor":{"prototype":{"admin":true}},`],
  ["a key that is there twice", `{"id":"000000","flag":"update",`],
  ["a field that nobody knows", `{"someday":{"id":[1,2]},`],
])("%s does no harm", async (_, more) => {
  const [record] = await fleet.records();
  const { id, ec2InstanceId } = record ?? {};
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  const body = `${more}"id":"${id}","ip":"2001:db8::8","flag":"update"}`;
  const answer = await fleet.register(body, fleet.aws.credentialsOf(ec2InstanceId ?? ""));
  expect(JSON.parse(answer.body)).toMatchObject({ registered: true, generation: 1 });
  expect(await fleet.record(id ?? "")).toMatchObject({ ip: "2001:db8::8", ec2InstanceId });
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(before);
});

test("the flow keeps its history, since it logs at ALL", () => {
  const [execution] = fleet.aws.executions.list(flowArn("registration"), 1);
  expect(execution).toMatchObject({ status: "SUCCEEDED" });
});
