import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logFileOf, stamped } from "../../src/lambda/log-file.ts";
import { logsOver } from "../../src/logs/logs.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";
import { jsonCall, signedCall } from "../http/signed.ts";

const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
const [FIRST, SECOND] = [1_763_600_000_123, 1_763_600_001_000];

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded(() => [logsOver(folder, (name) => ["talkative", "silent"].includes(name))]);
  const printed = stamped("one step failed\ntwo\n", new Date(FIRST)) + stamped('{"three":"step"}\n', new Date(SECOND));
  writeFileSync(logFileOf(folder, "talkative"), `of another time\n${printed}`);
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

const filter = (input: object, logGroupName = "/aws/lambda/talkative") =>
  signedCall(aws.config, jsonCall("logs", "FilterLogEvents", { logGroupName, ...input }));
const messages = async (input: object, group?: string) => {
  const { events } = (await (await filter(input, group)).json()) as { events: { message: string }[] };
  return events.map(({ message }) => message);
};

test("FilterLogEvents: each line that was printed, and when", async () => {
  const { events } = (await (await filter({})).json()) as { events: object[] };
  const of = (timestamp: number, message: string) => ({ timestamp, message, ingestionTime: timestamp });
  expect(events).toMatchObject([of(FIRST, "one step failed"), of(FIRST, "two"), of(SECOND, '{"three":"step"}')]);
});

test.each([
  [{ startTime: SECOND }, ['{"three":"step"}']],
  [{ endTime: SECOND }, ["one step failed", "two"]],
  [{ filterPattern: '"step failed"' }, ["one step failed"]],
  [{ filterPattern: "step three" }, ['{"three":"step"}']],
  [{ filterPattern: "Step" }, []],
])("FilterLogEvents %j", async (input, expected) => {
  expect(await messages(input)).toEqual(expected);
});

test("pages go on where the last one ended", async () => {
  const page = (await (await filter({ limit: 2 })).json()) as { events: object[]; nextToken: string };
  expect(page.events).toHaveLength(2);
  expect(await messages({ limit: 2, nextToken: page.nextToken })).toEqual(['{"three":"step"}']);
});

test("a function that has printed nothing has an empty group; of any other there is none", async () => {
  expect(await messages({}, "/aws/lambda/silent")).toEqual([]);
  for (const name of ["/aws/lambda/nowhere", "/aws/lambda/../aws", "/aws/states/talkative"]) {
    const response = await filter({}, name);
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([400, "ResourceNotFoundException"]);
  }
});

test.each([
  { filterPattern: "{ $.level = 3 }" },
  { filterPattern: "?one ?two" },
  { filterPattern: "-one" },
  { limit: 0 },
  { nextToken: "x" },
  { logStreamNames: ["one"] },
])("%j is refused rather than left out", async (input) => {
  const response = await filter(input);
  expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([400, "InvalidParameterException"]);
});
