import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import { USABLE } from "../../functions/shared/uses.ts";
import type { StepName } from "../../functions/steps.ts";
import { PARTS } from "../../infra/parts.ts";
import { type Arns, arnsOf, credentialArnsOf, liveArnOf } from "../../infra/rights/arns.ts";
import { consumerRights, consumerRolesOf } from "../../infra/rights/consumers.ts";
import { flowRights, startRights, stepsCalledBy } from "../../infra/rights/flows.ts";
import { instanceRights } from "../../infra/rights/instances.ts";
import { networkRights } from "../../infra/rights/network.ts";
import { peopleRights } from "../../infra/rights/people.ts";
import { busPolicy, tableKeyPolicy, topicPolicy } from "../../infra/rights/policies.ts";
import type { ResourceStatement, Statement } from "../../infra/rights/statement.ts";
import { stepsThatMay, usesRights } from "../../infra/rights/steps.ts";
import { FLOWS, NAMES } from "../../infra/wiring.ts";
import { POLICIES } from "../../operator/contract.ts";

const arnOf = (service: string, resource: string) => `arn:${service}:${resource}`;

const DATABASE = {
  ...{ kind: "database", name: "orders/db", consumers: [{ role: "shop" }, { role: undefined }] },
  manager: { secret: "arn:secretsmanager:secret:orders/manager-AbCdEf" },
};
const BY_IAM = {
  ...DATABASE,
  name: "stock/db",
  consumers: [{ role: "service/stock" }],
  manager: { iamUser: "keyturn" },
};
const TOKEN = {
  ...{ kind: "token", name: "shop/token", keys: ["shop/key-1", "shop/key-2", "shop/key-1"] },
  consumers: [{ role: "arn:aws:iam::111122223333:role/shop" }],
};
const GIVEN = [DATABASE, BY_IAM, TOKEN];
// Of the settings, rights follow from these fields alone.
const CREDENTIALS = GIVEN as unknown as CredentialSettings[];

const MADE = {
  parts: PARTS,
  ...{ instanceTable: "instances", auditTable: "audit", findingTable: "findings", ticketTable: "tickets" },
  ...{ seals: "bucket/*", series: { timestream: "samples in Timestream", dynamodb: "samples in DynamoDB" } },
  ...{ keyMaterialKey: "key of keys", nonceKey: "key of nonces", tableKey: "key of tables" },
  ...{ alertTopic: "topic", eventBus: "bus", users: "users", usersWhoseKeysGo: "users", usersDenied: "users" },
  ...credentialArnsOf(arnOf, CREDENTIALS),
  instanceSecrets: ["secret of instances"],
  function: ({ flow, name }: StepName) => `function ${flow}/${name}`,
  service: (name: string) => `${name} of AWS`,
};
/** Everything that there can be, in one deployment. */
const ARNS: Arns = arnsOf(NAMES, arnOf, MADE);

/**
 * Every right that infra/rights gives to anybody, one a line: `dynamodb:GetItem on tickets if …`. Who gets it stands above,
 * after a `#`.
 */
export function rightsListed(): string {
  const { timestream, dynamodb } = ARNS.series;
  const none = { ...credentialArnsOf(arnOf, []), series: {}, seals: undefined };
  const alone: Arns = {
    ...ARNS,
    ...none,
    parts: ["exposed-keys"],
    usersWhoseKeysGo: undefined,
    usersDenied: undefined,
  };
  const parts: [who: string, rights: Statement[]][] = [
    ["an instance", instanceRights(ARNS)],
    ["an instance, samples in Timestream", instanceRights({ ...ARNS, series: { timestream }, instanceSecrets: [] })],
    ["an instance, samples in DynamoDB", instanceRights({ ...ARNS, series: { dynamodb }, instanceSecrets: [] })],
    ...consumerRolesOf(GIVEN, arnOf, (role) => `arn:role/${role}`).map((role): [string, Statement[]] => [
      `the consumer ${role.name}`,
      consumerRights(role, ARNS),
    ]),
    ["whoever may use all that there is", usesRights("somebody", USABLE, ARNS)],
    ["the same where there are only exposed keys", usesRights("somebody", USABLE, alone)],
    ["who only reads", usesRights("somebody", { instanceTable: ["dynamodb:GetItem"] }, ARNS)],
    ...POLICIES.map((policy): [string, Statement[]] => [`people: ${policy}`, peopleRights(policy, ARNS)]),
    ...FLOWS.map(({ name }): [string, Statement[]] => [`the flow ${name}`, flowRights(name, ARNS)]),
    ["what starts a watch", startRights("watch", ARNS)],
    ["a function in a network", networkRights("function")],
    ["the bus", busPolicy("account", ["sender"], ARNS)],
    ["the topic", topicPolicy("111122223333", ARNS)],
    ["the key of the tables", tableKeyPolicy()],
  ];
  const listed = parts.map(([who, rights]) => [`# ${who}`, ...rights.map(lineOf)].join("\n"));
  return `${[...listed, ...others()].join("\n\n")}\n`;
}

/** What rights are made of, elsewhere. */
function others(): string[] {
  const calls = FLOWS.map(({ name }) => `${name}: ${stepsCalledBy(name).map((step) => step.name)}`);
  const putting = stepsThatMay("events:PutEvents").map(({ flow, name }) => `${flow}/${name}`);
  return [
    ["# the steps that a flow calls", ...calls].join("\n"),
    ["# the steps that put events", ...putting].join("\n"),
    ["# what a watch is started by", liveArnOf(ARNS, "watch")].join("\n"),
  ];
}

function lineOf({ Sid, Effect, Action, Resource, Condition, ...others }: Statement | ResourceStatement): string {
  const who = "Principal" in others ? ` for ${JSON.stringify(others.Principal)}` : "";
  const condition = Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`;
  const what = `${Action.join(", ")} on ${Resource.join(", ")}`;
  return `${Sid === undefined ? "" : `${Sid}: `}${Effect === "Deny" ? "never " : ""}${what}${who}${condition}`;
}
