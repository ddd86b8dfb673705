import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LambdaFunctions } from "../../src/lambda/index.ts";
import { readLine } from "../../src/lambda/log-file.ts";
import { functionsIn, modulePath, parts, temporaryFolder } from "./harness.ts";

const folder = temporaryFolder();
let functions: LambdaFunctions;

beforeAll(() => {
  functions = functionsIn(folder.path, parts());
  const base = { environment: {}, timeoutSeconds: 5 };
  functions.define({ ...base, name: "red", modulePath: modulePath("echo"), environment: { COLOUR: "red" } });
  functions.define({
    ...base,
    name: "blue",
    modulePath: modulePath("echo"),
    environment: { COLOUR: "blue", SHAPE: "round" },
  });
  functions.define({ ...base, name: "misbehaving", modulePath: modulePath("misbehaving") });
  functions.define({ ...base, name: "hasty", modulePath: modulePath("misbehaving"), timeoutSeconds: 0.05 });
});

afterAll(async () => {
  await functions.close();
  folder.remove();
});

const misbehave = (how: string) => functions.invoke("misbehaving", { how });

describe("what a handler is given", () => {
  test("the event and a context as Lambda gives it", async () => {
    const invocation = await functions.invoke("red", { a: [1, "ä"] });
    expect(invocation).toMatchObject({
      ok: true,
      payload: {
        event: { a: [1, "ä"] },
        context: {
          functionName: "red",
          functionVersion: "$LATEST",
          invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:red",
          memoryLimitInMB: "128",
          logGroupName: "/aws/lambda/red",
          logStreamName: "local",
          awsRequestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        },
        remaining: expect.toSatisfy((ms: number) => ms > 0 && ms <= 5000),
      },
    });
  });

  test("its own variables and no other function's, at import and when it runs, also side by side", async () => {
    const names = ["red", "blue", "blue", "red"];
    const invocations = await Promise.all(names.map((name) => functions.invoke(name, null)));
    expect(invocations).toMatchObject([
      { payload: { atImport: "red", now: "red", foreign: null } },
      { payload: { atImport: "blue", now: "blue", foreign: "round" } },
      { payload: { atImport: "blue", now: "blue", foreign: "round" } },
      { payload: { atImport: "red", now: "red", foreign: null } },
    ]);
  });

  test("a function is found by its ARN, with and without a qualifier", async () => {
    const arn = "arn:aws:lambda:us-east-1:000000000000:function:red";
    expect(await functions.invoke(arn, 1)).toMatchObject({ ok: true });
    expect(await functions.invoke(`${arn}:$LATEST`, 1)).toMatchObject({ ok: true });
    await expect(functions.invoke("green", 1)).rejects.toThrow("Function not found: arn:aws:lambda:us-east-1:0");
  });
});

describe("what goes wrong is reported as Lambda reports it", () => {
  test("an error by its name, message and trace", async () => {
    expect(await misbehave("throws")).toEqual({
      ok: false,
      errorType: "DOOR_LOCKED",
      errorMessage: "the door is locked",
      trace: expect.arrayContaining([expect.stringContaining("misbehaving.ts")]),
    });
  });

  test("what is thrown and is no error, by its type", async () => {
    expect(await misbehave("throws text")).toEqual({
      ok: false,
      errorType: "string",
      errorMessage: "just text",
      trace: [],
    });
  });

  test("a handler that takes too long", async () => {
    expect(await functions.invoke("hasty", { how: "hangs" })).toEqual({
      ok: false,
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.05 seconds$/),
    });
  });

  test("a rejection that nobody awaits, and an exception outside of the handler, end that invocation", async () => {
    const other = functions.invoke("red", 1);
    expect(await misbehave("rejects elsewhere")).toMatchObject({ errorType: "Runtime.UnhandledPromiseRejection" });
    expect(await misbehave("throws later")).toMatchObject({ errorType: "TypeError", errorMessage: "too late" });
    expect(await other).toMatchObject({ ok: true });
  });

  test("a result that is no JSON, and one that is too large", async () => {
    expect(await misbehave("returns a cycle")).toMatchObject({
      errorType: "Runtime.MarshalError",
      errorMessage: "Unable to stringify response body",
    });
    expect(await misbehave("returns too much")).toMatchObject({ errorType: "Function.ResponseSizeTooLarge" });
    expect(await misbehave("returns nothing")).toEqual({ ok: true, payload: null });
  });

  test("a request over 6 MB is refused", async () => {
    const tooLarge = functions.invoke("red", "x".repeat(6 * 1024 * 1024));
    await expect(tooLarge).rejects.toThrow(/too large for the RequestResponse/);
  });

  test("loading the module does not count as the handler's time", async () => {
    const path = join(folder.path, "slow.mjs");
    const source = "await new Promise((done) => setTimeout(done, 200));";
    writeFileSync(path, `${source}\nexport const handler = (_, context) => context.getRemainingTimeInMillis();`);
    functions.define({ name: "slow", modulePath: path, environment: {}, timeoutSeconds: 0.1 });
    expect(await functions.invoke("slow", null)).toMatchObject({ ok: true, payload: expect.toSatisfy((ms) => ms > 0) });
  });

  test("a module that cannot be imported", async () => {
    const define = (name: string, text: string) => {
      const path = join(folder.path, `${name}.mjs`);
      writeFileSync(path, text);
      functions.define({ name, modulePath: path, environment: {}, timeoutSeconds: 5 });
      return functions.invoke(name, null);
    };
    expect(await define("missing", 'import "./not-there.mjs";')).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      errorMessage: expect.stringContaining("not-there.mjs"),
    });
    expect(await define("unreadable", "export const = 1;")).toMatchObject({ errorType: "Runtime.UserCodeSyntaxError" });
    expect(await define("without", "export const other = 1;")).toMatchObject({
      errorType: "Runtime.HandlerNotFound",
      errorMessage: "without.handler is undefined or not exported",
    });
    expect(await define("throwing", 'throw new RangeError("no settings");')).toMatchObject({
      errorType: "RangeError",
      errorMessage: "no settings",
    });
    expect(await define("throwing", "export const handler = () => 7;")).toEqual({ ok: true, payload: 7 });
  });

  test("a process that exits; the next invocation finds a new one", async () => {
    expect(await misbehave("exits")).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 3$/),
    });
    expect(await functions.invoke("red", 1)).toMatchObject({ ok: true });
  });

  test("a handler that never lets go of the thread; the next invocation finds a new one", async () => {
    expect(await functions.invoke("hasty", { how: "loops" })).toMatchObject({ errorType: "Sandbox.Timedout" });
    expect(await functions.invoke("red", 1)).toMatchObject({ errorType: "Runtime.ExitError" });
    expect(await functions.invoke("red", 1)).toMatchObject({ ok: true });
  });
});

test("a module's path may be relative to the folder that this process is in", async () => {
  functions.define({ name: "near", modulePath: relative(process.cwd(), modulePath("echo")) });
  expect(functions.list().find(({ name }) => name === "near")?.modulePath).toBe(modulePath("echo"));
  expect(await functions.invoke("near", {})).toMatchObject({ ok: true, payload: { event: {} } });
});

test("what a handler prints goes to the log of its function", async () => {
  await misbehave("prints");
  const log = readFileSync(join(folder.path, "logs", "misbehaving.log"), "utf8");
  const printed = log.split("\n").map((line) => readLine(line)?.message);
  const expected = ["a line with console.log", "a line on standard output", "a line with console.error"];
  expect(printed.filter((message) => message?.startsWith("a line"))).toEqual(expected);
});
