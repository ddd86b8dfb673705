import { execFile } from "node:child_process";
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCOUNT, arnOf, OPERATOR_KEYS, REGION } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, type TestContext, test } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { MANAGER_SECRET, ORDERS_SECRET } from "../../local/orders/orders.ts";
import { type Orders, startOrders } from "../../local/orders/start-orders.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import type { PostgresServer } from "../../local/postgres/server.ts";
import { startShop } from "../../local/shop/start-shop.ts";
import { EXAMPLE_KEY, exposeKey } from "../docs/exposed-key.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { serverFolder } from "../functions/postgres/under-test.ts";
import { run } from "../restart/keyturn.ts";
import { NPX } from "./npx.ts";
import { commandsOf, commandsToldIn, type Told, UNDER_WAY, withNamesOf } from "./told.ts";
import { type Cli, warmAws } from "./warm-aws.ts";

// What our documents tell people to type is typed here, but for the names, which are those of a fleet that runs.

/** Where Debian puts its awscli, whatever other `aws` there may be. */
const AWS = "/usr/bin/aws";
const isInstalled = existsSync(AWS);
const ROOT = join(import.meta.dirname, "../..");
/** Documents whose commands build on each other: test/docs types them from their beginning to their end. */
const TYPED_ELSEWHERE = ["docs/ten-minutes.md", "docs/consuming.md"];

const documents = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: ROOT }).sort()];
const isOfKeyturn = ({ command }: Told) => command.startsWith("npx keyturn ");
/** test/docs types the runbook's of keyturn; some need `npm start`, or end by Ctrl-C alone. */
const isElsewhere = ({ file, command }: Told) =>
  file === "docs/runbook.md" || / (?:mail|env|completion|open)\b| --watch\b/.test(command);
const told = documents
  .filter((file) => !TYPED_ELSEWHERE.includes(file))
  .flatMap(commandsToldIn)
  .filter((one) => !(isOfKeyturn(one) && isElsewhere(one)))
  // What several documents tell is typed once.
  .filter(({ command, onAws }, n, all) => all.findIndex((one) => one.command === command && one.onAws === onAws) === n);
/** Those that act on the one instance come first, in their order: who is in quarantine cannot be rekeyed beside that. */
const isInOrder = (one: Told) => isOfKeyturn(one) || one.command.includes("keyturn-operate:live");
/** Those that take something away for good come last. */
const isLast = ({ command }: Told) => /delete-table|delete-access-key/.test(command);
const here = told.filter(({ onAws }) => !onAws);

/** Commands that older versions of the CLI do not know, Debian's among them: what they say then is no mistake of ours. */
const NEWER = [
  / --no-deletion-protection-enabled\b/, // since 2.11
  /^aws stepfunctions (list-state-machine-versions|update-state-machine-alias) /, // since 2.12
];
const isUnknownToCli = ({ command }: Told, { error }: Ran) =>
  error.startsWith("usage: ") && NEWER.some((pattern) => pattern.test(command));
const TOO_OLD = `The AWS CLI at ${AWS} is too old to know it`;

const programs = findPrograms();
/** About the credential that several share, which there is only beside a database. */
const isOnCredential = ({ command }: Told) => command.includes(ORDERS_SECRET) || command.includes(MANAGER_SECRET);

/** A fleet whose samples are in Timestream, as shipped, beside a database, and one that keeps them in DynamoDB. */
let fleets: { shipped: TestFleet; dynamodb: TestFleet };
let values: { shipped: [string, string][]; dynamodb: [string, string][] };
let folder: string;
let cli: Cli;
let place: ReturnType<typeof serverFolder>;
let orders: (Orders & { server: PostgresServer }) | undefined;
let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  if (!isInstalled) return;
  folder = mkdtempSync(join(tmpdir(), "keyturn-told-"));
  cli = await warmAws(AWS, folder);
  writeFileSync(join(folder, "npx"), NPX, { mode: 0o755 });
  place = serverFolder();
  if (!("missing" in programs)) {
    const started = await startOrders(place.folder, { quietSeconds: 1, deadlineSeconds: 60 }, { outlasts: false });
    if ("missing" in started) throw new Error(started.missing);
    orders = started;
  }
  shop = await startShop(place.folder, { quietSeconds: 1, deadlineSeconds: 60, lifetimeSeconds: 3600 });
  fleets = {
    shipped: await startTestFleet(1, { shop, ...(orders && { orders }) }),
    dynamodb: await startTestFleet(1, { settings: { timeSeries: "dynamodb" } }),
  };
  values = { shipped: await valuesOf(fleets.shipped), dynamodb: await valuesOf(fleets.dynamodb) };
});
afterAll(async () => {
  if (!isInstalled) return;
  await Promise.all([fleets.shipped.close(), fleets.dynamodb.close()]);
  await orders?.server.remove();
  await shop.issuer.close();
  place.remove();
  await cli.close();
  rmSync(folder, { recursive: true });
});
beforeEach(({ skip }) => skip(!isInstalled, `Debian's awscli is not installed at ${AWS}`));

