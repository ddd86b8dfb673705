import { expect, test } from "vitest";
import { exposedSentences } from "../../../local/exposed/sentences.ts";
import { flowArn } from "../../../local/roles.ts";

const KEY = "AKIAIOSFODNN7EXAMPLE";
const went = (status: string, more: Record<string, unknown> = {}) =>
  exposedSentences("Step Functions Execution Status Change", {
    ...{ stateMachineArn: flowArn("exposed-key"), name: "health-1", status },
    ...more,
  });
const shut = (...keys: object[]) => went("SUCCEEDED", { output: JSON.stringify({ outcome: "SHUT", keys }) });

test("an execution is told when it begins, and at its end what was done with each key", () => {
  expect(went("RUNNING")).toEqual(["EXPOSED  an execution of exposed-key has begun: health-1."]);
  expect(shut({ accessKeyId: KEY, owner: "USER", done: ["DEACTIVATED", "SESSIONS_DENIED"] })).toEqual([
    `${KEY}  is over: DEACTIVATED, SESSIONS_DENIED; CloudTrail was asked twice what was done with it.`,
  ]);
  expect(
    shut({ accessKeyId: KEY, owner: "ROOT", done: [] }, { accessKeyId: "ASIAX", owner: "ELSE", done: [] }),
  ).toEqual([
    `${KEY}  was not touched: it is the root user's, which only he can shut.`,
    "ASIAX  was not touched: ELSE.",
  ]);
  expect(shut()).toEqual(["EXPOSED  no key was named that could be shut."]);
});

test("one that fails is told in its own words, and one of another flow is not", () => {
  const cause = "What could not be done: LookUpUse. People were told.";
  expect(went("FAILED", { error: "Keyturn.StepsFailed", cause })).toEqual([`EXPOSED  StepsFailed: ${cause}`]);
  expect(went("ABORTED")).toEqual(["EXPOSED  ABORTED: its history says why."]);
  expect(went("RUNNING", { stateMachineArn: flowArn("rotation") })).toEqual([]);
});
