import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { API, BY_IAM, NETWORK, ORDERS, SHOP, SHORT, WITH_CREDENTIALS, WITH_TOKENS } from "./credential-settings.ts";
import { account } from "./suites/account.ts";
import { alarms, alarmsOfParts } from "./suites/alarms.ts";
import { apart, OTHER } from "./suites/apart.ts";
import { asynchronous } from "./suites/asynchronous.ts";
import { cfnLint } from "./suites/cfn-lint.ts";
import { credentials } from "./suites/credentials.ts";
import { data } from "./suites/data.ts";
import { deployable } from "./suites/deployable.ts";
import { alone, elsewhere, exposedKeys, OTHERWISE_SHUT, shipped } from "./suites/exposed-keys.ts";
import { fleet } from "./suites/fleet.ts";
import { flows } from "./suites/flows.ts";
import { functions } from "./suites/functions.ts";
import { kept } from "./suites/kept.ts";
import { limits } from "./suites/limits.ts";
import { moving } from "./suites/moving.ts";
import { operate } from "./suites/operate.ts";
import { people } from "./suites/people.ts";
import { regions } from "./suites/regions.ts";
import { released } from "./suites/released.ts";
import { repeatable } from "./suites/repeatable.ts";
import { rights, rightsOfSteps } from "./suites/rights.ts";
import { tokens } from "./suites/tokens.ts";
import { wiring } from "./suites/wiring.ts";
import { EVERYTHING, type Synthesized, shippedSettings, synthesize } from "./synthesized.ts";

// Synthesis takes most of the time: it is done once for each store, for all suites.
const root = fileURLToPath(new URL("../..", import.meta.url));
const withTimestream = synthesize({ ...EVERYTHING, timeSeries: "timestream" });
const withDynamoDb = synthesize({ ...EVERYTHING, timeSeries: "dynamodb" });
const fromTimestream = synthesize({ ...EVERYTHING, timeSeries: "dynamodb", formerTimeSeries: "timestream" });
const fromDynamoDb = synthesize({ ...EVERYTHING, timeSeries: "timestream", formerTimeSeries: "dynamodb" });
const withCredentials = synthesize({ ...EVERYTHING, ...WITH_CREDENTIALS });
const withTokens = synthesize({ ...EVERYTHING, ...WITH_TOKENS });

/** Some of the settings, as a large company has them. */
const OF_A_COMPANY = {
  logRetentionDays: 2557,
  instanceType: "m7g.large",
  vpcId: "vpc-0123456789abcdef0",
  existingRoles: { Web: "AROA0123456789ABCDEF" },
  eventSenders: ["arn:aws:iam::111122223333:role/Deployer"],
  tags: { Team: "Platform" },
  timeSeries: "dynamodb",
  formerTimeSeries: "timestream",
  stackName: "Blue",
  permissionsBoundary: "Boundary",
  bootstrapQualifier: "platform",
  credentials: [ORDERS, SHOP, API, SHORT],
  credentialNetwork: NETWORK,
  exposedKeys: OTHERWISE_SHUT,
};

/** Every setting with another value than the one that is shipped, those that do not meet together. */
const OTHERWISE = [
  {
    alertEmails: ["on-call@example.com", "second@example.com"],
    rotateEveryHours: 8760,
    schedule: {
      expression: "cron(0 3 * * ? *)",
      timeZone: "Europe/Berlin",
      flexibleMinutes: 60,
      silentAfterHours: 168,
    },
    watch: { freshnessMinutes: 1, proofMinutes: 1440 },
    drill: { schedule: "rate(30 days)" },
    audit: { keepYears: 1, bucket: "seals-of-the-account" },
    fleetSize: 10_000,
    nonce: "none",
    sampleIntervalSeconds: 10,
    allowedSkewSeconds: 600,
    pushTimeoutSeconds: 1300,
    maxConcurrency: 1000,
    toleratedFailureShare: 0,
  },
  OF_A_COMPANY,
];

test("every setting is synthesized with another value, too", () => {
  const otherwise = new Set(OTHERWISE.flatMap((changes) => Object.keys(changes)));
  expect(
    Object.keys(shippedSettings()).filter((name) => !otherwise.has(name)),
    "Give these another value in OTHERWISE here, so that the template is made with it too; see docs/changing.md",
  ).toEqual([]);
});

