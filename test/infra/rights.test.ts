import { expect, test } from "vitest";
import { contract } from "../../functions/rotation/push-to-instance/contract.ts";
import type { StepContract } from "../../functions/shared/contract.ts";
import { USABLE, type Uses } from "../../functions/shared/uses.ts";
import { PARTS } from "../../infra/parts.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import { stepRights } from "../../infra/rights/steps.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import { rightsListed } from "./rights-listed.ts";

/** An ARN that tells what it is of; what it looks like on AWS does not matter here. */
const arns: Arns = {
  parts: PARTS,
  ...{ users: "users", usersWhoseKeysGo: "users", usersDenied: "users" },
  ...{ instanceTable: "table", keyMaterialKey: "key", nonceKey: "key", tableKey: "key" },
  ...{ findingTable: "table", ticketTable: "table", auditTable: "table", seals: "objects" },
  rotateFunction: "function",
  ...{
    credentialSecrets: ["secret"],
    databaseSecrets: ["login"],
    tokenSecrets: ["token"],
    keySecrets: ["key"],
    managerSecrets: ["manager"],
    managerUsers: ["user"],
    instanceSecrets: [],
  },
  ...{ alertTopic: "topic", eventBus: "bus", pushDocument: "document", allInstances: "*", endOfExecutions: "rule" },
  ...{ users: "users", usersWhoseKeysGo: "users", usersDenied: "users" },
  series: { timestream: "series" },
  fleetTag: { key: "keyturn", value: "instance" },
  function: ({ name }) => name,
  flow: (name) => name,
  executions: (name) => name,
  schedules: ["schedule"],
  stack: "stack",
  service: (name) => name,
};

const actionsFor = (uses: Uses, stores: SeriesStore[] = ["timestream"]) => {
  const step: StepContract = { ...contract, uses };
  const series = Object.fromEntries(stores.map((store) => [store, "series"]));
  return stepRights(step, { ...arns, series }).flatMap(({ Action }) => Action);
};

// @ts-expect-error: the compiler refuses the pair; this test asks whether the deployment does, too.
const TAGGING: Uses = { hosts: ["ec2:CreateTags"] };
// @ts-expect-error: likewise.
const UNKNOWN_RESOURCE: Uses = { secrets: ["secretsmanager:GetSecretValue"] };

test.each([
  ["an action that the resource does not know", TAGGING, '"ec2:CreateTags" on hosts'],
  ["a resource that nobody knows", UNKNOWN_RESOURCE, '"secretsmanager:GetSecretValue" on secrets'],
])("%s is refused, with the step and what to do", (_, uses, pair) => {
  const refusal = `The step rotation/push-to-instance uses ${pair}, for which no rights are known. Look up`;
  expect(() => actionsFor(uses)).toThrow(refusal);
});

test("every pair that is known becomes a right", () => {
  const { timeSeries: _series, unscoped, ...others } = USABLE;
  const known: string[] = Object.values(others).flat();
  const message =
    "infra/rights/steps.ts: make a right of these pairs of functions/shared/uses.ts, or take them out there";
  const granted = actionsFor(others);
  expect(
    known.filter((action) => !granted.includes(action)),
    message,
  ).toEqual([]);
  expect(actionsFor({ unscoped }, ["timestream"]), message).toEqual(unscoped);
});

test.each([
  [["timestream"], ["timestream:Select"]],
  [["dynamodb"], ["dynamodb:Query", "kms:Decrypt", "kms:DescribeKey"]],
  [
    ["timestream", "dynamodb"],
    ["timestream:Select", "dynamodb:Query", "kms:Decrypt", "kms:DescribeKey"],
  ],
] satisfies [SeriesStore[], string[]][])("samples are read in %j alone, if these are the stores", (stores, actions) => {
  expect(actionsFor({ timeSeries: USABLE.timeSeries }, stores)).toEqual(actions);
});

test("nobody may do more, or less, than is listed", async () => {
  const message =
    "Look at each line that is another: whoever stands above it may do just that on AWS. If it is meant, run this with -u, and " +
    "say in the commit why";
  await expect(rightsListed(), message).toMatchFileSnapshot("./rights-listed.txt");
});
