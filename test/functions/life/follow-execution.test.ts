import { expect, test } from "vitest";
import { followExecution } from "../../../functions/life/follow-execution/step.ts";
import { controlPlane, duesOf, EC2, EXECUTION, ID, LINE, NOW } from "../support.ts";

const RUN = "arn:aws:states:us-east-1:000000000000:execution:keyturn-fleet-rotation:run-1";
const rotation = { executionArn: EXECUTION, name: "0a1b2c-1", status: "TIMED_OUT", input: `{"id":"${ID}"}` };
const run = { executionArn: RUN, name: "run-1", status: "ABORTED", input: "{}" };
const of = (detail: object) => ({ time: new Date(NOW - 1000).toISOString(), detail: { ...rotation, ...detail } });

test("a rotation that ended before it could tell is mailed of, with its instance and what to do", async () => {
  const plane = await controlPlane();
  expect(await followExecution(of({}), plane)).toEqual({});
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: ExecutionCutOff on ${ID} (${EC2})`);
  for (const part of [
    "The execution 0a1b2c-1 ended TIMED_OUT.",
    "section ExecutionCutOff",
    "Open the execution",
    `#/v2/executions/details/${EXECUTION}`,
  ]) {
    expect(mail?.text).toContain(part);
  }
  expect(plane.bus.events).toEqual([
    {
      detailType: "Finding Opened",
      detail: { subject: ID, cause: "ExecutionCutOff", since: NOW, execution: EXECUTION },
    },
  ]);
});

test("the error and the cause that it ended with are in the mail, cut where they are long", async () => {
  for (const [detail, said] of [
    [{ error: "States.Runtime", cause: "It has no field." }, ", with States.Runtime: It has no field."],
    [{ error: "States.Runtime", cause: null }, ", with States.Runtime"],
    [{ error: null, cause: null }, "."],
    [{ error: "x".repeat(9000) }, `, with ${"x".repeat(500)}`],
  ] as const) {
    const plane = await controlPlane();
    await followExecution(of({ status: "FAILED", ...detail }), plane);
    expect(plane.mail.sent[0]?.text).toContain(`Cause:      The execution 0a1b2c-1 ended FAILED${said}\n`);
  }
});

test("one of a deployment of another name is told of under the same flow", async () => {
  const plane = await controlPlane();
  await followExecution(of({ ...run, executionArn: RUN.replace("keyturn-", "blue-") }), plane);
  expect(plane.mail.sent.map(({ subject }) => subject)).toEqual(["Keyturn: ExecutionCutOff on fleet-rotation"]);
});

test.each([
  ['{"secret":"orders/db"}', "orders/db"],
  // No credential has such a name: it would be taken for an instance.
  ['{"secret":"0a1b2c"}', "credential"],
  ['{"secret":"a b"}', "credential"],
])("a turn of a credential that was started with %s is told of as %s", async (input, subject) => {
  const plane = await controlPlane();
  const executionArn = EXECUTION.replace("keyturn-rotation", "keyturn-credential");
  await followExecution(of({ input, executionArn }), plane);
  expect(plane.mail.sent.map((mail) => mail.subject)).toEqual([`Keyturn: ExecutionCutOff on ${subject}`]);
});

test.each([null, undefined, "no JSON", "null", "[]", '"text"', '{"id":"FFFFFF"}', '{"id":{}}', "{}"])(
  "what was started with %s is told of its flow, and so once",
  async (input) => {
    const plane = await controlPlane();
    for (const name of ["one", "two"]) {
      await followExecution(of({ input, name, executionArn: EXECUTION.replace("0a1b2c-1", name) }), plane);
    }
    expect(plane.mail.sent.map(({ subject }) => subject)).toEqual(["Keyturn: ExecutionCutOff on rotation"]);
  },
);

test("each execution about exposed keys that ended before it could tell is told of by itself: nobody tries again", async () => {
  const plane = await controlPlane();
  for (const name of ["event-1", "event-2"]) {
    const executionArn = `arn:aws:states:us-east-1:000000000000:execution:keyturn-exposed-key:${name}`;
    await followExecution(of({ status: "FAILED", error: "ExposureUntold", input: "{}", name, executionArn }), plane);
  }
  expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([
    "Keyturn: ExecutionCutOff on event-1",
    "Keyturn: ExecutionCutOff on event-2",
  ]);
});

test("runs over the fleet that are all cut off are one mail, and are taken for no storm of instances", async () => {
  const plane = await controlPlane();
  for (let n = 0; n < 96; n += 1) {
    await followExecution(of({ ...run, name: `run-${n}`, executionArn: `${RUN}${n}` }), plane);
    plane.clock.at += 1000;
  }
  expect(plane.mail.sent.map(({ subject }) => subject)).toEqual(["Keyturn: ExecutionCutOff on fleet-rotation"]);
  await followExecution(of({}), plane);
  expect(plane.mail.sent.at(-1)?.subject).toBe(`Keyturn: ExecutionCutOff on ${ID} (${EC2})`);
});

test("each is counted by its flow, once it is told of", async () => {
  const plane = await controlPlane();
  await followExecution(of({}), plane);
  await followExecution(of(run), plane);
  expect(plane.journal.counts).toEqual(["ExecutionCutOff rotation", "ExecutionCutOff fleet-rotation"]);
});

test("an event that comes twice is one mail", async () => {
  const plane = await controlPlane();
  await Promise.all([followExecution(of({}), plane), followExecution(of({}), plane)]);
  await followExecution(of({}), plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a rotation that was cut off has failed as another does: it is tried again soon, and has its audit line, once", async () => {
  const plane = await controlPlane();
  const input = `{"id":"${ID}","trigger":"event","detail":{"requestedBy":"Ann"}}`;
  for (let times = 0; times < 2; times += 1) await followExecution(of({ input }), plane);
  const { failingSince, dueAt } = await plane.record();
  expect({ failingSince, dueAt }).toEqual({ failingSince: NOW, dueAt: NOW + 15 * 60_000 });
  const details = {
    what: "ExecutionCutOff",
    generation: 1,
    execution: "0a1b2c-1",
    trigger: "event",
    requestedBy: "Ann",
  };
  expect(await duesOf(plane)).toEqual([["failed", details]]);
  expect(plane.mail.sent[0]?.text).toContain("Next try:");
});

test("of a rotation that had turned the key, or whose record is gone, nothing is noted", async () => {
  const turned = await controlPlane();
  const record = turned.registry.records.get(ID);
  if (record !== undefined && "current" in record) record.current.execution = "0a1b2c-1";
  await followExecution(of({}), turned);
  expect(await turned.record()).not.toHaveProperty("failingSince");

  const gone = await controlPlane();
  await gone.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  await followExecution(of({}), gone);
  expect(gone.mail.sent).toHaveLength(1);
});