for (const [store, given] of [
  ["timestream", withTimestream],
  ["dynamodb", withDynamoDb],
] as const) {
  rights([store], given);
  fleet([store], given);
  data([store], given);
  deployable(`timeSeries ${store}`, given);
  limits(`timeSeries ${store}`, given);
  regions(`timeSeries ${store}`, given);
  released(store, given);
  kept(store, given);
  const other = synthesize({ ...EVERYTHING, timeSeries: store, stackName: OTHER });
  apart(store, given, other);
  kept(`${store} and another name`, other, { stackName: OTHER });
}
for (const given of [fromTimestream, fromDynamoDb]) {
  const both = ["timestream", "dynamodb"];
  rights(both, given);
  fleet(both, given);
  data(both, given);
}
deployable("formerTimeSeries dynamodb", fromDynamoDb);
limits("formerTimeSeries dynamodb", fromDynamoDb);
moving("Timestream to DynamoDB", [withTimestream, fromTimestream, withDynamoDb]);
moving("DynamoDB to Timestream", [withDynamoDb, fromDynamoDb, withTimestream]);
// The linter takes ten seconds for each: between them these have every resource, and each setting with two values.
const linted: Record<string, Synthesized> = { "dynamodb after timestream": fromTimestream };
for (const changes of OTHERWISE) {
  const [settings, otherwise] = [Object.keys(changes).join(", "), synthesize(changes)];
  linted[settings] = otherwise;
  deployable(settings, otherwise);
  limits(settings, otherwise);
  regions(settings, otherwise);
  if (changes === OF_A_COMPANY) account(OF_A_COMPANY, otherwise);
  if ("drill" in changes) operate(withTimestream, otherwise);
}
rights(["dynamodb"], withTokens);
deployable("tokens", withTokens);
limits("tokens", withTokens);
released("dynamodb", withTokens);
tokens(withCredentials, {
  alone: withTokens,
  both: synthesize({ credentials: [ORDERS, API, SHORT], credentialNetwork: NETWORK, timeSeries: "timestream" }),
  changed: synthesize({
    ...WITH_TOKENS,
    credentials: [
      { ...API, tokenUrl: API.probeUrl, keys: ["a", "b"], tokenLifetime: "90 days", schedule: "half-life" },
      SHORT,
    ],
    tags: { Team: "Platform" },
  }),
});
rights(["dynamodb"], withCredentials);
deployable("credentials", withCredentials);
limits("credentials", withCredentials);
released("dynamodb", withCredentials);
repeatable(
  synthesize({ ...EVERYTHING, ...WITH_CREDENTIALS }, { context: { "keyturn:first": "true" } }),
  withCredentials,
);
credentials(withDynamoDb, {
  given: withCredentials,
  byNat: synthesize({
    ...WITH_CREDENTIALS,
    credentialNetwork: NETWORK,
    credentials: [{ ...ORDERS, manager: BY_IAM }, SHOP],
  }),
  moved: synthesize({
    ...WITH_CREDENTIALS,
    credentials: [{ ...ORDERS, hosts: ["orders.cluster-b.eu-west-1.rds.amazonaws.com"] }, SHOP],
  }),
});
limits("the longest stackName", synthesize({ stackName: "K".repeat(20) }));
limits(
  "as many roles and senders as the settings take",
  synthesize({
    ...EVERYTHING,
    stackName: "K".repeat(20),
    existingRoles: Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`Role${i}`, `AROA0123456789ABCDE${100 + i}`]),
    ),
    eventSenders: Array.from(
      { length: 52 },
      (_, i) => `arn:aws:iam::111122223333:role/a-role-with-a-long-name${10 + i}`,
    ),
  }),
);
limits(
  "as many credentials as the settings take",
  synthesize({
    ...WITH_CREDENTIALS,
    stackName: "K".repeat(20),
    credentials: Array.from({ length: 6 }, (_, i) => ({ ...ORDERS, name: `orders/${i}`, port: 5432 + i })),
  }),
);
exposedKeys(withTimestream);
for (const [settings, given] of Object.entries({
  "what is shipped": shipped,
  "exposed keys alone": alone,
  "exposed keys elsewhere": elsewhere,
})) {
  deployable(settings, given);
  limits(settings, given);
}
// What is in the others is in those with everything, too.
linted["exposed keys elsewhere"] = elsewhere;
regions("what is shipped", shipped);
rights(["dynamodb"], shipped);
rightsOfSteps([], elsewhere);
kept("exposed keys alone", alone, { parts: ["exposed-keys"] });
alarmsOfParts(["fleet"], shipped);
alarmsOfParts(["exposed-keys"], elsewhere);
cfnLint(linted);
repeatable(
  synthesize({ ...EVERYTHING, timeSeries: "timestream" }, { context: { "keyturn:first": "true" } }),
  withTimestream,
);
functions(withTimestream);
flows(withTimestream);
asynchronous(withTimestream);
alarms(
  withTimestream,
  globSync("functions/*/*/step.ts", { cwd: root }).map((path) => readFileSync(`${root}/${path}`, "utf8")),
);
wiring(withTimestream);
people("everything", withTimestream);
people("exposed keys elsewhere", elsewhere);
