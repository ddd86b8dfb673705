import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { fakeRegistrations } from "../../../functions/clients/registrations.fake.ts";
import { register } from "../../../functions/registration/register/step.ts";
import { collectingJournal, EC2, hex64Of, ID, OTHER_EC2 } from "../support.ts";

const ROLE = "AROAEXAMPLEEXAMPLE123";
const ACCOUNT = "000000000000";
const anew = { id: ID, ip: "10.0.0.4", flag: "new", publicKey: hex64Of("agent public") };
const update = { id: ID, ip: "10.0.0.4", flag: "update" };
const registered = { registered: true, generation: 1, serverPublic: hex64Of("server public") };

const rekey = { ...anew, flag: "rekey", generation: 5, nonce: hex64Of("nonce of the rekey") };

/** What the flow was started with. */
let started: unknown[];
let outcome: unknown;
let journal: ReturnType<typeof collectingJournal>;
const STORE = { kind: "dynamodb", table: "keyturn-samples" } as const;

beforeEach(() => {
  journal = collectingJournal();
  started = [];
  outcome = registered;
});

function iamOf({ role = ROLE, session = EC2, account = ACCOUNT } = {}) {
  return {
    accountId: account,
    userId: `${role}:${session}`,
    userArn: `arn:aws:sts::${account}:assumed-role/KeyturnInstance/${session}`,
  };
}

