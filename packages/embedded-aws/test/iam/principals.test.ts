import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  ACCOUNT,
  type AuthorizationRecord,
  arnOf,
  type EmbeddedAws,
  functionArn,
  type ResourceStatement,
  type Statement,
  startAws,
} from "../../src/index.ts";
import { modulePath } from "../lambda/harness.ts";

const machine = (name: string) => arnOf("states", `stateMachine:${name}`);
const executions = (name: string) => arnOf("states", `execution:${name}`);
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const RULE = arnOf("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule");

function allow(Action: string | string[], Resource: string | string[] = "*"): Statement {
  return { Effect: "Allow", Action: [Action].flat(), Resource: [Resource].flat() };
}

let folder = "";
let aws: EmbeddedAws;
let sfn: SFNClient;
let events: EventBridgeClient;
let kms: KMSClient;
let sns: SNSClient;
const checked: AuthorizationRecord[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  writeFileSync(join(folder, "echo.mjs"), "export const handler = async (event) => event ?? null;");
  aws = await startAws({ folder, onAuthorized: (record) => checked.push(record) });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials, maxAttempts: 1 };
  sfn = new SFNClient({ ...config, disableHostPrefix: true });
  events = new EventBridgeClient(config);
  kms = new KMSClient(config);
  sns = new SNSClient(config);
  await events.send(new CreateEventBusCommand({ Name: "own" }));
  aws.functions.define({ name: "echo", modulePath: join(folder, "echo.mjs") });
  aws.resume();
});

afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  checked.length = 0;
});