/** What stands in the documents for a name, and the name that it has in a fleet. */
async function valuesOf(fleet: TestFleet): Promise<[string, string][]> {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const { executionArn = "" } = await fleet.rotate(record.id);
  const topic = arnOf("sns", NAMES.alertTopic);
  const subscribed = `aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint a@example.com`;
  expect(await type(subscribed, fleet.aws.endpoint)).toMatchObject({ code: 0 });
  const event = { detail: { "instance-id": record.ec2InstanceId, state: "running" } };
  const time = new Date().toISOString();
  const whole = { time, source: "aws.ec2", "detail-type": "EC2 Instance State-change Notification", ...event };
  writeFileSync(join(folder, "event.json"), JSON.stringify(whole));
  const [, key] = shop.keys;
  writeFileSync(join(folder, "key.json"), JSON.stringify({ client_id: key?.id, client_secret: key?.secret }));
  const exposed = await exposeKey({ endpoint: fleet.aws.endpoint, region: REGION, credentials: OPERATOR_KEYS });
  const mail = () => fleet.aws.inbox.list().find(({ to }) => to.includes("a@example.com"))?.text;
  const token = /--token (\S+)/.exec(await until(mail, "the mail that asks"))?.[1];
  return [
    ["eu-west-1", REGION],
    ["111122223333", ACCOUNT],
    ["i-0abc1234def567890", record.ec2InstanceId],
    ["a1b2c3", record.id],
    ["0a1b2c", record.id],
    ["ARN_FROM_THE_MAIL", executionArn],
    ["keyturn-rotation:7", "keyturn-rotation:1"],
    ["--key-id KEY", "--key-id alias/keyturn-nonces"],
    ["--token TOKEN", `--token ${token}`],
    [EXAMPLE_KEY, exposed],
  ];
}

interface Ran {
  code: number;
  out: string;
  error: string;
}

/** Types a command into a shell of somebody who has nothing of this machine's own configuration. */
function type(command: string, endpoint: string): Promise<Ran> {
  const env = {
    PATH: `${folder}:/usr/bin:/bin`,
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: OPERATOR_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: OPERATOR_KEYS.secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
    AWS_PAGER: "",
  };
  // Debian's version does not know AWS_ENDPOINT_URL.
  const script = `aws() { ${cli.command} --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n${command}`;
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-e", "-c", script], { env, cwd: folder }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, error: err.trim() });
    });
  });
}

/** Types what a document tells, with the names of the fleet that has what it is about; again while a turn is under way. */
function typeTold({ command }: Told): Promise<Ran> {
  const which = command.includes("keyturn-samples") ? "dynamodb" : "shipped";
  const real = withNamesOf(values[which], command);
  return until(async () => {
    const ran = await type(real, fleets[which].aws.endpoint);
    return UNDER_WAY.test(ran.error) ? undefined : ran;
  }, "the end of the turn that is under way");
}

/** What waits for an execution's end shows it. */
const WAITS = /until aws stepfunctions describe-execution /;

/** One sentence that says what is not here, as the AWS CLI shows any refusal. */
const REFUSED = /^(An error occurred|upload failed|fatal error|download failed)[^\n]* \(\w+\)[^\n]*: [^\n]+$/;

