import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { ACCOUNT, type AuthorizationRecord, PARTITION } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResourceName, Uses } from "../../functions/shared/uses.ts";
import { functionNameOf } from "../../functions/steps.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import { peopleRights } from "../../infra/rights/people.ts";
import { busPolicy } from "../../infra/rights/policies.ts";
import type { Statement } from "../../infra/rights/statement.ts";
import { stepsThatMay, usesRights } from "../../infra/rights/steps.ts";
import { NAMES } from "../../infra/wiring.ts";
import { roleArn } from "../../local/roles.ts";
import { type Policy, RIGHTS } from "../../operator/contract.ts";
import { failureOf } from "../../operator/failure.ts";
import { behindPage } from "../../operator/page/open.ts";
import type { Live } from "../../operator/page/server/live.ts";
import { routeFor } from "../../operator/page/server/routes.ts";
import type { Trouble } from "../../operator/page/wire/live.ts";
import { findPlace, type Place } from "../../operator/place/place.ts";
import { programOf, type Typed } from "../../operator/program.ts";
import { readFreshMs } from "../../operator/reads/schedule.ts";
import { arnAt } from "../../protocol/index.ts";
import { arnsUnder } from "../flows/rights.suite.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { PAGE_PATHS, pathOf } from "../page/paths.ts";
import { quietOutput } from "./quiet-output.ts";

// Each right is used by the command that names it, and no other is asked for; without one the command fails, in AWS's words, and
// says which policy has it. In this process: a command that is only loaded costs no start, and there are some hundred of them.

type Command = keyof typeof RIGHTS;
const COMMANDS = Object.keys(RIGHTS) as Command[];
const USER = "somebody";
const SECRET = "orders/db";

/** What is typed, in which all that a command may ask for is asked for. `ID` and `HOST` stand for an instance's. */
const TYPED: Record<Command, string[]> = {
  fleet: ["fleet"],
  show: ["show ID", "show HOST", `show ${SECRET}`],
  secrets: ["secrets"],
  findings: ["findings"],
  open: ["open", ...PAGE_PATHS.map((path) => `open ${path}`)],
  doctor: ["doctor"],
  audit: ["audit ID"],
  report: ["report"],
  check: ["check ID"],
  rotate: [
    "rotate ID --wait",
    "rotate --where status=ACTIVE --yes --dry-run",
    "rotate --all --yes",
    `rotate ${SECRET} --wait`,
  ],
  rekey: [
    "rekey ID --dry-run",
    "rekey --cause STALE --yes --dry-run",
    "rekey --all --yes --dry-run",
    "rekey ID --yes --wait",
  ],
  quarantine: ["quarantine ID --dry-run", "quarantine ID --yes"],
  release: ["release ID --dry-run", "release ID --yes"],
  retire: ["retire ID --dry-run", "retire ffffff --yes"],
  drill: ["drill"],
};

/** What the doctor asks of an account alone: the embedded AWS has none of it, and its Timestream has no cells. */
const OF_ACCOUNT = [
  ...["cloudformation:DescribeStacks", "cloudwatch:DescribeAlarms", "ec2:DescribeLaunchTemplates"],
  ...["servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas", "timestream:DescribeEndpoints"],
];

let fleet: TestFleet;
let arns: Arns;
let iam: IAMClient;
let place: Place;
const seen: AuthorizationRecord[] = [];
const words: Record<string, string> = {};
beforeAll(async () => {
  const onAuthorized = (one: AuthorizationRecord) => {
    if (one.principal.arn.endsWith(`user/${USER}`)) seen.push(one);
  };
  fleet = await startTestFleet(2, { onAuthorized });
  arns = await arnsUnder(fleet);
  const { endpoint, region, credentials } = fleet.aws;
  iam = new IAMClient({ endpoint, region, credentials });
  await iam.send(new CreateUserCommand({ UserName: USER }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: USER }));
  const keys = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  const running = { pid: process.pid, endpoint, region, account: ACCOUNT, credentials: keys };
  place = { ...findPlace({ aws: true, region }, {}), kind: "here", running };
  const [record] = await fleet.records();
  words.ID = record?.id ?? "";
  words.HOST = record?.ec2InstanceId ?? "";
  words.SECRET = SECRET;
  // What there has to be before the doctor asks who began it.
  const { executionArn = "" } = await fleet.ended(
    await fleet.start({ act: "drill", requestedBy: "somebody" }, "operate"),
  );
  words.EXECUTION = executionArn;
  const run = await fleet.start({ ids: [words.ID], requestedBy: "somebody" }, "fleet-rotation");
  words.RUN = (await fleet.ended(run)).executionArn ?? "";
  const senders = stepsThatMay("events:PutEvents").map((step) => roleArn(functionNameOf(step)));
  const iamArn = (resource: string) => arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", resource);
  const policy = busPolicy(iamArn("root"), [...senders, iamArn(`user/${USER}`)], arns);
  fleet.aws.events.putPolicy(NAMES.eventBus, policy);
});
afterAll(() => fleet?.close());

