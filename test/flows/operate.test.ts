import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { BusEvent } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { liveArn } from "../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
let sfn: SFNClient;
const told: BusEvent[] = [];
beforeAll(async () => {
  fleet = await startTestFleet(1, { onEvent: (event) => told.push(event) });
  const { endpoint, region, credentials } = fleet.aws;
  sfn = new SFNClient({ endpoint, region, credentials });
});
afterAll(() => fleet.close());

/** Starts an execution of operate, as a person does, and waits for its end. */
async function operate(input: object, name?: string) {
  const start = { stateMachineArn: liveArn("operate"), input: JSON.stringify(input), ...(name && { name }) };
  const { executionArn = "" } = await sfn.send(new StartExecutionCommand(start));
  const { status, output = "null", error, cause } = await fleet.ended(executionArn);
  return status === "SUCCEEDED" ? JSON.parse(output) : { error, cause };
}

test("a drill comes on the bus and by mail, and ends, each time anew", async () => {
  for (const name of ["drill-1", "drill-2"]) {
    expect(await operate({ act: "drill", reason: "a test", requestedBy: "me" }, name)).toEqual({ outcome: "DRILLED" });
    const events = () => told.filter(({ detail }) => detail.subject === name).map((event) => event["detail-type"]);
    await until(() => events().length === 2, "both events");
    expect(events()).toEqual(["Finding Opened", "Finding Ended"]);
  }
  await until(() => fleet.aws.inbox.list().length === 2, "both mails");
  const mails = fleet.aws.inbox.list();
  expect(mails.map(({ subject }) => subject)).toEqual(["Keyturn: Drill on drill-1", "Keyturn: Drill on drill-2"]);
  expect(mails[0]?.text).toContain("Asked for by me, as claimed. The reason given: a test");
});

test("a quarantine holds until the release, and what is retired stays so", async () => {
  const [record] = await fleet.records();
  const id = record?.id ?? "";
  expect(await operate({ act: "quarantine", id })).toEqual({ outcome: "QUARANTINED", id });
  expect(JSON.parse((await fleet.rotate(id)).output ?? "null")).toEqual({ outcome: "QUARANTINED" });
  expect(await operate({ act: "quarantine", id })).toEqual({ outcome: "QUARANTINED", id });
  expect(await operate({ act: "release", id })).toEqual({ outcome: "RELEASED", id });
  expect((await fleet.record(id)).status).toBe("ACTIVE");
  expect(await operate({ act: "release", id })).toEqual({ outcome: "NOT_QUARANTINED", id });
  expect(JSON.parse((await fleet.rotate(id)).output ?? "null")).toMatchObject({ outcome: "ROTATED" });
  for (const act of ["retire", "retire", "quarantine", "release"]) {
    expect(await operate({ act, id }), act).toEqual({ outcome: "RETIRED", id });
  }
});

test("what cannot be done is told whoever asked, and nobody is mailed", async () => {
  const mails = fleet.aws.inbox.list().length;
  expect(await operate({ act: "release", id: "ffffff" })).toEqual({
    error: "Keyturn.UnknownId",
    cause: "No instance is registered under ffffff, so nothing was done. Look at the ID.",
  });
  expect(await operate({ act: "release", id: "FFFFFF" })).toEqual({
    error: "Keyturn.InvalidInput",
    cause: "validate-act: id must be 6 lower-case hexadecimal characters",
  });
  expect(fleet.aws.inbox.list()).toHaveLength(mails);
});
