import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type InstanceRecord, isRetired } from "../../functions/record/record.ts";
import { NAMES, RealAccount, until } from "./account.ts";

// The story of `npm run demo` on a real account, one chapter after the other on the same two instances. The account's
// own schedule may turn a key at any moment, so a generation is compared with the one before, not with a number.

let account: RealAccount;
let launched: string[] = [];
let subject: InstanceRecord;
let victim: InstanceRecord;

beforeAll(async () => {
  account = await RealAccount.open();
  launched = await account.launch(2);
  console.log(`Started ${launched.join(" and ")}, tagged keyturn-test.`);
  const [first = "", second = ""] = launched;
  subject = await account.registered(first);
  victim = await account.registered(second);
});

afterAll(async () => {
  if (launched.length > 0) await account.terminate(launched);
});

const generationOf = async ({ id }: InstanceRecord) => (await account.record(id)).current.generation;

/** Turns a key by hand; how that ended. */
async function rotate({ id }: InstanceRecord): Promise<string> {
  const { status, output, error } = await account.rotate(id);
  return `${status}: ${error ?? JSON.parse(output ?? "{}").outcome}`;
}

test("instances from the launch template register and prove their first keys", async () => {
  for (const record of [subject, victim]) {
    expect(record).toMatchObject({ status: "ACTIVE", ip: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) });
    await account.sampleAfter(record, 0);
  }
  expect(subject.id).not.toBe(victim.id);
});

test("a key is turned by hand, and the answer to the push itself ends what waits for it", async () => {
  const before = await generationOf(subject);
  const { status, output, error, executionArn = "" } = await account.rotate(subject.id);
  expect(`${status}: ${error ?? JSON.parse(output ?? "{}").outcome}`).toBe("SUCCEEDED: ROTATED");
  expect(await generationOf(subject)).toBeGreaterThan(before);
  const message =
    "SendTaskSuccess did not end the push: was end-push denied it (its log says)? If not, EventBridge lost the event: run this again";
  expect(await account.statesOf(executionArn), message).not.toContain("AskForReceipt");
});

test("EventBridge holds the bus to its policy, of which the senders are allowed and nobody else is", async () => {
  expect((await account.busStatements()).sort()).toEqual(["NobodyElse", "Senders"]);
});

test("the schedules start the watch and the run over the fleet through their aliases", async () => {
  // As shipped the run comes each quarter of an hour, which is longer than is waited for.
  await account.startedSince("watch", Date.now());
  await account.startedSince("fleet-rotation", Date.now() - 20 * 60_000);
});

test("people are told of an execution that is cut off: its event names the flow without the alias", async () => {
  await account.abort(await account.startRotation(subject.id));
  const finding = () => account.finding({ subject: subject.id, cause: "ExecutionCutOff" });
  await until(async () => (await finding())?.toldAt !== undefined, "people to be told of it");
});

test("an event has a key turned", async () => {
  const before = await account.record(subject.id);
  const askedAt = Date.now() - 1000;
  await account.request(subject.id);
  const { status, output } = await account.endedSince(subject.id, askedAt);
  expect(`${status}: ${JSON.parse(output ?? "{}").outcome}`).toBe("SUCCEEDED: ROTATED");
  const { current, pending } = await account.record(subject.id);
  expect(current.generation).toBeGreaterThan(before.current.generation);
  expect(current.ciphertext).not.toBe(before.current.ciphertext);
  expect(pending).toBeUndefined();
});

test("a forged ticket is refused by the agent and changes nothing", async () => {
  const { id, ec2InstanceId } = subject;
  const { current } = await account.record(id);
  const drawn = () => randomBytes(32).toString("hex");
  const forged = { id, generation: current.generation + 1, nonce: drawn(), proof: drawn() };
  await account.layTicket(ec2InstanceId, forged);
  const answer = await account.send(ec2InstanceId, NAMES.pushDocument);
  const refused = { id, generation: forged.generation, reason: "WRONG_PROOF" };
  expect(answer).toBe(`Failed: ${JSON.stringify({ refused })}`);
  expect((await account.record(id)).current).toEqual(current);
});

test("a stopped instance is waited for without alarm, and turned when it is back", async () => {
  const before = await generationOf(subject);
  await account.stop(subject.ec2InstanceId);
  await until(async () => (await account.record(subject.id)).status === "STOPPED", "the stop to be noted");
  expect(await rotate(subject)).toBe("SUCCEEDED: WAITING");

  const startedAt = Date.now();
  await account.start(subject.ec2InstanceId);
  await until(async () => (await account.record(subject.id)).status === "ACTIVE", "the start to be noted");
  await account.sampleAfter(subject, startedAt);
  expect(await rotate(subject)).toBe("SUCCEEDED: ROTATED");
  const { current, failingSince } = await account.record(subject.id);
  expect(current.generation).toBeGreaterThan(before);
  expect(failingSince).toBeUndefined();
});

test("a tampered key ends in MISMATCH, people are mailed, and the record keeps its key", async () => {
  // Once by hand first, so that the schedule has no reason to turn it in between.
  expect(await rotate(victim)).toBe("SUCCEEDED: ROTATED");
  const before = await account.record(victim.id);
  const script = `sed -i -E 's/("key": *")[0-9a-f]{64}/\\1${"0".repeat(64)}/' /var/lib/keyturn/key.json`;
  const answer = await account.send(victim.ec2InstanceId, "AWS-RunShellScript", { commands: script });
  expect(answer).toBe("Success: ");
  await account.sampleAfter(victim, Date.now());

  expect(await rotate(victim)).toBe("FAILED: Keyturn.MISMATCH");
  const { current, verdict } = await account.record(victim.id);
  expect(current).toEqual(before.current);
  expect(verdict).toBe("MISMATCH");
  const finding = await account.finding({ subject: victim.id, cause: "MISMATCH" });
  expect(finding).toMatchObject({ toldAt: expect.any(Number) });
});

test("alarms and dashboard have the figures that they look at", async () => {
  const wanted = { Rotation: "outcome=ROTATED service=keyturn", ExecutionCutOff: "flow=rotation service=keyturn" };
  for (const [name, dimensions] of Object.entries(wanted)) {
    await until(async () => (await account.dimensionsOf("Keyturn", name)).includes(dimensions), `the figure ${name}`);
  }
  // Nothing rests on these: whoever reads this learns what Step Functions counts of what is started through an alias.
  const own = await account.dimensionsOf("AWS/States", "ExecutionsSucceeded");
  console.log(`AWS/States counts ExecutionsSucceeded under ${own.filter((one) => one.includes("keyturn")).join(", ")}`);
});

test("of terminated instances tombstones are left, without key material", async () => {
  await account.terminate(launched);
  for (const { id, ec2InstanceId } of [subject, victim]) {
    const tombstone = await until(async () => {
      const record = await account.find(id);
      return record !== undefined && isRetired(record) && record;
    }, `${id} to be retired`);
    // Besides, what it takes to put its last audit line.
    const { auditHead: _, auditDue: __, ...left } = tombstone;
    expect(left).toEqual({ id, ec2InstanceId, status: "RETIRED", retiredAt: expect.any(Number) });
  }
  expect(await rotate(subject)).toBe("SUCCEEDED: RETIRED");
});
