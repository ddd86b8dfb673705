import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test } from "vitest";
import { COMMANDS } from "../../operator/commands.ts";
import { RIGHTS } from "../../operator/contract.ts";
import { failureOf } from "../../operator/failure.ts";
import type { Output } from "../../operator/output/output.ts";
import { clientIn } from "../../operator/place/clients.ts";
import { findPlace, type Place } from "../../operator/place/place.ts";
import { RUNNING_FILE } from "../../operator/place/running.ts";
import { until } from "../flows/support.ts";
import { keyturn, type Ran } from "./keyturn.ts";
import { type Answer, nothing, refusal, type StandIn, standIn, WHOSE } from "./stand-in.ts";

// What AWS, the network and settings may do to `keyturn`, and what whoever typed it reads then: sentences, and no stack.

const open: StandIn[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function serve(answer: Answer): Promise<StandIn> {
  const server = await standIn(answer);
  open.push(server);
  return server;
}

const FLEET = ["fleet"];

/** Nothing on stdout, and on stderr what was typed last, as sentences for a person. */
function expectSentence({ code, out, err }: Ran, exit: number, ...parts: (string | RegExp)[]): void {
  for (const part of parts) expect(err).toMatch(part);
  expect({ code, out }).toEqual({ code: exit, out: "" });
  expect(err).not.toMatch(/\n {4}at |\.ts\b|\.js\b|node_modules|secret-of-nobody|not foreseen/);
  expect(err).toMatch(/^keyturn: .+\.\n$/);
}

describe("as a process", () => {
  test.concurrent("no network: nothing listens", async () => {
    const ran = await keyturn(FLEET, { env: { ...WHOSE, AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
    expectSentence(ran, 1, "cannot be reached, in eu-west-1, stack Keyturn", "ECONNREFUSED");
  });

  test.concurrent("a wrong Region: its name does not resolve", async () => {
    const ran = await keyturn(FLEET, { env: { ...WHOSE, AWS_ENDPOINT_URL: "http://dynamodb.eu-wst-1.invalid" } });
    expectSentence(ran, 1, "cannot be reached", "no such Region", "--region");
  });

  test.concurrent("a Region that none can be", async () => {
    expectSentence(await keyturn([...FLEET, "--region", "eu_west"], { env: WHOSE }), 4, "no Region eu_west");
  });

  test.concurrent("no Region", async () => {
    const { AWS_REGION: _, ...env } = WHOSE;
    expectSentence(await keyturn(FLEET, { env }), 4, "In which Region?", "npm start");
  });

  test.concurrent("no credentials", async () => {
    const ran = await keyturn(FLEET, { env: { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
    expectSentence(ran, 4, "There are no credentials", "--profile", "npm start");
  });

  test.concurrent("a profile that is not there", async () => {
    const ran = await keyturn([...FLEET, "--profile", "nobodys"], { env: { AWS_REGION: "eu-west-1" } });
    expectSentence(ran, 4, "profile nobodys gives no credentials");
  });

  test.concurrent.for(["foo", "localhost:4510", "ftp://user:hidden@localhost"])(
    "an endpoint that is none: %s",
    async (AWS_ENDPOINT_URL) => {
      const ran = await keyturn(FLEET, { env: { ...WHOSE, AWS_ENDPOINT_URL } });
      expectSentence(ran, 4, "AWS_ENDPOINT_URL is no URL");
      expect(ran.err).not.toContain("hidden");
    },
  );

  test("an npm start that was killed, and whose process's number somebody else has", async () => {
    const data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
    const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret-of-nobody" };
    const running = {
      pid: process.pid,
      endpoint: "http://127.0.0.1:1",
      region: "us-east-1",
      account: "0",
      credentials,
    };
    writeFileSync(join(data, RUNNING_FILE), JSON.stringify(running));
    const ran = await keyturn(["fleet", "--data", data]);
    rmSync(data, { recursive: true });
    expectSentence(ran, 4, `The npm start of ${data} does not answer at http://127.0.0.1:1`, "was killed", "--aws");
  });

  test("with --json stdout is empty, too", async () => {
    const { env } = await serve(refusal("ResourceNotFoundException", "Requested resource not found"));
    const ran = await keyturn([...FLEET, "--json", "--stack", "Other"], { env });
    expectSentence(ran, 4, "There is no Keyturn in eu-west-1, stack Other: Requested resource not found", "--stack");
  });

  test("a throttled AWS: it is said once, and goes on", async () => {
    const throttled = refusal("ThrottlingException", "Rate exceeded");
    const { env, asked } = await serve((response, about) => (about.times < 3 ? throttled : nothing)(response, about));
    const ran = await keyturn(FLEET, { env });
    expect({ code: ran.code, err: ran.err }).toEqual({
      code: 0,
      err: "AWS throttles this account: going on more slowly.\n",
    });
    expect(asked()).toBeGreaterThan(2);
  });

  test("a slow AWS: it is said, and waited for", async () => {
    const { env } = await serve((response) => setTimeout(() => response.end("{}"), 4500));
    const { code, err } = await keyturn(FLEET, { env });
    expect({ code, err }).toEqual({ code: 0, err: "AWS takes long to answer: still waiting.\n" });
  });

  test.for<[string[], string]>([
    [FLEET, ""],
    // What starts something may have been on its way.
    [["drill"], "AWS has not answered: what keyturn drill asks for may go on without it.\n"],
  ])("Ctrl-C while AWS does not answer: keyturn %j", async ([typed, err]) => {
    const { env, asked } = await serve(() => {});
    const ran = await keyturn(typed, {
      env,
      onStart: (child) => void until(() => asked() > 0, "a call").then(() => child.kill("SIGINT")),
    });
    expect(ran).toEqual({ code: 130, out: "", err });
  });

  test("a reader that has gone, as head, is no failure", async () => {
    const { code, err } = await keyturn(["--help"], { onStart: ({ stdout }) => stdout?.destroy() });
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  /** What asks AWS for anything, as the first example of its help has it. */
  const asking = COMMANDS.filter(({ name }) => name in RIGHTS).map(({ examples: [first = ""], options = [] }) => {
    return `${first.replaceAll(/'[^']*'/g, "x")}${options.some(({ flags }) => flags === "--yes") ? " --yes" : ""}`;
  });

  test.concurrent.for(asking)("an expired credential: %s", async (typed) => {
    const { env, close } = await standIn(refusal("ExpiredTokenException", "The security token is expired"));
    const ran = await keyturn(typed.split(" ").slice(1), { env });
    close();
    expectSentence(ran, 4, "The credentials have expired (The security token is expired)", "aws sso login");
  });
});

/** What is said beside an answer. */
function quiet(): Output & { notes: string[] } {
  const notes: string[] = [];
  const say = () => {};
  return {
    json: false,
    isTerminal: false,
    line: say,
    table: say,
    progress: say,
    raw: say,
    rows: undefined,
    clear: say,
    notes,
    note: (text) => notes.push(text),
  };
}

/** How a call ends, through the real SDK. */
async function ends(place: Place, env: Record<string, string>): Promise<{ code: number; message: string }> {
  Object.assign(process.env, env);
  const client = clientIn(DynamoDBClient, { place, out: quiet() });
  const error = await client.send(new ScanCommand({ TableName: place.names.instanceTable })).then(
    () => new Error("it has ended well"),
    (thrown: unknown) => thrown,
  );
  client.destroy();
  return failureOf(error, { command: "fleet", place, policy: "reader" });
}

const DENIED =
  "User: arn:aws:iam::111122223333:user/a is not authorized to perform: dynamodb:Scan on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/keyturn-instances because no identity-based policy allows the dynamodb:Scan action";

describe("through the SDK", () => {
  test.for<[string, Answer, number, string[]]>([
    [
      "a denied call names the policy",
      refusal("AccessDeniedException", DENIED),
      1,
      [
        "AWS denies it: User: arn:",
        "keyturn fleet needs the managed policy keyturn-reader-eu-west-1 of the stack Keyturn",
      ],
    ],
    [
      "credentials that nobody has",
      refusal("UnrecognizedClientException", "The security token included in the request is invalid."),
      4,
      ["does not take the credentials (The security token included in the request is invalid)"],
    ],
    ["a clock that is wrong", refusal("RequestExpired", "Request has expired."), 4, ["clock is wrong"]],
    [
      "no Keyturn there",
      refusal("ResourceNotFoundException", "Requested resource not found"),
      4,
      ["There is no Keyturn in eu-west-1, stack Keyturn"],
    ],
    [
      "a page in place of an answer",
      (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>\n    at sign-in (a.js:1:2)"),
      1,
      ["What answers is not AWS", "proxy"],
    ],
    ["a connection that is cut", (response) => response.destroy(), 1, ["cannot be reached", "socket hang up"]],
    [
      "an answer that is cut",
      (response) => {
        response.writeHead(200, { "content-length": "1000" }).write("{");
        setTimeout(() => response.destroy(), 50);
      },
      1,
      ["cannot be reached"],
    ],
    [
      "AWS at fault",
      refusal("InternalServerError", "Internal error", 400),
      1,
      ["AWS answers InternalServerError, in eu-west-1, stack Keyturn: Internal error"],
    ],
  ])("%s", async ([, answer, code, parts]) => {
    const { env } = await serve(answer);
    const failure = await ends(findPlace({ data: "/nonexistent" }, env), env);
    for (const part of parts) expect(failure.message).toContain(part);
    expect(failure.code).toBe(code);
    expect(failure.message).not.toMatch(/\n| at .*:\d+:\d+/);
  });
});
