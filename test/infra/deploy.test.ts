import { describe, expect, test } from "vitest";
import { answerKey } from "../../infra/context-keys.ts";
import { type FakeAccount, fakeAccount, freshAccount } from "../../infra/deploy/account.fake.ts";
import type { Account, Stack, TrustPolicy } from "../../infra/deploy/account.ts";
import { deploy } from "../../infra/deploy/deployment.ts";
import { checkSettings } from "../../infra/settings.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import { shippedSettings } from "./synthesized.ts";

const KEY = answerKey({ account: "111122223333", region: "eu-west-1" });
const ONLY_EC2 = {
  Statement: [{ Effect: "Allow" as const, Principal: { Service: "ec2.amazonaws.com" } }],
} satisfies TrustPolicy;

interface Situation {
  settings?: Record<string, unknown>;
  has?: Partial<FakeAccount>;
  /** The same of the account in another Region. */
  elsewhere?: Partial<FakeAccount>;
  unansweredElsewhere?: Partial<Account>;
  /** What `cdk.context.json` holds. */
  context?: Record<string, unknown>;
  /** Questions that AWS does not answer. */
  unanswered?: Partial<Account>;
  /** How each run of cdk ends, and what it does to the account. */
  cdk?: (args: readonly string[], has: FakeAccount) => number;
}

/** As cdk deploys: the stack is there. */
function makesStack(_args: readonly string[], has: FakeAccount): number {
  has.stacks.set("Keyturn", { status: "CREATE_COMPLETE", timeSeries: "dynamodb" });
  return 0;
}

async function deployed(situation: Situation = {}, args: string[] = []) {
  const has = freshAccount(situation.has);
  const elsewhere = freshAccount(situation.elsewhere);
  const context: Record<string, unknown> = { ...situation.context };
  const [runs, said]: [string[], string[]] = [[], []];
  const ended = deploy(args, {
    settings: checkSettings({ ...shippedSettings(), alertEmails: ["you@example.com"], ...situation.settings }),
    account: { ...fakeAccount(has), ...situation.unanswered },
    accountIn: (region) => ({ ...fakeAccount({ ...elsewhere, region }), ...situation.unansweredElsewhere }),
    context: {
      read: (key) => context[key],
      write: (key, value) => {
        context[key] = value;
      },
    },
    async runCdk(given) {
      runs.push(given.join(" "));
      return (situation.cdk ?? makesStack)(given, given.includes("KeyturnExposedKeys") ? elsewhere : has);
    },
    say: (text) => said.push(text),
  });
  const [code, refusal] = await ended.then(
    (exit) => [exit, ""] as const,
    (error: Error) => [undefined, error.message] as const,
  );
  // Which store cdk is told is looked at once, below.
  const stores = runs.flatMap((run) => / -c keyturn:timeSeries=(\w+)/.exec(run)?.[1] ?? []);
  const others = runs.map((run) => run.replace(/ -c keyturn:timeSeries=\w+/, ""));
  return { code, refusal, runs: others, stores, context, said: said.join("\n") };
}

const running = (timeSeries: SeriesStore, status = "UPDATE_COMPLETE"): Partial<FakeAccount> => ({
  stacks: new Map<string, Stack>([["Keyturn", { status, timeSeries }]]),
});
const named =
  (name: string, message = "what AWS says") =>
  async () => {
    throw Object.assign(new Error(message), { name });
  };
const denied = (action: string) => named("AccessDenied", `User: arn:… is not authorized to perform: ${action}`);

describe("a new account with no edit but an address", () => {
  test("is deployed into, and keeps its samples in DynamoDB", async () => {
    const { code, runs, context, said } = await deployed();
    expect(code).toBe(0);
    expect(runs).toEqual(["deploy -c keyturn:first=true", "deploy"]);
    expect(context).toEqual({ [KEY]: "dynamodb" });
    expect(said).toMatch(/cdk\.context\.json.*under version control/);
    expect(said).not.toContain("NOTE");
  });

  test("has a Lambda quota of 10: it is told what to raise, by a command, and is deployed into all the same", async () => {
    const { code, said } = await deployed({ has: { concurrentExecutions: { value: 10, code: "L-B99A9384" } } });
    expect(code).toBe(0);
    expect(said).toMatch(
      /NOTE: Lambda runs 10 functions at once .* fleetSize of 100 with a maxConcurrency of 20 may need 26/,
    );
    expect(said).toContain(
      "aws service-quotas request-service-quota-increase --region eu-west-1 --service-code lambda --quota-code L-B99A9384 --desired-value 1000",
    );
  });
});

