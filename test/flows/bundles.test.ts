import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { makeBundles } from "../../infra/bundles.ts";
import { liveArn } from "../../local/roles.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

// What CDK uploads is not the source: it is bundled and minified, and parts of the SDK are left out. So the ways of the
// flows are gone once over the very files that it uploads.

let folder: string;
let fleet: TestFleet;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-bundles-"));
  const bundles = await makeBundles(folder);
  fleet = await startTestFleet(2, { moduleOf: (step) => join(bundles.folderOf(functionNameOf(step)), "index.mjs") });
});
afterAll(async () => {
  await fleet.close();
  rmSync(folder, { recursive: true });
});

async function instances(): Promise<[InstanceRecord, InstanceRecord]> {
  const [first, second] = await fleet.records();
  if (first === undefined || second === undefined) throw new Error("two instances should have registered");
  return [first, second];
}

test.each(STEPS.map(functionNameOf))("%s runs from its bundle", async (name) => {
  const definition = fleet.aws.functions.list().find((one) => one.name === name);
  expect(definition?.modulePath).toBe(join(folder, "functions", name, "index.mjs"));
  // What no step takes: it is refused by the step's own check, or answered, and not by a module that does not load.
  const invocation = await fleet.aws.functions.invoke(name, { nonsense: true });
  if (!invocation.ok) expect(invocation.errorType).toBe("InvalidInput");
});

test("a rotation turns a key", async () => {
  const [{ id }] = await instances();
  const { output } = await fleet.rotate(id);
  expect(JSON.parse(output ?? "{}")).toMatchObject({ outcome: "ROTATED", generation: 2 });
});

test("a run of the fleet tells what it did", async () => {
  const { endpoint, region, credentials } = fleet.aws;
  const sfn = new SFNClient({ endpoint, region, credentials });
  const started = await sfn.send(
    new StartExecutionCommand({ stateMachineArn: liveArn("fleet-rotation"), input: "{}" }),
  );
  const { status } = await fleet.ended(started.executionArn ?? "");
  expect(status).toBe("SUCCEEDED");
});

test("a tampered key is mailed, and an instance that is terminated is retired", async () => {
  const [, { id, ec2InstanceId }] = await instances();
  const file = join(keyFolder(fleet.aws, ec2InstanceId), "key.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), key: "0".repeat(64) }));
  expect((await fleet.rotate(id)).status).toBe("FAILED");
  // As long as the newest sample is one of the right key, it is the instance that refuses.
  const told = new RegExp(`^Keyturn: (MISMATCH|PushRefused) on ${id} \\(${ec2InstanceId}\\)$`);
  await until(() => fleet.aws.inbox.list().find(({ subject }) => told.test(subject)), "the mail");

  const { endpoint, region, credentials } = fleet.aws;
  const ec2 = new EC2Client({ endpoint, region, credentials });
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  await until(async () => (await fleet.records()).every((record) => record.id !== id), "the record to be retired");
});