async function give(Statement: Statement[]): Promise<void> {
  // IAM takes no policy that says nothing.
  const all = [...Statement, { Effect: "Allow", Action: ["sts:GetCallerIdentity"], Resource: ["*"] }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: all });
  await iam.send(new PutUserPolicyCommand({ UserName: USER, PolicyName: "rights", PolicyDocument }));
}

/** What a command came to: its exit code, and all that was said. */
async function type(line: string): Promise<{ code: number; said: string }> {
  if (line.startsWith("open")) return lookAtPage(pathOf(line.split(" ")[1] ?? "", words));
  let typed: Typed | undefined;
  const args = line.split(" ").map((word) => words[word] ?? word);
  await programOf("", args, (one) => {
    typed = one;
  }).parseAsync(args, { from: "user" });
  if (typed === undefined) throw new Error(`no command: ${line}`);
  const { spec, arguments: given, options } = typed;
  const { out, said } = quietOutput();
  const context = { place, out, now: Date.now, stopped: new AbortController().signal };
  try {
    const { run } = await spec.load();
    const { code, document, print } = await run({ arguments: given, options: options as never }, context);
    print(out);
    return { code, said: `${said()}${JSON.stringify(document)}` };
  } catch (error) {
    const { policy } = RIGHTS[spec.name as Command];
    const { code, message } = failureOf(error, { command: spec.name, place, policy });
    return { code, said: message };
  }
}

/** What the page's server says of a path; without one, what it begins with and then pushes. */
async function lookAtPage(path: string): Promise<{ code: number; said: string }> {
  const stopped = new AbortController().signal;
  const options = { times: { lookMs: 10, beatMs: 10 }, freshMs: 60_000 };
  const { routes, live, said } = behindPage({ place, now: Date.now, stopped }, options);
  try {
    if (path !== "") {
      const { pathname, searchParams: query } = new URL(path, "http://page");
      const found = routeFor(routes, "GET", pathname);
      if (found === undefined) throw new Error(`no route: ${path}`);
      const asked = { params: found.params, query, body: undefined, gone: stopped };
      return { code: 0, said: JSON.stringify(await found.route.answer(asked)) };
    }
    await readFreshMs({ place, out: quietOutput().out, stopped });
    const trouble = await firstBeats(live);
    return { code: trouble === null ? 0 : 1, said: trouble?.message ?? "" };
  } catch (error) {
    return { code: 1, said: said(error) };
  }
}

/** Looks until samples were read, or something could not be. */
function firstBeats(live: Live): Promise<Trouble | null> {
  return new Promise((resolve) => {
    const end = live.subscribe((name, text) => {
      const data = JSON.parse(text);
      if (!(name === "trouble" && data !== null) && !(name === "beats" && text !== "{}")) return;
      resolve(name === "trouble" ? data : null);
      setImmediate(() => end());
    });
  });
}

interface Right {
  command: Command;
  resource: ResourceName;
  action: string;
}

/** What a command names; of the two stores of samples there is one here, and Timestream's endpoints are ours. */
const rightsOf = (command: Command): Right[] =>
  (Object.entries(RIGHTS[command].uses) as [ResourceName, string[]][]).flatMap(([resource, actions]) =>
    actions
      .filter((action) => !OF_ACCOUNT.includes(action))
      .filter((action) => resource !== "timeSeries" || action === "timestream:Select")
      .map((action) => ({ command, resource, action })),
  );