describe("a first deployment", () => {
  test("whose first step fails goes no further", async () => {
    expect(await deployed({ cdk: () => 1 })).toMatchObject({ code: 1, runs: ["deploy -c keyturn:first=true"] });
    expect(await deployed({ cdk: () => 130 })).toMatchObject({ code: 130, runs: ["deploy -c keyturn:first=true"] });
  });

  test("is one again where an earlier one failed, and where one was only planned", async () => {
    for (const status of ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"]) {
      const stacks = new Map<string, Stack>([["Keyturn", { status, timeSeries: undefined }]]);
      const { runs } = await deployed({ has: { stacks } });
      expect(runs, status).toEqual(["deploy -c keyturn:first=true", "deploy"]);
    }
  });

  test("that is not protected in the end, since it was broken off or its second step failed, is to be run again", async () => {
    const again = /not protected yet.*run npm run deploy again/;
    const begun = (args: readonly string[], has: FakeAccount) => {
      makesStack(args, has);
      return 130;
    };
    expect(await deployed({ cdk: begun })).toMatchObject({ code: 130, said: expect.stringMatching(again) });
    const cdk = (args: readonly string[], has: FakeAccount) =>
      args.join().includes("first") ? makesStack(args, has) : 1;
    expect(await deployed({ cdk })).toMatchObject({ code: 1, said: expect.stringMatching(again) });
    expect((await deployed({ cdk: () => 1 })).said).not.toMatch(again);
    expect((await deployed()).said).not.toMatch(again);
  });

  test.each([
    ["-c", "keyturn:first=true"],
    ["--context", "keyturn:timeSeries=dynamodb"],
    ["--context=keyturn:first=true"],
    ["-ckeyturn:first=true"],
    ["-c", "keyturn={}"],
  ])("takes nothing of ours from %s %s, which would get past all questions", async (...args) => {
    const { refusal, runs } = await deployed({ has: running("timestream") }, args);
    expect(refusal).toMatch(/^npm run deploy says .*keyturn.* itself/);
    expect(runs).toEqual([]);
    expect((await deployed({ has: running("dynamodb") }, ["-c", "team:keyturn=x"])).code).toBe(0);
  });

  test("that was only to be prepared is not followed by another one", async () => {
    const { runs } = await deployed({ cdk: () => 0 }, ["--no-execute"]);
    expect(runs).toEqual(["deploy -c keyturn:first=true --no-execute"]);
  });

  test("hands its arguments on, as every one does", async () => {
    const args = ["--require-approval", "never"];
    expect((await deployed({}, args)).runs).toEqual([
      "deploy -c keyturn:first=true --require-approval never",
      "deploy --require-approval never",
    ]);
    expect((await deployed({ has: running("dynamodb") }, args)).runs).toEqual(["deploy --require-approval never"]);
  });
});