describe("what the documents tell to type", () => {
  test("is found", () => {
    expect(told.length).toBeGreaterThan(40);
    const text = [
      "Run `aws a b\n  --c`, or (`aws d e`, on AWS), or `aws f\n g` (on\nAWS).",
      "```sh\nnpx x\n# on AWS\naws h i \\\n  --j 'k\n l'\naws m n\n```",
      "   ```sh\n   # on AWS\n   aws o p\n   ```\nhere `aws q r` on the last line",
    ].join("\n");
    expect(commandsOf(text)).toEqual([
      { line: 1, command: "aws a b --c", onAws: false },
      { line: 2, command: "aws d e", onAws: true },
      { line: 2, command: "aws f g", onAws: true },
      { line: 8, command: "aws h i \\\n  --j 'k\n l'", onAws: true },
      { line: 11, command: "aws m n", onAws: false },
      { line: 15, command: "aws o p", onAws: true },
      { line: 17, command: "aws q r", onAws: false },
    ]);
  });

  // Several at once: most of the time is waited.
  const each = (some: Told[]) => test.concurrent.for(some);

  test.for(here.filter(isInOrder))("$file:$line works here: $command", worksHere);
  each(here.filter((one) => !isInOrder(one) && !isLast(one)))("$file:$line works here: $command", worksHere);
  test.for(here.filter(isLast))("$file:$line works here: $command", worksHere);

  each(told.filter(({ onAws }) => onAws))("$file:$line is for AWS alone: $command", async (one) => {
    const { code, error } = await typeTold(one);
    expect(error, `${one.file}:${one.line}: if it works here, take "on AWS" away`).toMatch(REFUSED);
    expect(code).not.toBe(0);
  });
});

async function worksHere(one: Told, { skip }: { skip: TestContext["skip"] }): Promise<void> {
  if (isOnCredential(one) && "missing" in programs) skip(programs.missing);
  const ran = await typeTold(one);
  skip(isUnknownToCli(one, ran), TOO_OLD);
  const { code, out, error } = ran;
  const message = `${one.file}:${one.line}: correct it, build what it needs, or mark it "on AWS", behind it or before it`;
  // Beside its answer, keyturn says there how to go on.
  const complaint = isOfKeyturn(one) ? "" : error;
  expect({ code, complaint }, `${message}\n${error}`).toEqual({ code: 0, complaint: "" });
  expect(out).not.toMatch(/eu-west-1|111122223333/);
  if (WAITS.test(one.command)) expect(out, message).toMatch(/^SUCCEEDED/m);
}

test("what npm start prints to be typed", { timeout: 60_000 }, async () => {
  const data = join(folder, "data");
  const started = run(["--data", data, "--port", "0", "--agents", "1"]);
  try {
    // In one script, since one may use what another has found out.
    const printed = () => started.said().match(/^ {2}(?:\w+=\$\()?aws .*$/gm) ?? [];
    await until(() => started.said().includes("ssm list-commands") && printed().length > 2, "what to type");
    const [, endpoint = ""] = /AWS_ENDPOINT_URL=(\S+)/.exec(started.said()) ?? [];
    // Once more where the credential is just being turned by itself, which the answer says.
    const answer = await until(async () => {
      const once = await type(printed().join("\n"), endpoint);
      return !UNDER_WAY.test(once.error) && once;
    }, "an answer while no rotation is under way");
    expect(answer).toMatchObject({ code: 0, error: "" });
  } finally {
    started.child.kill("SIGINT");
    await started.ended;
  }
});

test.concurrent.for([
  ["aws s3 ls", "NotImplemented", "no service 's3'"],
  ["aws s3 cp event.json s3://bucket/key", "NotImplemented", "no service 's3'"],
  ["aws iam list-users", "InvalidAction", "does not know iam's operation 'ListUsers'"],
  // In which of two protocols a CLI asks CloudWatch depends on its version, and the name of the refusal on the protocol.
  ["aws cloudwatch list-metrics", "InvalidAction|UnknownOperationException", "no service 'monitoring'"],
  ["aws route53 list-hosted-zones", "InvalidAction", "no service 'route53'"],
  ["aws eks list-clusters", "UnknownOperationException", "no service 'eks'"],
  ["aws cloudtrail list-trails", "UnknownOperationException", "does not know cloudtrail's operation 'ListTrails'"],
  ["aws logs describe-log-groups", "UnknownOperationException", "does not know logs's operation 'DescribeLogGroups'"],
  ["aws lambda list-functions", "UnknownOperationException", "knows only Lambda's Invoke"],
  ["aws ec2 describe-vpcs", "InvalidAction", "does not know ec2's operation 'DescribeVpcs'"],
] as const)(
  "%s, which is not here, is told so in one sentence",
  { timeout: 20_000 },
  async ([command, name, sentence]) => {
    const { code, error } = await type(command, fleets.dynamodb.aws.endpoint);
    expect(error).toMatch(REFUSED);
    expect(error).toMatch(new RegExp(`\\((${name})\\)`));
    expect(error).toContain(sentence);
    expect(code).not.toBe(0);
  },
);