const RIGHTS_HERE = COMMANDS.flatMap(rightsOf);

function statementsOf(command: Command, without?: Right): Statement[] {
  const uses = Object.entries(RIGHTS[command].uses).map(([resource, actions]) => [
    resource,
    actions.filter((action) => without?.resource !== resource || without.action !== action),
  ]);
  return usesRights(`keyturn ${command}`, Object.fromEntries(uses) as Uses, arns);
}

/** Whether a call was one that a right is about. */
function isOf({ resource, action }: Right, asked: AuthorizationRecord): boolean {
  if (asked.action !== action) return false;
  const about = usesRights("a right", { [resource]: [action] }, arns)[0]?.Resource ?? [];
  return about.some((pattern) =>
    new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(asked.resource),
  );
}

/** What was denied, but for samples in the store that there is not: which one there is, is known by asking. */
const deniedSince = (before: number) =>
  seen.slice(before).filter(({ allowed, resource }) => !allowed && !resource.endsWith(`table/${NAMES.seriesTable}`));

/** By right, what is typed that has used it first. */
const usedBy = new Map<string, string>();
const nameOf = ({ command, resource, action }: Right) => `${command} ${action} ${resource}`;

describe.each(COMMANDS)("keyturn %s", (command) => {
  test("asks for what its contract names, for all of it and for nothing else", async () => {
    await give(statementsOf(command));
    for (const line of TYPED[command]) {
      const before = seen.length;
      await type(line);
      for (const right of rightsOf(command)) {
        const isUsed = seen.slice(before).some((asked) => isOf(right, asked));
        if (isUsed && !usedBy.has(nameOf(right))) usedBy.set(nameOf(right), line);
      }
      const denied = deniedSince(before);
      expect(
        denied.map(({ action, resource }) => `${action} on ${resource}`),
        `${line}: name these in operator/contract.ts`,
      ).toEqual([]);
    }
    const unused = rightsOf(command).filter((right) => !usedBy.has(nameOf(right)));
    expect(unused, "Take these out of operator/contract.ts, or type here what uses them").toEqual([]);
  });
});

test.each(RIGHTS_HERE)("keyturn $command without $action on $resource says which policy has it", async (right) => {
  const line = usedBy.get(nameOf(right)) ?? TYPED[right.command][0] ?? "";
  await give(statementsOf(right.command, right));
  const before = seen.length;
  const { code, said } = await type(line);
  const denied = deniedSince(before);
  expect(
    denied.some((asked) => isOf(right, asked)),
    line,
  ).toBe(true);
  const { policy } = RIGHTS[right.command];
  expect(said).toContain(`not authorized to perform: ${right.action}`);
  expect(said).toContain(`needs the managed policy keyturn-${policy}-${fleet.aws.region}`);
  // The doctor goes on, and has that as one answer among others.
  if (right.command !== "doctor") expect(code).toBe(1);
});

describe("a policy", () => {
  test.each([
    ["reader", ["auditor", "operator"]],
    ["auditor", ["operator"]],
  ] as [Policy, Policy[]][])("%s has nothing of what starts something", async (policy, above) => {
    await give(peopleRights(policy, arns));
    const before = seen.length;
    for (const command of COMMANDS.filter((one) => above.includes(RIGHTS[one].policy))) {
      const line = TYPED[command].find((one) => !one.includes("--dry-run")) ?? "";
      const { code, said } = await type(line);
      if (policy === "reader" && command === "audit") continue;
      expect({ code, said }, line).toEqual({
        code: 1,
        said: expect.stringContaining(`needs the managed policy keyturn-${RIGHTS[command].policy}-${fleet.aws.region}`),
      });
    }
    const acts = seen.slice(before).filter(({ action }) => /^(states:Start|events:Put)/.test(action));
    expect(acts.length).toBeGreaterThan(0);
    expect(acts.filter(({ allowed }) => allowed)).toEqual([]);
  });

  test.each(COMMANDS)("that keyturn %s names has all that it needs", async (command) => {
    await give(peopleRights(RIGHTS[command].policy, arns));
    const before = seen.length;
    await type(TYPED[command][0] ?? "");
    expect(deniedSince(before)).toEqual([]);
  });
});