async function call(
  body: string | undefined,
  { iam = iamOf() as ReturnType<typeof iamOf> | null, method = "POST", isBase64Encoded = false } = {},
) {
  const registrations = fakeRegistrations(async (input) => {
    started.push(input);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
  const answer = await register(
    {
      ...(body !== undefined && { body }),
      isBase64Encoded,
      requestContext: { http: { method }, ...(iam && { authorizer: { iam } }) },
    },
    {
      registrations,
      fleet: { partition: "aws", account: ACCOUNT, roleIds: [ROLE] },
      intervalMs: 60_000,
      sampleStore: STORE,
      journal,
    },
  );
  expect(answer.headers).toEqual({ "content-type": "application/json" });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

test("a registration is run with the host that AWS authenticated, and answered", async () => {
  expect(await call(JSON.stringify(anew))).toEqual({
    status: 200,
    body: { ...registered, sampleIntervalSeconds: 60, store: STORE },
  });
  expect(started).toEqual([{ ...anew, ec2InstanceId: EC2 }]);
});

test("of a rekey the flow is told the digest of its nonce, and never the nonce", async () => {
  outcome = { ...registered, generation: 5 };
  expect(await call(JSON.stringify({ ...rekey, agentVersion: "9.10.0" }))).toEqual({
    status: 200,
    body: { ...registered, generation: 5, sampleIntervalSeconds: 60, store: STORE },
  });
  const { nonce, ...told } = rekey;
  const nonceDigest = createHash("sha256").update(nonce).digest("hex");
  expect(started).toEqual([{ ...told, nonceDigest, agentVersion: "9.10.0", ec2InstanceId: EC2 }]);
  expect(JSON.stringify([started, journal.lines])).not.toContain(nonce);
});

test.each([
  ["an update", update],
  ["a new instance", anew],
])("of %s the flow is told no generation and no nonce", async (_what, body) => {
  const { generation, nonce } = rekey;
  expect((await call(JSON.stringify({ ...body, generation, nonce, nonceDigest: hex64Of("x") }))).status).toBe(200);
  expect(started).toEqual([{ ...body, ec2InstanceId: EC2 }]);
});

test("the version that an agent says is handed on, also one of later", async () => {
  expect((await call(JSON.stringify({ ...update, agentVersion: "9.10.0" }))).status).toBe(200);
  expect(started).toEqual([{ ...update, agentVersion: "9.10.0", ec2InstanceId: EC2 }]);
});

test.each(["0.2", "latest", `${"1".repeat(2000)}.0.0`, "", 2, null, { version: "0.2.0" }])(
  "an agent that says %j as its version registers, as one that says none",
  async (agentVersion) => {
    expect((await call(JSON.stringify({ ...anew, agentVersion }))).status).toBe(200);
    expect(started).toEqual([{ ...anew, ec2InstanceId: EC2 }]);
  },
);

test("a body in base64 is read", async () => {
  const body = Buffer.from(JSON.stringify(update)).toString("base64");
  expect((await call(body, { isBase64Encoded: true })).status).toBe(200);
  expect(started).toEqual([{ ...update, ec2InstanceId: EC2 }]);
});

test.each<[string, unknown]>([
  ["of a later version", { rekey: true, capabilities: ["x"] }],
  ["that names another host", { ec2InstanceId: OTHER_EC2 }],
  ["that an update does not need", { publicKey: hex64Of("x") }],
])("a field %s is passed over", async (_what, more) => {
  expect((await call(JSON.stringify({ ...update, ...(more as object) }))).status).toBe(200);
  expect(started).toEqual([{ ...update, ec2InstanceId: EC2 }]);
});

test.each<[string, string]>([
  ["a prototype's key", '{"__proto__":{"id":"ffffff","admin":true},"constructor":{"prototype":{"admin":true}},'],
  ["a known field under a prototype's key alone", '{"__proto__":{"publicKey":"x"},'],
  ["a field that is there twice, of which the last counts", '{"id":"ffffff","ip":"no IP","flag":"new",'],
])("%s does no harm", async (_what, more) => {
  const body = `${more}${JSON.stringify(update).slice(1)}`;
  expect((await call(body)).status).toBe(200);
  expect(started).toEqual([{ ...update, ec2InstanceId: EC2 }]);
  expect(Object.hasOwn(started[0] as object, "__proto__")).toBe(false);
  expect({}).not.toHaveProperty("admin");
});

test("what stands under a prototype's key alone is not there", async () => {
  const { status, body } = await call(`{"__proto__":${JSON.stringify(update)}}`);
  expect({ status, field: body.field }).toEqual({ status: 400, field: "flag" });
});

test("of a field that is there twice, a malformed last one is named", async () => {
  const { status, body } = await call(`${JSON.stringify(update).slice(0, -1)},"ip":"no IP"}`);
  expect({ status, field: body.field }).toEqual({ status: 400, field: "ip" });
});

test("a refusal is answered with its reason", async () => {
  outcome = { registered: false, reason: "ID_TAKEN" };
  expect(await call(JSON.stringify(anew))).toEqual({ status: 200, body: { registered: false, reason: "ID_TAKEN" } });
});

test.each(["2001:db8::1", "::1", "::ffff:10.0.0.4", "255.255.255.255"])("%s is an IP", async (ip) => {
  expect((await call(JSON.stringify({ ...update, ip }))).status).toBe(200);
});

test.each<[string, string, unknown]>([
  ["id", "an ID of five characters", { ...update, id: "0a1b2" }],
  ["id", "an ID of seven characters", { ...update, id: "0a1b2c3" }],
  ["id", "an ID in upper case", { ...update, id: "0A1B2C" }],
  ["id", "an ID with a path", { ...update, id: "../a1b" }],
  ["id", "an ID with a line break", { ...update, id: "0a1b2c\n" }],
  ["id", "an ID that is a number", { ...update, id: 123456 }],
  ["id", "no ID", { ip: "::1", flag: "update" }],
  ["ip", "an IP that is none", { ...update, ip: "10.0.0" }],
  ["ip", "a host's name", { ...update, ip: "localhost" }],
  ["ip", "a number beyond a byte", { ...update, ip: "10.0.0.256" }],
  ["ip", "a network", { ...update, ip: "10.0.0.0/8" }],
  ["ip", "no IP", { id: ID, flag: "update" }],
  ["flag", "an unknown flag", { ...update, flag: "delete" }],
  ["flag", "no flag", { id: ID, ip: "::1" }],
  ["publicKey", "a new instance without a public key", { ...update, flag: "new" }],
  ["publicKey", "a public key of 63 characters", { ...anew, publicKey: hex64Of("x").slice(1) }],
  ["publicKey", "a malformed public key, where none is needed", { ...update, publicKey: "x" }],
  ["publicKey", "a public key in upper case", { ...anew, publicKey: hex64Of("x").toUpperCase() }],
  ["id", "a rekey without an ID", { ...rekey, id: undefined }],
  ["ip", "a rekey without an IP", { ...rekey, ip: undefined }],
  ["publicKey", "a rekey without a public key", { ...rekey, publicKey: undefined }],
  ["publicKey", "a rekey with a malformed public key", { ...rekey, publicKey: "x" }],
  ["publicKey", "a rekey with a low-order public key", { ...rekey, publicKey: "00".repeat(32) }],
  ["generation", "a rekey without a generation", { ...rekey, generation: undefined }],
  ["generation", "a rekey to generation zero", { ...rekey, generation: 0 }],
  ["generation", "a rekey to half a generation", { ...rekey, generation: 1.5 }],
  ["generation", "a rekey whose generation is a text", { ...rekey, generation: "5" }],
  ["generation", "a rekey beyond all generations", { ...rekey, generation: 2 ** 53 }],
  ["nonce", "a rekey without a nonce", { ...rekey, nonce: undefined }],
  ["nonce", "a rekey with an empty nonce", { ...rekey, nonce: "" }],
  ["nonce", "a rekey with a nonce of 63 characters", { ...rekey, nonce: rekey.nonce.slice(1) }],
  ["nonce", "a rekey with a nonce in upper case", { ...rekey, nonce: rekey.nonce.toUpperCase() }],
  ["nonce", "a rekey with two nonces", { ...rekey, nonce: [rekey.nonce, rekey.nonce] }],
  ["body", "an array", [update]],
  ["body", "null", null],
  ["body", "a number", 5],
])("400 names %s: %s", async (field, _what, body) => {
  const { status, body: answer } = await call(JSON.stringify(body));
  expect({ status, field: answer.field }).toEqual({ status: 400, field });
  expect(answer.error).toContain(field);
  expect(started).toEqual([]);
});

test.each<[string, unknown]>([
  ["publicKey must be", { ...update, flag: "new" }],
  ["id must be", { ...update, id: 123456 }],
  ["ip must be", { id: ID, flag: "update" }],
  ["body must be an object", [update]],
  ["body must be an object", 5],
])("the answer says what would be right: %s", async (sentence, body) => {
  expect((await call(JSON.stringify(body))).body.error).toContain(sentence);
});

test("a low-order public key is malformed input", async () => {
  const { status, body } = await call(JSON.stringify({ ...anew, publicKey: "00".repeat(32) }));
  expect({ status, field: body.field }).toEqual({ status: 400, field: "publicKey" });
  expect(started).toEqual([]);
});

test.each([undefined, "", "{", "id=0a1b2c&ip=10.0.0.4", '{"id":"0a1b2c",}'])(
  "a body that is no JSON (%s) is a 400 of the body",
  async (body) => {
    expect(await call(body)).toEqual({ status: 400, body: { error: "The body is no JSON.", field: "body" } });
    expect(started).toEqual([]);
  },
);

test("a body that is too long is a 400, however it is encoded", async () => {
  const long = JSON.stringify({ ...update, more: "x".repeat(10_000_000) });
  for (const [body, isBase64Encoded] of [
    [long, false],
    [Buffer.from(long).toString("base64"), true],
  ] as const) {
    const answer = await call(body, { isBase64Encoded });
    expect({ status: answer.status, field: answer.body.field }).toEqual({ status: 400, field: "body" });
  }
  expect(started).toEqual([]);
});

test("an answer repeats no value that was sent", async () => {
  const { body } = await call(JSON.stringify({ ...anew, publicKey: "5ec2e75ec2e7", id: "5ec2e7-not-an-id" }));
  expect(JSON.stringify(body)).not.toContain("5ec2e7");
});

test.each([
  ["an unsigned call", null],
  ["another role", iamOf({ role: "AROASOMEOTHERROLE0000" })],
  ["another account", iamOf({ account: "111111111111" })],
  ["a session that is no instance", iamOf({ session: "operator" })],
])("%s is a 403 that tells nothing about the body", async (_who, iam) => {
  for (const body of [JSON.stringify(anew), "{"]) {
    expect(await call(body, { iam })).toEqual({
      status: 403,
      body: { error: "The caller is no instance of this fleet." },
    });
  }
  expect(started).toEqual([]);
});

test("only POST registers", async () => {
  expect((await call(JSON.stringify(anew), { method: "GET" })).status).toBe(405);
  expect(started).toEqual([]);
});

test.each([null, {}, { registered: true }, { registered: false, reason: "BECAUSE" }, { ...registered, key: "0" }])(
  "an outcome that nobody declared (%j) fails the registration",
  async (odd) => {
    outcome = odd;
    await expect(call(JSON.stringify(anew))).rejects.toMatchObject({ name: "RegistrationFailed" });
  },
);

test.each([
  ["Keyturn.SomeError", "RegistrationFailed", []],
  ["States.Runtime", "RegistrationCutOff", ["Registration CUT_OFF"]],
])("a flow that ends with %s is %s, and counted where it has told nobody", async (name, raised, counted) => {
  outcome = Object.assign(new Error("It ended."), { name });
  await expect(call(JSON.stringify(anew))).rejects.toMatchObject({ name: raised });
  expect(journal.counts).toEqual(counted);
});
