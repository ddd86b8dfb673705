import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { DescribeExecutionCommand, StopExecutionCommand, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import { beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, functionArn, type Statement } from "../../src/index.ts";
import { modulePath } from "../lambda/harness.ts";
import { allow, aws, checked, checkedOf, executions, kms, machine, RULE, role, run, sfn, until } from "./acting.ts";

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