describe("where samples go, with timeSeries auto", () => {
  test("is asked once: what cdk.context.json says stands, and others are left as they are", async () => {
    const context = { [KEY]: "timestream", "availability-zones:account=1:region=2": ["a"] };
    const { context: after, code } = await deployed({ context, has: { ...running("timestream") } });
    expect([code, after]).toEqual([0, context]);
  });

  test("is what each run of cdk is told, which may remember another account", async () => {
    expect((await deployed({ has: { timestream: true } })).stores).toEqual(["timestream", "timestream"]);
    expect((await deployed({ has: running("timestream") })).stores).toEqual(["timestream"]);
    expect((await deployed({ settings: { timeSeries: "dynamodb" } })).stores).toEqual([]);
  });

  test("is Timestream where the account can have it", async () => {
    expect(await deployed({ has: { timestream: true } })).toMatchObject({ code: 0, context: { [KEY]: "timestream" } });
  });

  test("is DynamoDB where the Region has no Timestream, without asking", async () => {
    const { context, code } = await deployed({ has: { region: "eu-north-1", timestream: true } });
    expect([code, Object.values(context)]).toEqual([0, ["dynamodb"]]);
  });

  test("is where the samples of a running fleet go already, whatever the account can have by now", async () => {
    for (const store of ["timestream", "dynamodb"] as const) {
      const has = { ...running(store), timestream: store !== "timestream" };
      expect(await deployed({ has })).toMatchObject({ code: 0, context: { [KEY]: store } });
    }
  });

  test("is DynamoDB where one may not ask, which is said, and not written down for those who may", async () => {
    const unanswered = { canHaveTimestream: denied("timestream:DescribeEndpoints") };
    const { context, said } = await deployed({ unanswered });
    expect(context).toEqual({});
    expect(said).toMatch(/NOTE: AWS did not say whether .* can have Timestream, so .* DynamoDB: .*DescribeEndpoints/);
    expect(said).not.toContain("AWS was asked");
  });

  test("is not settled by a passing fault", async () => {
    const { refusal, context, runs } = await deployed({
      unanswered: { canHaveTimestream: named("ThrottlingException") },
    });
    expect(refusal).toMatch(
      /could not be asked whether this account can have Timestream: what AWS says\n {2}Try again, or .*"dynamodb"/,
    );
    expect([context, runs]).toEqual([{}, []]);
  });

  test("must be known before a stack is touched that nobody can see", async () => {
    const unanswered = { stack: denied("cloudformation:DescribeStacks") };
    expect((await deployed({ unanswered })).refusal).toMatch(/"timeSeries": "dynamodb"/);
    const { runs, said } = await deployed({ unanswered, settings: { timeSeries: "dynamodb" } });
    expect(runs).toEqual(["deploy"]);
    expect(said).toMatch(/AWS did not say whether the stack Keyturn is there/);
  });

  test("must be a store", async () => {
    expect((await deployed({ context: { [KEY]: "influx" } })).refusal).toMatch(/cdk\.context\.json says "influx"/);
  });
});

describe("no deployment changes the store of a running fleet by itself", () => {
  test.each([
    ["timestream", { timeSeries: "dynamodb" }, {}],
    ["dynamodb", { timeSeries: "timestream" }, {}],
    ["timestream", {}, { [KEY]: "dynamodb" }],
  ] as const)("from %s by %o and %o", async (store, settings, context) => {
    const { refusal, runs } = await deployed({ settings, context, has: { ...running(store), timestream: true } });
    expect(refusal).toContain(`"formerTimeSeries": "${store}"`);
    expect(refusal).toContain(`"timeSeries": "${store}"`);
    expect(runs).toEqual([]);
  });

  test("but lets it move while formerTimeSeries names the one that it runs with, and end that", async () => {
    const moving = { timeSeries: "dynamodb", formerTimeSeries: "timestream" };
    expect(await deployed({ settings: moving, has: running("timestream") })).toMatchObject({
      code: 0,
      runs: ["deploy"],
    });
    const moved = { ...running("dynamodb"), timestream: true };
    expect(await deployed({ settings: moving, has: moved })).toMatchObject({ code: 0 });
    expect(await deployed({ settings: { timeSeries: "dynamodb" }, has: running("dynamodb") })).toMatchObject({
      code: 0,
    });
  });
});

const WEB_ARN = "arn:aws:iam::111122223333:role/Web";

