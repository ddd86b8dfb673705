import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { dynamoCredentials } from "../../../functions/clients/credentials.dynamodb.ts";
import { dynamoRegistry } from "../../../functions/clients/registry.dynamodb.ts";
import type { Registry } from "../../../functions/clients/registry.ts";
import { dynamoTickets } from "../../../functions/clients/tickets.dynamodb.ts";
import { fakeVault } from "../../../functions/clients/vault.fake.ts";
import { EC2, EXECUTION, hex64Of, ID, LINE, NOW, recordOf, seededRandom, TestInstance } from "../support.ts";
import { answering, json, nameOf, refusal, type WireAnswer } from "./answering.ts";

const record = await recordOf(new TestInstance(), fakeVault(seededRandom()));
const owner = { holder: ID, cameAt: [] };
const [change, g] = [{ ec2InstanceId: EC2, at: NOW, dueAt: NOW }, { generation: 2 }];
const pending = {
  ...record.current,
  ...g,
  receiptDigest: hex64Of("digest"),
  ticketProof: hex64Of("proof"),
  pushes: {},
};

const agreed = {
  ...{ ciphertext: record.current.ciphertext, receiptDigest: hex64Of("digest") },
  ...{ agentPublic: hex64Of("agent"), serverPublic: hex64Of("server") },
};
const rekey = { ...g, nonce: hex64Of("nonce"), openedAt: NOW, execution: EXECUTION, pushes: {} };

/** What the registry reads, or writes without a condition. */
const UNCONDITIONAL = {
  find: (registry: Registry) => registry.find(ID),
  findByEc2Instance: (registry: Registry) => registry.findByEc2Instance(EC2),
  findOwner: (registry: Registry) => registry.findOwner(EC2),
  listDue: (registry: Registry) => registry.listDue({ at: NOW, limit: 10 }),
  listPage: (registry: Registry) => registry.listPage({ limit: 10 }),
  noteEnded: (registry: Registry) => registry.noteEnded(EC2, { at: NOW }),
} satisfies { [Name in keyof Registry]?: unknown };

/** Every other write, each with the answer that its condition did not hold. */
const WRITES: Record<
  Exclude<keyof Registry, keyof typeof UNCONDITIONAL>,
  [(registry: Registry) => Promise<unknown>, unknown]
> = {
  add: [(registry) => registry.add(record), false],
  writeOwner: [(registry) => registry.writeOwner(EC2, owner, { ...owner, version: 1 }), undefined],
  activate: [(registry) => registry.activate(ID, change), false],
  updateIp: [(registry) => registry.updateIp(ID, { ...change, ip: "10.0.0.4" }), false],
  setPending: [(registry) => registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW }), false],
  setPush: [
    (registry) => registry.setPush(ID, { ...g, execution: EXECUTION, push: { taskToken: "token", sentAt: NOW } }),
    undefined,
  ],
  forgetPushes: [(registry) => registry.forgetPushes(ID, { ...g, executions: [EXECUTION] }), false],
  promote: [
    (registry) =>
      registry.promote(ID, { ...change, ...g, receiptDigest: hex64Of("digest"), execution: EXECUTION, line: LINE }),
    undefined,
  ],
  openRekey: [(registry) => registry.openRekey(ID, { rekey, line: LINE }), false],
  agreeRekey: [(registry) => registry.agreeRekey(ID, { ...change, ...g, nonce: rekey.nonce, agreed }), false],
  promoteRekey: [
    (registry) =>
      registry.promoteRekey(ID, {
        ...change,
        ...g,
        receiptDigest: agreed.receiptDigest,
        execution: EXECUTION,
        line: LINE,
      }),
    undefined,
  ],
  bringForward: [
    (registry) => registry.bringForward(ID, { from: 1, key: { ...record.current, ...g }, at: NOW, line: LINE }),
    false,
  ],
  noteWaiting: [(registry) => registry.noteWaiting(ID, { ...change, ...g }), false],
  noteFailed: [
    (registry) => registry.noteFailed(ID, { ...change, ...g, execution: EXECUTION, verdict: "STALE", line: LINE }),
    false,
  ],
  noteJudged: [(registry) => registry.noteJudged(ID, { ...change, ...g, verdict: "MATCH" }), false],
  quarantine: [(registry) => registry.quarantine(ID, { line: LINE }), false],
  release: [(registry) => registry.release(ID, { line: LINE }), false],
  stop: [(registry) => registry.stop(ID, change), false],
  start: [(registry) => registry.start(ID, change), false],
  noteAbsent: [(registry) => registry.noteAbsent(ID, change), undefined],
  notePresent: [(registry) => registry.notePresent(ID, change), false],
  retire: [(registry) => registry.retire(ID, { ...change, line: LINE }), false],
  noteAudited: [
    (registry) => registry.noteAudited(ID, { known: undefined, head: { n: 1, digest: hex64Of("line") }, put: 1 }),
    false,
  ],
};

