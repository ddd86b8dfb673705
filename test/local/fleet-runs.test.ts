import { expect, test } from "vitest";
import { FleetRuns } from "../../local/fleet-runs.ts";
import { introduction } from "../../local/introduction.ts";
import type { Options } from "../../local/options.ts";
import { flowArn, liveArn } from "../../local/roles.ts";

const change = (flow: "rotation" | "fleet-rotation", name: string, status: string, more: object = {}) => ({
  executionArn: `${flowArn(flow)}:${name}`,
  stateMachineArn: flowArn(flow),
  ...{ status, input: "{}", output: null, error: null },
  ...more,
});
const turning = { input: JSON.stringify({ id: "0a1b2c", gather: true }) };
const rotated = { ...turning, output: JSON.stringify({ outcome: "ROTATED" }) };
const ofRun = (name: string) => ({
  ...{ due: 1, turned: 1, skipped: 0, failed: 0 },
  execution: `${flowArn("fleet-rotation")}:${name}`,
});

test("a rotation that two runs wait for is told once, with its name, whichever of them ends first", () => {
  for (const order of [
    ["first", "second"],
    ["second", "first"],
  ]) {
    const runs = new FleetRuns();
    runs.note(change("fleet-rotation", "first", "RUNNING"));
    runs.note(change("rotation", "r", "RUNNING", turning));
    runs.note(change("fleet-rotation", "second", "RUNNING"));
    runs.note(change("rotation", "r", "SUCCEEDED", rotated));
    const told = order.flatMap((name) => runs.sentence(ofRun(name)) ?? []);
    expect(told).toEqual(["1 due: 1 turned (0a1b2c), 0 skipped, 0 failed."]);
  }
});

test("what is told to be typed starts a rotation by its alias, as everything does", () => {
  const aws = {
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  const text = introduction(aws, { agents: 1, everySeconds: 30, data: "x" } as Options);
  expect(/start-execution .*--state-machine-arn (\S+)/.exec(text)?.[1]).toBe(liveArn("rotation"));
});
