import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "../../src/http/service.ts";
import type { LambdaFunctions } from "../../src/lambda/index.ts";
import { functionsIn, modulePath, OPERATOR, parts, serverWith, temporaryFolder } from "./harness.ts";

const INSTANCE: Principal = {
  kind: "instance",
  arn: "arn:aws:sts::000000000000:assumed-role/Tester/i-0123456789abcdef0",
  userId: "AROATESTER00000000001:i-0123456789abcdef0",
};
const folder = temporaryFolder();
const given = parts();
let functions: LambdaFunctions;
let server: Awaited<ReturnType<typeof serverWith>>;

beforeAll(async () => {
  functions = functionsIn(folder.path, given);
  functions.start();
  const base = { environment: {}, timeoutSeconds: 5 };
  functions.define({ ...base, name: "echo", modulePath: modulePath("echo") });
  functions.define({ ...base, name: "misbehaving", modulePath: modulePath("misbehaving") });
  functions.define({ ...base, name: "answering", modulePath: modulePath("answering") });
  server = await serverWith(functions, given);
});

afterAll(async () => {
  await server.close();
  await functions.close();
  folder.remove();
});

const invoke = (name: string, body: string, headers = {}) =>
  server.call(OPERATOR, { path: `/2015-03-31/functions/${name}/invocations`, body, headers });
const callUrl = (name: string, body: string | Buffer, headers: object = { "content-type": "application/json" }) =>
  server.call(INSTANCE, { path: `/_function-url/${name}/register?a=1`, body, headers });

describe("Invoke", () => {
  test("answers with what the function returns", async () => {
    const response = await invoke("echo", '{"b":2}');
    expect(response.status).toBe(200);
    expect(response.headers.get("x-amz-function-error")).toBeNull();
    expect(await response.json()).toMatchObject({ event: { b: 2 } });
  });

  test("answers 200 and names the function's error", async () => {
    const response = await invoke("misbehaving", '{"how":"throws"}');
    expect(response.status).toBe(200);
    expect(response.headers.get("x-amz-function-error")).toBe("Unhandled");
    expect(await response.json()).toMatchObject({ errorType: "DOOR_LOCKED", errorMessage: "the door is locked" });
  });

  test("takes an event, answers at once, and tries three times", async () => {
    const response = await invoke("misbehaving", '{"how":"throws"}', { "x-amz-invocation-type": "Event" });
    expect(response.status).toBe(202);
    await expect.poll(() => functions.deadLetters()).toHaveLength(1);
    expect(functions.deadLetters()[0]).toMatchObject({
      record: {
        requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
        requestPayload: { how: "throws" },
        responsePayload: { errorType: "DOOR_LOCKED" },
      },
    });
  });

  test.each([
    ["LogType", "", { "x-amz-log-type": "Tail" }],
    ["ClientContext", "", { "x-amz-client-context": "e30=" }],
    ["Qualifier", "?Qualifier=live", {}],
  ])("refuses the parameter %s, which it would not heed", async (name, query, headers) => {
    const path = `/2015-03-31/functions/echo/invocations${query}`;
    const response = await server.call(OPERATOR, { path, body: "{}", headers });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(`parameter ${name}.`)]);
  });

  test("refuses an unknown function, a body that is no JSON, and other operations", async () => {
    const unknown = await invoke("green", "{}");
    expect([unknown.status, unknown.headers.get("x-amzn-errortype")]).toEqual([404, "ResourceNotFoundException"]);
    const malformed = await invoke("echo", "{");
    expect([malformed.status, malformed.headers.get("x-amzn-errortype")]).toEqual([
      400,
      "InvalidRequestContentException",
    ]);
    const other = await server.call(OPERATOR, { method: "GET", path: "/2015-03-31/functions/" });
    expect([other.status, other.headers.get("x-amzn-errortype")]).toEqual([404, "UnknownOperationException"]);
    expect(given.sentences.at(-1)).toBe("Lambda was asked for GET /2015-03-31/functions/, which is not known here.");
  });

  test("is not open to an instance", async () => {
    const response = await server.call(INSTANCE, { path: "/2015-03-31/functions/echo/invocations", body: "{}" });
    expect(response.status).toBe(403);
  });
});

describe("a function URL", () => {
  test("gives the function the request and who signed it", async () => {
    const { event } = (await (await callUrl("echo", '{"id":"0a1b2c"}')).json()) as { event: Record<string, unknown> };
    expect(event).toMatchObject({
      version: "2.0",
      rawPath: "/register",
      rawQueryString: "a=1",
      queryStringParameters: { a: "1" },
      headers: { "content-type": "application/json" },
      body: '{"id":"0a1b2c"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: "000000000000",
        http: { method: "POST", path: "/register", sourceIp: "127.0.0.1" },
        authorizer: {
          iam: {
            accessKey: expect.stringMatching(/^ASIA/),
            accountId: "000000000000",
            callerId: INSTANCE.userId,
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: INSTANCE.arn,
            userId: INSTANCE.userId,
          },
        },
      },
    });
    expect(Object.keys(event.headers as object)).not.toContain("x-amz-security-token");
  });

  test("gives a body that is no text in base64", async () => {
    const { event } = (await (await callUrl("echo", Buffer.from([0, 255]), {})).json()) as { event: object };
    expect(event).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });

  test("answers with the status, headers and body that the function returns", async () => {
    const response = await callUrl(
      "answering",
      JSON.stringify({ statusCode: 418, headers: { "X-Pot": "tea" }, body: "no" }),
    );
    expect([response.status, response.headers.get("x-pot"), await response.text()]).toEqual([418, "tea", "no"]);
    const binary = await callUrl("answering", JSON.stringify({ statusCode: 200, body: "AP8=", isBase64Encoded: true }));
    expect(Buffer.from(await binary.arrayBuffer())).toEqual(Buffer.from([0, 255]));
  });

  test("answers 200 with any other JSON", async () => {
    const response = await callUrl("answering", '{"registered":true}');
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.json()).toEqual({ registered: true });
  });

  test("answers 502 when the function fails or returns no response", async () => {
    expect((await callUrl("answering", "no JSON")).status).toBe(502);
    expect((await callUrl("answering", '{"statusCode":"teapot"}')).status).toBe(502);
  });

  test("refuses a body over 6 MB, and a function that is not there", async () => {
    expect((await callUrl("answering", `"${"x".repeat(6 * 1024 * 1024)}"`)).status).toBe(413);
    expect((await callUrl("green", "{}")).status).toBe(404);
  });
});