/** What DynamoDB may answer besides, and the name under which a flow hears of it. */
const OTHER_ERRORS = [
  ["ThrottlingException", 400, "TemporarilyUnavailable"],
  ["ProvisionedThroughputExceededException", 400, "TemporarilyUnavailable"],
  ["RequestLimitExceeded", 400, "TemporarilyUnavailable"],
  ["InternalServerError", 500, "TemporarilyUnavailable"],
  ["ServiceUnavailable", 503, "TemporarilyUnavailable"],
  ["AccessDeniedException", 400, "AccessDeniedException"],
  ["ResourceNotFoundException", 400, "ResourceNotFoundException"],
  ["ValidationException", 400, "ValidationException"],
] as const;

const NOT_HELD = refusal("ConditionalCheckFailedException");
const registryOver = (answer: WireAnswer) => dynamoRegistry(new DynamoDBClient(answering([answer])), "table");
const ticketsOver = (answers: WireAnswer[]) =>
  dynamoTickets(new DynamoDBClient(answering(answers)), { table: "table", partition: "aws", account: "000000000000" });
const ticket = { id: ID, generation: 2, nonce: hex64Of("nonce"), proof: hex64Of("proof") };
const lay = (answers: WireAnswer[]) => ticketsOver(answers).lay(EC2, ticket, { at: NOW });

describe("a write of the registry whose condition does not hold", () => {
  test.each(Object.entries(WRITES))("%s, says so", async (_, [write, answer]) => {
    expect(await write(registryOver(NOT_HELD))).toEqual(answer);
  });
});

const credentialsOver = (answer: WireAnswer) => dynamoCredentials(new DynamoDBClient(answering([answer])), "table");
const credential = { name: "orders/db", requested: [], sightings: [] };
const CREDENTIAL_WRITES = [undefined, { ...credential, version: 1 }];

test("a write of a credential's record whose condition does not hold says so", async () => {
  for (const before of CREDENTIAL_WRITES) {
    expect(await credentialsOver(NOT_HELD).write(credential, before)).toBeUndefined();
  }
});

describe.each(OTHER_ERRORS)("of DynamoDB's %s (%i), told as %s,", (code, status, name) => {
  test.each(Object.entries(WRITES))(
    "%s of the registry does not say that its condition did not hold",
    async (...each) => {
      const [write] = each[1];
      expect(await nameOf(write(registryOver(refusal(code, status))))).toBe(name);
    },
  );

  test.each(Object.entries(UNCONDITIONAL))("%s of the registry says nothing either", async (_, call) => {
    expect(await nameOf(call(registryOver(refusal(code, status))))).toBe(name);
  });

  test("no credential's record is taken to be another's, or none", async () => {
    for (const before of CREDENTIAL_WRITES) {
      expect(await nameOf(credentialsOver(refusal(code, status)).write(credential, before))).toBe(name);
    }
    expect(await nameOf(credentialsOver(refusal(code, status)).find("orders/db"))).toBe(name);
  });

  test("no ticket is taken to be a newer one, or none", async () => {
    expect(await nameOf(lay([refusal(code, status)]))).toBe(name);
    expect(await nameOf(lay([NOT_HELD, refusal(code, status)]))).toBe(name);
    expect(await nameOf(ticketsOver([refusal(code, status)]).find(EC2, ID))).toBe(name);
  });
});

test("a ticket is not laid where a newer one lies, which is told", async () => {
  const Item = { id: { S: ID }, generation: { N: "3" }, nonce: { S: ticket.nonce }, proof: { S: ticket.proof } };
  expect(await lay([NOT_HELD, json({ Item })])).toMatchObject({ generation: 3 });
});