/** What was checked of whoever has a role, and whether he may: `+states:StartExecution ARN`. */
function checkedOf(name: string): string[] {
  const of = checked.filter(
    ({ principal }) => principal.arn.includes(`:assumed-role/${name}/`) || principal.arn === name,
  );
  return of.map(({ action, resource, allowed }) => `${allowed ? "+" : "-"}${action} ${resource}`);
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("before a role is put", () => {
  test("functions, flows and rules may do everything", async () => {
    const ended = await run("free", { Type: "Task", Resource: functionArn("echo") });
    expect(ended.status).toBe("SUCCEEDED");
    expect(checked).toEqual([]);
  });
});

describe("functions", () => {
  test("sign as their own roles, also while two of them run by turns in one thread", async () => {
    const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
    const keys = { red: await newKey(), blue: await newKey() };
    for (const [name, key] of Object.entries(keys)) {
      aws.roles.put({ name, statements: [allow("kms:DescribeKey", key)] });
      aws.functions.define({
        name,
        role: name,
        modulePath: modulePath("signing"),
        environment: { KEY: key },
        timeoutSeconds: 20,
      });
    }
    const [red, blue, again] = await Promise.all(
      ["red", "blue", "red"].map((name) => aws.functions.invoke(name, { times: 10 })),
    );
    expect([red, blue, again]).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(red).toEqual(again);
    expect(red).not.toEqual(blue);
    expect(checkedOf("red")).toEqual(Array(20).fill(`+kms:DescribeKey ${keys.red}`));
    expect(checkedOf("blue")).toEqual(Array(10).fill(`+kms:DescribeKey ${keys.blue}`));
    expect(checked[0]?.principal.arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/red/red`);
  });

  test("without a role, or with one that nobody put, may do nothing", async () => {
    for (const given of [{}, { role: "nobody" }]) {
      const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
      aws.functions.define({ name: "green", modulePath: modulePath("signing"), environment: { KEY: key }, ...given });
      expect(await aws.functions.invoke("green", { times: 1 })).toMatchObject({
        ok: false,
        errorType: "AccessDeniedException",
        errorMessage: expect.stringContaining("because no identity-based policy allows the kms:DescribeKey action"),
      });
    }
  });
});

/** Makes a state machine of one state, starts it, and waits for its end. */
async function run(name: string, state: object, end?: (executionArn: string) => Promise<unknown>) {
  const definition = { QueryLanguage: "JSONata", StartAt: "Only", States: { Only: { ...state, End: true } } };
  const roleArn = role(`${name}-role`);
  await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine(name) }));
  await end?.(executionArn ?? "");
  return until(async () => {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === "RUNNING" ? undefined : described;
  });
}

describe("flows", () => {
  beforeAll(async () => {
    aws.roles.put({ name: "some", statements: [] });
    await run("child", { Type: "Pass" });
    await run("sleeper", { Type: "Wait", Seconds: 600 }, (arn) =>
      sfn.send(new StopExecutionCommand({ executionArn: arn })),
    );
  });

  const invoke = (FunctionName: string) => ({
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName },
  });
  const start = (child: string, how = "") => ({
    Type: "Task",
    Resource: `arn:aws:states:::states:startExecution${how}`,
    Arguments: { StateMachineArn: machine(child) },
  });
  const MANAGED_RULE = allow(["events:PutRule", "events:PutTargets", "events:DescribeRule"], RULE);
  const EACH = {
    Type: "Map",
    Items: [1],
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "One",
      States: { One: { Type: "Pass", End: true } },
    },
    Label: "Each",
  };

  test.each<[name: string, state: object, statements: Statement[], checkedThere: string[]]>([
    [
      "by-arn",
      { Type: "Task", Resource: functionArn("echo") },
      [allow("lambda:InvokeFunction", functionArn("echo"))],
      [`+lambda:InvokeFunction ${functionArn("echo")}`],
    ],
    [
      "by-name",
      invoke("echo"),
      [allow("lambda:InvokeFunction", functionArn("echo"))],
      [`+lambda:InvokeFunction ${functionArn("echo")}`],
    ],
    [
      "qualified",
      invoke("echo:$LATEST"),
      [allow("lambda:InvokeFunction", functionArn("echo:*"))],
      [`+lambda:InvokeFunction ${functionArn("echo:$LATEST")}`],
    ],
    [
      "starting",
      start("child"),
      [allow("states:StartExecution", machine("child"))],
      [`+states:StartExecution ${machine("child")}`],
    ],
    [
      "waiting",
      start("child", ".sync:2"),
      [
        allow("states:StartExecution", machine("child")),
        allow("states:DescribeExecution", executions("child:*")),
        MANAGED_RULE,
      ],
      [
        ...["PutRule", "PutTargets", "DescribeRule"].map((action) => `+events:${action} ${RULE}`),
        `+states:StartExecution ${machine("child")}`,
        expect.stringContaining(`+states:DescribeExecution ${executions("child:")}`),
      ],
    ],
    [
      "mapping",
      EACH,
      [allow("states:StartExecution", machine("mapping")), allow("states:DescribeExecution", executions("mapping/*"))],
      [
        `+states:StartExecution ${machine("mapping")}`,
        expect.stringContaining(`+states:DescribeExecution ${executions("mapping/Each:")}`),
      ],
    ],
  ])("%s may do what its role allows", async (name, state, statements, checkedThere) => {
    aws.roles.put({ name: `${name}-role`, statements });
    expect(await run(name, state)).toMatchObject({ status: "SUCCEEDED" });
    expect(checkedOf(`${name}-role`)).toEqual(checkedThere);
  });

  const why = (name: string, action: string, resource: string) =>
    `User: arn:aws:sts::${ACCOUNT}:assumed-role/${name}-role/${name} is not authorized to perform: ${action} on resource: ` +
    `${resource} because no identity-based policy allows the ${action} action `;
  const LAMBDA = "(Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException)";
  const STATES = "(Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException)";

  test("an invocation that is denied fails the Task as on AWS", async () => {
    expect(await run("mute", { Type: "Task", Resource: functionArn("echo") })).toMatchObject({
      error: "Lambda.AWSLambdaException",
      cause: why("mute", "lambda:InvokeFunction", functionArn("echo")) + LAMBDA,
    });
    // The right to the function is none to its versions and aliases.
    aws.roles.put({ name: "exact-role", statements: [allow("lambda:InvokeFunction", functionArn("echo"))] });
    expect(await run("exact", invoke("echo:$LATEST"))).toMatchObject({
      error: "Lambda.AWSLambdaException",
      cause: why("exact", "lambda:InvokeFunction", functionArn("echo:$LATEST")) + LAMBDA,
    });
  });

  test("a start that is denied fails the Task as on AWS", async () => {
    expect(await run("idle", start("child"))).toMatchObject({
      error: "StepFunctions.AWSStepFunctionsException",
      cause: why("idle", "states:StartExecution", machine("child")) + STATES,
    });
    expect(await run("apart", EACH)).toMatchObject({ status: "FAILED" });
    expect(checkedOf("apart-role")).toEqual([`-states:StartExecution ${machine("apart")}`]);
  });

  test("who may not look at what he waits for does not get its result", async () => {
    const statements = [allow("states:StartExecution", machine("child")), MANAGED_RULE];
    aws.roles.put({ name: "blind-role", statements });
    expect(await run("blind", start("child", ".sync"))).toMatchObject({
      error: "StepFunctions.AWSStepFunctionsException",
      cause: expect.stringContaining("is not authorized to perform: states:DescribeExecution"),
    });
  });

  test.each([
    ["stopping", [allow("states:StopExecution", executions("sleeper:*"))], "ABORTED"],
    ["leaving", [], "RUNNING"],
  ])("%s: what it waits for is stopped with it if it may", async (name, more, status) => {
    aws.roles.put({ name: `${name}-role`, statements: [allow("states:StartExecution"), MANAGED_RULE, ...more] });
    let child = "";
    await run(name, start("sleeper", ".sync"), async (executionArn) => {
      child = await until(() => aws.executions.list(machine("sleeper")).find((one) => one.status === "RUNNING")?.arn);
      await sfn.send(new StopExecutionCommand({ executionArn }));
    });
    expect(await until(() => checkedOf(`${name}-role`).find((one) => one.includes("StopExecution")))).toBe(
      `${status === "ABORTED" ? "+" : "-"}states:StopExecution ${child}`,
    );
    await until(async () => {
      const described = await sfn.send(new DescribeExecutionCommand({ executionArn: child }));
      return described.status === status || undefined;
    });
    if (status === "RUNNING") await sfn.send(new StopExecutionCommand({ executionArn: child }));
  });

  test.each(["events:PutRule", "events:PutTargets", "events:DescribeRule"])(
    "a machine that waits for executions is refused without %s",
    async (missing) => {
      const actions = ["events:PutRule", "events:PutTargets", "events:DescribeRule"].filter((one) => one !== missing);
      aws.roles.put({ name: "ruleless-role", statements: [allow("states:*"), allow(actions, RULE)] });
      const refused = {
        name: "AccessDeniedException",
        message: `'${role("ruleless-role")}' is not authorized to create managed-rule.`,
      };
      await expect(run("ruleless", start("child", ".sync:2"))).rejects.toMatchObject(refused);
      const definition = JSON.stringify({
        QueryLanguage: "JSONata",
        StartAt: "A",
        States: { A: { ...start("child", ".sync"), End: true } },
      });
      await expect(
        sfn.send(
          new UpdateStateMachineCommand({
            stateMachineArn: machine("child"),
            definition,
            roleArn: role("ruleless-role"),
          }),
        ),
      ).rejects.toMatchObject(refused);
    },
  );
});

describe("rules", () => {
  let rules = 0;
  beforeAll(() => {
    aws.roles.put({ name: "some", statements: [] });
  });

  /** Puts a rule with a target, and an event for it. */
  async function deliver(target: { Arn: string; RoleArn?: string }, Name = nextRule()): Promise<void> {
    await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Name] }) }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "only", ...target }] }));
    await events.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: "x", Detail: "{}" }] }));
  }
  const nextRule = () => {
    rules += 1;
    return `rule-${rules}`;
  };
  const ruleOf = (name: string) => arnOf("events", `rule/${name}`);
  const lost = (name: string) => until(() => aws.events.undelivered().find(({ ruleArn }) => ruleArn === ruleOf(name)));
  const publish: ResourceStatement = {
    ...{ Effect: "Allow", Principal: { Service: ["events.amazonaws.com"] }, Action: ["sns:Publish"], Resource: ["*"] },
  };
  const policyOf = (...Statement: ResourceStatement[]) => JSON.stringify({ Version: "2012-10-17", Statement });

  test("a function takes the events of a rule that its policy names, and of no other", async () => {
    const allowed = nextRule();
    const permissions = [{ principal: "events.amazonaws.com", sourceArn: ruleOf(allowed) }];
    aws.functions.define({ name: "taking", modulePath: join(folder, "echo.mjs"), permissions });
    await deliver({ Arn: functionArn("taking") }, allowed);
    await until(() => checkedOf("events.amazonaws.com").find((one) => one.startsWith("+")));
    const other = nextRule();
    await deliver({ Arn: functionArn("taking") }, other);
    expect(await lost(other)).toMatchObject({
      errorCode: "AccessDeniedException",
      errorMessage:
        `User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn("taking")} ` +
        "because no resource-based policy allows the lambda:InvokeFunction action",
      retryAttempts: 0,
    });
  });

  test("a topic takes events if its policy names EventBridge, and the policy of its key, too", async () => {
    const aKey = async (...more: ResourceStatement[]) => {
      const root: ResourceStatement = {
        ...{
          Effect: "Allow",
          Principal: { AWS: [role("x").replace("role/x", "root")] },
          Action: ["kms:*"],
          Resource: ["*"],
        },
      };
      const made = await kms.send(new CreateKeyCommand({ Policy: policyOf(root, ...more) }));
      return made.KeyMetadata?.Arn ?? "";
    };
    const use: ResourceStatement = { ...publish, Action: ["kms:Decrypt", "kms:GenerateDataKey"] };
    const topics: [Name: string, attributes: Record<string, string>, missing?: string][] = [
      ["open", { Policy: policyOf(publish) }],
      ["open-and-sealed", { Policy: policyOf(publish), KmsMasterKeyId: await aKey(use) }],
      ["shut", {}, "sns:Publish"],
      ["open-key-shut", { Policy: policyOf(publish), KmsMasterKeyId: await aKey() }, "kms:GenerateDataKey"],
    ];
    for (const [Name, Attributes, missing] of topics) {
      checked.length = 0;
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name, Attributes }));
      const name = nextRule();
      await deliver({ Arn: TopicArn }, name);
      if (missing !== undefined) {
        const errorMessage = expect.stringContaining(`because no resource-based policy allows the ${missing} action`);
        expect(await lost(name)).toMatchObject({ errorCode: "AccessDeniedException", errorMessage, retryAttempts: 0 });
      } else {
        const last = Attributes.KmsMasterKeyId === undefined ? "+sns:Publish" : "+kms:Decrypt";
        await until(() => checkedOf("events.amazonaws.com").find((one) => one.startsWith(last)));
      }
    }
  });

  test("a state machine is started as the target's role, by its own ARN", async () => {
    await run("started", { Type: "Pass" });
    aws.roles.put({ name: "starter", statements: [allow("states:StartExecution", machine("started"))] });
    await deliver({ Arn: machine("started"), RoleArn: role("starter") });
    await until(() => checkedOf("starter").find((one) => one === `+states:StartExecution ${machine("started")}`));
    const name = nextRule();
    await deliver({ Arn: machine("started"), RoleArn: role("nobody") }, name);
    expect(await lost(name)).toMatchObject({
      errorCode: "AccessDeniedException",
      errorMessage: expect.stringContaining(
        `assumed-role/nobody/${name} is not authorized to perform: states:StartExecution`,
      ),
    });
  });

  describe("the policy of a bus", () => {
    afterEach(() => aws.events.putPolicy("own", []));

    test("keeps out whom it denies, whatever his role allows", async () => {
      const modulePath = join(folder, "putting.mjs");
      const client = import.meta.resolve("@aws-sdk/client-eventbridge");
      writeFileSync(
        modulePath,
        `import { EventBridgeClient, PutEventsCommand } from ${JSON.stringify(client)};
         const client = new EventBridgeClient();
         const Entries = [{ Source: "me", DetailType: "x", Detail: "{}", EventBusName: "own" }];
         export const handler = () => client.send(new PutEventsCommand({ Entries }));`,
      );
      for (const name of ["sender", "stranger"]) {
        aws.roles.put({ name, statements: [allow("events:PutEvents", arnOf("events", "event-bus/own"))] });
        aws.functions.define({ name, role: name, modulePath });
      }
      aws.events.putPolicy("own", [
        {
          ...{
            Effect: "Deny",
            Principal: "*",
            Action: ["events:PutEvents"],
            Resource: [arnOf("events", "event-bus/own")],
          },
          Condition: { ArnNotLike: { "aws:PrincipalArn": [role("sender")] } },
        },
      ]);
      expect(await aws.functions.invoke("sender", {})).toMatchObject({ ok: true });
      expect(await aws.functions.invoke("stranger", {})).toMatchObject({
        errorType: "AccessDeniedException",
        errorMessage: expect.stringContaining("with an explicit deny in a resource-based policy"),
      });
    });
  });
});