describe("what stands in the way is told before anything is made", () => {
  test("all of it in one message", async () => {
    const { refusal, runs } = await deployed({
      settings: { alertEmails: [], vpcId: "vpc-0123456789abcdef0", existingRoles: { Web: "AROA0123456789ABCDEF" } },
      has: {
        bootstrapped: new Set(),
        keys: new Map([["key-1", { description: "", alias: "alias/keyturn-tables" }]]),
        roles: new Map([
          [
            "KeyturnInstance-eu-west-1",
            { id: "AROAOTHER", arn: "arn:aws:iam::111122223333:role/KeyturnInstance-eu-west-1", trust: ONLY_EC2 },
          ],
        ]),
      },
    });
    expect(runs).toEqual([]);
    const [first, ...complaints] = refusal.split("\n* ");
    expect(first).toBe("Nothing was deployed.");
    expect(complaints).toEqual([
      expect.stringContaining('"alertEmails": ["you@your-company.com"]'),
      expect.stringContaining("npx cdk bootstrap aws://111122223333/eu-west-1"),
      expect.stringContaining("no VPC vpc-0123456789abcdef0 in eu-west-1"),
      expect.stringContaining("no role Web"),
      expect.stringContaining("aws kms delete-alias --region eu-west-1 --alias-name alias/keyturn-tables"),
      expect.stringContaining("role KeyturnInstance-eu-west-1 already"),
    ]);
  });

  test("a Region without function URLs, and one without Timestream where that is wanted", async () => {
    expect((await deployed({ has: { region: "me-central-1" } })).refusal).toMatch(/function URL.*AWS_REGION=/);
    const settings = { timeSeries: "timestream" };
    expect((await deployed({ settings, has: { region: "eu-north-1" } })).refusal).toMatch(
      /no Timestream for LiveAnalytics in eu-north-1.*"timeSeries": "auto"/,
    );
  });

  test("an account that cannot have Timestream where that is wanted", async () => {
    expect((await deployed({ settings: { timeSeries: "timestream" } })).refusal).toMatch(
      /before 20 June 2025.*"timeSeries": "auto"/s,
    );
    const has = running("timestream");
    expect(await deployed({ settings: { timeSeries: "timestream" }, has })).toMatchObject({ code: 0 });
  });

  test("a Region without a default VPC", async () => {
    expect((await deployed({ has: { vpcs: new Set() } })).refusal).toMatch(/no default VPC.*"vpcId": "vpc-…"/);
  });

  test("a boundary for roles that is not there", async () => {
    const settings = { permissionsBoundary: "Boundary" };
    expect((await deployed({ settings })).refusal).toMatch(/no policy Boundary in this account/);
    expect(await deployed({ settings, has: { policies: new Set(["Boundary"]) } })).toMatchObject({ code: 0 });
  });

  test("another qualifier of CDK's stack", async () => {
    expect((await deployed({ settings: { bootstrapQualifier: "platform" } })).refusal).toContain(
      "npx cdk bootstrap --qualifier platform aws://111122223333/eu-west-1",
    );
  });

  test.each<[string, TrustPolicy, boolean]>([
    ["EC2 alone", ONLY_EC2, true],
    [
      "EC2 as China names it",
      { Statement: { Effect: "Allow", Principal: { Service: ["ec2.amazonaws.com.cn"] } } },
      true,
    ],
    ["everybody", { Statement: [{ Effect: "Allow", Principal: "*" }] }, false],
    [
      "an account, too",
      { Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com", AWS: "1" } }] },
      false,
    ],
    [
      "Lambda, too",
      { Statement: [{ Effect: "Allow", Principal: { Service: ["ec2.amazonaws.com", "lambda.amazonaws.com"] } }] },
      false,
    ],
    [
      "somebody in a second statement",
      { Statement: [...ONLY_EC2.Statement, { Effect: "Allow", Principal: { AWS: "1" } }] },
      false,
    ],
    ["nobody", { Statement: [{ Effect: "Deny", Principal: "*" }] }, false],
    ["nobody of whom AWS tells", {}, false],
  ])("a role that may be assumed by %s", async (_who, trust, isRight) => {
    const settings = { existingRoles: { Web: "AROA0123456789ABCDEF" } };
    const roles = new Map([["Web", { id: "AROA0123456789ABCDEF", arn: WEB_ARN, trust }]]);
    const { refusal, code } = await deployed({ settings, has: { roles } });
    if (isRight) expect(code).toBe(0);
    else expect(refusal).toMatch(/role Web .*ec2\.amazonaws\.com alone/);
  });

  test("a role that was made anew under its name", async () => {
    const settings = { existingRoles: { Web: "AROA0123456789ABCDEF" } };
    const roles = new Map([["Web", { id: "AROANEWNEWNEWNEWNEW1", arn: WEB_ARN, trust: ONLY_EC2 }]]);
    expect((await deployed({ settings, has: { roles } })).refusal).toMatch(
      /unique ID AROANEWNEWNEWNEWNEW1.*says AROA0123/,
    );
  });

  test("a stack on which somebody works, and one that was removed by half", async () => {
    for (const [status, told] of [
      ["UPDATE_IN_PROGRESS", "wait until it is done"],
      ["DELETE_FAILED", "npm run destroy"],
    ] as const) {
      expect((await deployed({ has: running("dynamodb", status) })).refusal).toContain(told);
    }
  });

  test("somebody else's stack of that name, which a deployment would replace", async () => {
    for (const status of ["UPDATE_COMPLETE", "ROLLBACK_COMPLETE"]) {
      const stacks = new Map<string, Stack>([["Keyturn", { status, timeSeries: undefined, isForeign: true }]]);
      const { refusal, runs, context } = await deployed({ has: { stacks } });
      expect(refusal).toMatch(/stack Keyturn is none of Keyturn's.*"stackName"/s);
      expect([runs, context]).toEqual([[], {}]);
    }
  });

  test("what a stack that runs has made is in nobody's way", async () => {
    const has = {
      ...running("dynamodb"),
      tables: new Set(["keyturn-instances"]),
      roles: new Map([
        [
          "KeyturnInstance-eu-west-1",
          { id: "AROAOTHER", arn: "arn:aws:iam::111122223333:role/KeyturnInstance-eu-west-1", trust: ONLY_EC2 },
        ],
      ]),
    };
    expect(await deployed({ has })).toMatchObject({ code: 0, runs: ["deploy"] });
  });
});

describe("what stayed of a former deployment", () => {
  const keys: FakeAccount["keys"] = new Map([
    ["key-1", { description: "Keyturn: encrypts the instances' keys in their records" }],
    ["key-2", { description: "Keyturn: encrypts tables, samples and alert mail at rest" }],
    ["key-3", { description: "Keyturn: computes the nonces that successors are derived with" }],
  ]);
  const stayed = {
    tables: new Set(["keyturn-instances", "keyturn-audit"]),
    logGroups: new Set(["/aws/lambda/keyturn-watch-seal-day"]),
  };

  test("is named, with the file and the commands that deploy over it", async () => {
    const { refusal } = await deployed({ has: { ...stayed, keys } });
    expect(refusal).toContain("keyturn-instances, keyturn-audit, /aws/lambda/keyturn-watch-seal-day");
    const [, mapping = ""] = /kept\.json:\n(.*?)\n\s+and then run/s.exec(refusal) ?? [];
    expect(JSON.parse(mapping)).toEqual({
      DataInstanceTableD22D1CF2: { TableName: "keyturn-instances" },
      DataAuditTableD7A94F1A: { TableName: "keyturn-audit" },
      FunctionsWatchSealDayLog9F62DBE4: { LogGroupName: "/aws/lambda/keyturn-watch-seal-day" },
      DataKeyMaterialKeyD02726C2: { KeyId: "key-1" },
      DataTableKeyC26AB094: { KeyId: "key-2" },
      DataNonceKeyB3791CD2: { KeyId: "key-3" },
    });
    expect(refusal).toContain("npx cdk import Keyturn --resource-mapping kept.json\n    npm run deploy");
  });

  test("has no file when its keys are gone, or cannot be told from others", async () => {
    const gone = new Map([...keys].filter(([id]) => id !== "key-1"));
    expect((await deployed({ has: { ...stayed, keys: gone } })).refusal).toMatch(
      /cannot be told.*in their records" \(none\)/,
    );
    const twice = new Map([...keys, ["key-4", { description: keys.get("key-2")?.description ?? "" }]]);
    expect((await deployed({ has: { ...stayed, keys: twice } })).refusal).toMatch(/at rest" \(key-2, key-4\)/);
  });

  test("may be a log alone", async () => {
    const { refusal } = await deployed({ has: { logGroups: stayed.logGroups } });
    expect(refusal).toMatch(/watch-seal-day\. Delete them, or import them/);
  });

  test("is no keys alone, which are in nobody's way", async () => {
    expect(await deployed({ has: { keys } })).toMatchObject({ code: 0 });
  });
});

describe("exposed keys", () => {
  const exposed = (deploy: string) => ({ exposedKeys: { ...(shippedSettings().exposedKeys as object), deploy } });
  const [on, alone] = [exposed("on"), exposed("alone")];
  const makesEither = (args: readonly string[], has: FakeAccount) => {
    const isFleet = !args.includes("KeyturnExposedKeys");
    has.stacks.set("Keyturn", { status: "CREATE_COMPLETE", timeSeries: isFleet ? "dynamodb" : undefined });
    return 0;
  };

  test("beside a fleet in another Region have a stack of their own, made in two steps after the first", async () => {
    const { code, runs, stores, said, context } = await deployed({ settings: on, cdk: makesEither }, ["--verbose"]);
    expect(code).toBe(0);
    expect(runs).toEqual([
      "deploy Keyturn -c keyturn:first=true --verbose",
      "deploy Keyturn --verbose",
      "deploy KeyturnExposedKeys -c keyturn:first=true --verbose",
      "deploy KeyturnExposedKeys --verbose",
    ]);
    // Both runs have the same app, in which the fleet's stack is there, too.
    expect(stores).toEqual(["dynamodb", "dynamodb", "dynamodb", "dynamodb"]);
    expect(context).toEqual({ [KEY]: "dynamodb" });
    expect(said).toMatch(/two stacks: Keyturn in eu-west-1, and KeyturnExposedKeys in us-east-1, where AWS Health/);
  });

  test("are changed with it, each stack in one step that is there", async () => {
    const elsewhere = { stacks: new Map([["Keyturn", { status: "UPDATE_COMPLETE", timeSeries: undefined }]]) };
    const { runs } = await deployed({ settings: on, has: running("dynamodb"), elsewhere });
    expect(runs).toEqual(["deploy Keyturn", "deploy KeyturnExposedKeys"]);
  });

  test("wait for a fleet that cannot be deployed, which is said", async () => {
    const { code, runs, said } = await deployed({ settings: on, cdk: () => 1 });
    expect([code, runs]).toEqual([1, ["deploy Keyturn -c keyturn:first=true"]]);
    expect(said).toContain("Not deployed: KeyturnExposedKeys in us-east-1.");
  });

  test("in the Region of the fleet are in its stack", async () => {
    const { runs } = await deployed({ settings: on, has: { region: "us-east-1" } });
    expect(runs).toEqual(["deploy -c keyturn:first=true", "deploy"]);
  });

  test("stop both while something speaks against one of the two, which is said once of what both need", async () => {
    const elsewhere = { bootstrapped: new Set<string>(), tables: new Set(["keyturn-audit"]) };
    const { refusal, runs } = await deployed({ settings: { ...on, alertEmails: [] }, elsewhere });
    expect(runs).toEqual([]);
    expect(refusal.split("\n* ")).toEqual([
      "Nothing was deployed.",
      expect.stringContaining('"alertEmails": ["you@your-company.com"]'),
      expect.stringContaining("npx cdk bootstrap aws://111122223333/us-east-1"),
      expect.stringMatching(/keyturn-audit\. Their keys cannot be told .*at rest" \(none\)\./),
    ]);
    expect(refusal, "only of what it has").not.toMatch(/nonces|records" \(none\)/);
  });

  test("take no fleet away that has the same name where they go, nor one of which AWS does not say", async () => {
    const elsewhere = running("dynamodb");
    for (const situation of [
      { settings: on, elsewhere },
      { settings: alone, has: { ...running("timestream"), region: "us-east-1" } },
    ]) {
      const { refusal, runs } = await deployed(situation);
      expect(refusal).toMatch(/stack Keyturn in us-east-1 has a fleet.*AWS_REGION=us-east-1.*"on".*"off"/s);
      expect(runs).toEqual([]);
    }
    const unansweredElsewhere = { stack: denied("cloudformation:DescribeStacks") };
    const { refusal } = await deployed({ settings: on, unansweredElsewhere });
    expect(refusal).toMatch(/must be known whether the stack Keyturn in us-east-1 has a fleet.*DescribeStacks/);
  });

  test("alone are one stack, for which of a fleet nothing is asked and nothing written down", async () => {
    const has = { region: "us-east-1", vpcs: new Set<string>(), concurrentExecutions: { value: 10, code: "L-0" } };
    const { code, runs, context, said, stores } = await deployed({ settings: alone, has, cdk: makesEither });
    expect([code, runs]).toEqual([0, ["deploy -c keyturn:first=true", "deploy"]]);
    expect([context, stores]).toEqual([{}, []]);
    expect(said).not.toContain("NOTE");
  });

  test("alone are where Health's events come, and nowhere else", async () => {
    expect((await deployed({ settings: alone })).refusal).toMatch(/deployed in us-east-1.*AWS_REGION=us-east-1/);
    const regions = { "us-gov-west-1": ["us-gov-west-1"], "cn-north-1": ["cn-north-1", "cn-northwest-1"] };
    for (const [region, looked] of Object.entries(regions)) {
      const settings = { exposedKeys: { ...alone.exposedKeys, regions: looked } };
      expect(await deployed({ settings, has: { region } }), region).toMatchObject({ code: 0 });
    }
  });
});

describe("AWS's quotas against fleetSize", () => {
  test("a fleet that SSM would not manage is told of, with the command", async () => {
    const { said } = await deployed({ settings: { fleetSize: 5000 } });
    expect(said).toMatch(/SSM manages 2400 hosts .* fleetSize is 5000/);
    expect(said).toContain("--service-code ssm --quota-code L-0000FAKE --desired-value 5000");
  });

  test("where Service Quotas does not know it, what AWS documents counts", async () => {
    const has = { managedNodes: undefined, concurrentExecutions: undefined };
    expect((await deployed({ settings: { fleetSize: 2401 }, has })).said).toContain("list-service-quotas");
    expect((await deployed({ settings: { fleetSize: 2400 }, has })).said).not.toContain("NOTE");
  });

  test("large fleets and many rotations at once need more executions", async () => {
    const settings = { fleetSize: 100_000, maxConcurrency: 1000 };
    const has = { managedNodes: { value: 100_000, code: "L-0" } };
    expect((await deployed({ settings, has })).said).toMatch(/may need 1172\..*--desired-value 1172/s);
  });
});

describe("AWS that does not answer", () => {
  test("nobody is stopped by a right that is missing: what is not known is said", async () => {
    const rights = {
      isBootstrapped: denied("ssm:GetParameter"),
      aliases: denied("kms:ListAliases"),
      hasTable: denied("dynamodb:DescribeTable"),
      hasVpc: denied("ec2:DescribeVpcs"),
      role: denied("iam:GetRole"),
      concurrentExecutions: denied("servicequotas:GetServiceQuota"),
    };
    const { code, said } = await deployed({ unanswered: rights });
    expect(code).toBe(0);
    const notes = said.split("\n").filter((line) => line.startsWith("NOTE: AWS did not say whether"));
    expect(notes).toHaveLength(Object.keys(rights).length);
    for (const action of ["ssm:GetParameter", "kms:ListAliases", "iam:GetRole"]) expect(said).toContain(action);
  });

  test("credentials that are missing or expired are one complaint, and nothing else is asked", async () => {
    const place = named("ExpiredTokenException", "The security token included in the request is expired\nmore");
    const { refusal, runs } = await deployed({ unanswered: { place } });
    expect(refusal).toMatch(/^AWS does not know who asks: The security token included in the request is expired\nGive/);
    expect(runs).toEqual([]);
  });

  test("a network that is gone is another matter", async () => {
    const place = async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com"), { code: "ENOTFOUND" });
    };
    expect((await deployed({ unanswered: { place } })).refusal).toMatch(/^AWS cannot be reached: getaddrinfo/);
  });

  test("a mistake of this program is no answer of AWS", async () => {
    const hasVpc = async () => {
      throw new TypeError("x is not a function");
    };
    expect((await deployed({ unanswered: { hasVpc } })).refusal).toBe("x is not a function");
  });
});
