import { App, Stack } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { contract } from "../../functions/rotation/push-to-instance/contract.ts";
import type { StepContract } from "../../functions/shared/contract.ts";
import { USABLE, type Uses } from "../../functions/shared/uses.ts";
import { Data } from "../../infra/data.ts";
import { rightsOf } from "../../infra/rights.ts";
import { checkSettings } from "../../infra/settings.ts";
import { shippedSettings } from "./synthesized.ts";

const settings = checkSettings(shippedSettings());
const stack = new Stack(new App(), "Stack");
const neighbours = {
  data: new Data(stack, "Data", settings),
  topicArn: "arn:aws:sns:us-east-1:000000000000:topic",
  busArn: "arn:aws:events:us-east-1:000000000000:event-bus/bus",
};

const actionsFor = (uses: Uses, timeSeries = settings.timeSeries) => {
  const step: StepContract = { ...contract, uses };
  return rightsOf(stack, step, { ...neighbours, timeSeries }).flatMap((statement) => statement.actions);
};

// @ts-expect-error: the compiler refuses the pair; this test asks whether the deployment does, too.
const TAGGING: Uses = { instances: ["ec2:CreateTags"] };
// @ts-expect-error: likewise.
const UNKNOWN_RESOURCE: Uses = { secrets: ["secretsmanager:GetSecretValue"] };

test.each([
  ["an action that the resource does not know", TAGGING, '"ec2:CreateTags" on instances'],
  ["a resource that nobody knows", UNKNOWN_RESOURCE, '"secretsmanager:GetSecretValue" on secrets'],
])("%s is refused, with the step and what to do", (_, uses, pair) => {
  const refusal = `The step rotation/push-to-instance uses ${pair}, for which no rights are known. Look up`;
  expect(() => actionsFor(uses)).toThrow(refusal);
});

test("every pair that is known becomes a right", () => {
  const { timeSeries: _series, unscoped, ...others } = USABLE;
  const known: string[] = Object.values(others).flat();
  const message =
    "Rights of steps, in infra: make a right of these pairs of functions/shared/uses.ts, or take them out there";
  const granted = actionsFor(others);
  expect(
    known.filter((action) => !granted.includes(action)),
    message,
  ).toEqual([]);
  expect(actionsFor({ unscoped }, "timestream"), message).toEqual(unscoped);
});

test.each([
  ["timestream", ["timestream:Select"]],
  ["dynamodb", ["dynamodb:Query", "kms:Decrypt", "kms:DescribeKey"]],
] as const)("samples are read in %s alone, if that is the store", (store, actions) => {
  expect(actionsFor({ timeSeries: USABLE.timeSeries }, store)).toEqual(actions);
});
