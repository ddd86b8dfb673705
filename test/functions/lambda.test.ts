import { ProvisionedThroughputExceededException } from "@aws-sdk/client-dynamodb";
import { AccessDeniedException, ThrottlingException } from "@aws-sdk/client-timestream-query";
import type { Context } from "aws-lambda";
import { beforeEach, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { hex64, instanceId } from "../../events/fields.ts";
import { fakeHosts } from "../../functions/clients/hosts.fake.ts";
import { fakeMail } from "../../functions/clients/mail.fake.ts";
import type { Mail } from "../../functions/clients/mail.ts";
import type { StepContract } from "../../functions/shared/contract.ts";
import { StepError } from "../../functions/shared/errors.ts";
import type { Journal } from "../../functions/shared/journal.ts";
import { lambdaOf } from "../../functions/shared/lambda.ts";
import type { NeighboursOf } from "../../functions/shared/neighbours.ts";
import { milliseconds, nonceModeOf, readSettings } from "../../functions/shared/settings.ts";
import { EC2, hex64Of, ID } from "./support.ts";

const contract = {
  name: "try-out",
  flow: "rotation",
  does: "Does what a test wants.",
  input: z.strictObject({ ticket: z.strictObject({ id: instanceId, proof: hex64 }) }),
  output: z.unknown(),
  errors: ["Retired"],
  neighbours: ["hosts"],
  given: ["journal", "intervalMs"],
  uses: {},
  timeoutSeconds: 1,
} as const satisfies StepContract;

const input = { ticket: { id: ID, proof: hex64Of("proof") } };
const context = {
  functionName: "keyturn-rotation-try-out",
  awsRequestId: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
} as Context;

/** Every line that was logged. */
let lines: string[];
beforeEach(() => {
  vi.stubEnv("SAMPLE_INTERVAL_SECONDS", "60");
  vi.stubEnv("NAME_PREFIX", "blue");
  lines = [];
  const take = (text: unknown) => lines.push(String(text)) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(take);
  vi.spyOn(process.stderr, "write").mockImplementation(take);
  return () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  };
});

async function run(event: unknown, step: (journal: Journal) => unknown = () => "done"): Promise<unknown> {
  const handler = lambdaOf(contract, async (_input, { journal }) => step(journal), makers);
  return handler(event, context);
}

const makers = { hosts: () => fakeHosts(new Map([[EC2, "running"]])) };

const throwing = (error: unknown) => () => {
  throw error;
};

test("input in its form goes to the step, and its output comes back", async () => {
  const handler = lambdaOf(contract, async (given) => ({ given }), makers);
  expect(await handler(input, context)).toEqual({ given: input });
});

test("neighbours are made once, not with each call", async () => {
  let made = 0;
  const counted = {
    hosts() {
      made += 1;
      return makers.hosts();
    },
  };
  const handler = lambdaOf(contract, async () => "done", counted);
  await handler(input, context);
  await handler(input, context);
  expect(made).toBe(1);
});

test("the step is given what its contract names, and nothing else", async () => {
  const handler = lambdaOf(contract, async (_input, neighbours) => neighbours, makers);
  const neighbours = (await handler(input, context)) as NeighboursOf<typeof contract>;
  expect(Object.keys(neighbours).sort()).toEqual(["hosts", "intervalMs", "journal"]);
  expect(neighbours.intervalMs).toBe(60_000);
  expect(await neighbours.hosts.state(EC2)).toBe("running");
});

test("a step that asks for more than its contract names does not compile", () => {
  // @ts-expect-error the contract names no mail
  lambdaOf(contract, async (_input, { mail }: { mail: Mail }) => mail, makers);
  // @ts-expect-error the hosts' maker is missing, without which there would be no hosts
  lambdaOf(contract, async () => "done", {});
  // @ts-expect-error a maker of what the contract does not name would be bundled for nothing
  lambdaOf(contract, async () => "done", { ...makers, mail: fakeMail });
});

test.each([
  ["ticket.id", { ticket: { ...input.ticket, id: "5ec2e7-5ec2e7" } }],
  ["ticket.proof", { ticket: { ...input.ticket, proof: "5ec2e7" } }],
  ["ticket", {}],
  ["key", { ...input, key: "5ec2e7" }],
  ["input", "5ec2e7"],
  ["input", null],
])("malformed input is InvalidInput, names %s and never the value", async (field, event) => {
  let ran = false;
  const attempt = run(event, () => {
    ran = true;
  });
  const error = (await attempt.catch((thrown: unknown) => thrown)) as Error;
  expect(error.name).toBe("InvalidInput");
  expect(error.message).toMatch(new RegExp(`^try-out: ${field} `));
  expect(ran).toBe(false);
  expect(error.message + lines.join("")).not.toContain("5ec2e7");
});

test("a step's own error passes with its name and message", async () => {
  const attempt = run(input, throwing(new StepError("Retired", "It is retired.")));
  await expect(attempt).rejects.toMatchObject({ name: "Retired", message: "It is retired." });
});

const metadata = (httpStatusCode: number) => ({ message: "slow down", $metadata: { httpStatusCode } });
test.each([
  ["a throttled table", new ProvisionedThroughputExceededException(metadata(400))],
  ["a throttled query", new ThrottlingException({ ...metadata(400), Message: "slow down" })],
  ["a server's failure", Object.assign(new Error("oops"), { name: "InternalServerError", ...metadata(500) })],
  ["a service that is away", Object.assign(new Error("oops"), { name: "ServiceUnavailable", ...metadata(503) })],
  ["a connection that was refused", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
  ["a connection that broke", Object.assign(new Error("read"), { code: "ECONNRESET" })],
  ["a name that does not resolve now", Object.assign(new Error("dns"), { code: "EAI_AGAIN" })],
  ["a time limit", Object.assign(new Error("slow"), { name: "TimeoutError" })],
])("%s is TemporarilyUnavailable", async (_what, error) => {
  await expect(run(input, throwing(error))).rejects.toMatchObject({
    name: "TemporarilyUnavailable",
    message: expect.stringContaining("AWS could not be used"),
  });
});

test.each([
  ["a missing permission", new AccessDeniedException({ ...metadata(403), Message: "no" }), "AccessDeniedException"],
  ["a bug", new RangeError("too far"), "RangeError"],
  ["something that is no error", "thrown text", "Error"],
])("%s is not tried again under that name", async (_what, thrown, name) => {
  await expect(run(input, throwing(thrown))).rejects.toMatchObject({ name });
});

test("a failure is logged by name, with the step's, and without its input", async () => {
  await run(input, throwing(new StepError("Retired", "It is retired."))).catch(() => undefined);
  const log = lines.join("");
  expect(log).toContain('"error":"Retired"');
  expect(log).toContain('"service":"try-out"');
  expect(log).not.toContain(input.ticket.proof);
});

test("lines hold the identifiers that the step gives, and neither input nor output", async () => {
  const secret = hex64Of("output");
  await run(input, (journal) => {
    journal.info("pushed", { id: ID, generation: 2 });
    return { secret };
  });
  const log = lines.join("");
  expect(log).toContain('"message":"pushed"');
  expect(log).toContain(`"id":"${ID}"`);
  expect(log).not.toContain(input.ticket.proof);
  expect(log).not.toContain(secret);
});

test("counts and durations are its deployment's metrics, not a step's", async () => {
  await run(input, (journal) => {
    journal.count("Verdict", { verdict: "MATCH" });
    journal.duration("PushLatency", 1500);
  });
  const metrics = lines.filter((line) => line.includes('"_aws"')).map((line) => JSON.parse(line));
  expect(metrics).toContainEqual(expect.objectContaining({ service: "blue", verdict: "MATCH", Verdict: 1 }));
  const latency = metrics.find((one) => one.PushLatency !== undefined);
  expect(latency).toMatchObject({ service: "blue" });
  expect(latency.verdict).toBeUndefined();
  for (const { _aws } of metrics) expect(_aws.CloudWatchMetrics[0].Namespace).toBe("Keyturn");
});

test("all settings that are missing are in one message, with what they mean", () => {
  const read = () => readSettings(["INSTANCE_TABLE", "NONCE_KEY", "EVENT_BUS"], { NONCE_KEY: "arn" });
  expect(read).toThrow(/INSTANCE_TABLE \(.*records\).*EVENT_BUS \(.*bus\).*deploy again/);
  expect(read).not.toThrow(/NONCE_KEY/);
});

test("settings are read by the names that the contract gives, and no others", () => {
  expect(readSettings(["EVENT_BUS"], { EVENT_BUS: "keyturn", INSTANCE_TABLE: "t" })).toEqual({ EVENT_BUS: "keyturn" });
});

test("seconds are read as milliseconds, and nothing else is", () => {
  expect(milliseconds({ SAMPLE_INTERVAL_SECONDS: "0.5" }, "SAMPLE_INTERVAL_SECONDS")).toBe(500);
  for (const text of ["", "0", "-1", "soon", undefined]) {
    const settings = text === undefined ? {} : { SAMPLE_INTERVAL_SECONDS: text };
    expect(() => milliseconds(settings, "SAMPLE_INTERVAL_SECONDS")).toThrow(/^SAMPLE_INTERVAL_SECONDS must be/);
  }
});

test("the nonce mode is one of two", () => {
  expect([nonceModeOf("hmac"), nonceModeOf("none")]).toEqual(["hmac", "none"]);
  expect(() => nonceModeOf("off")).toThrow("NONCE_MODE must be");
});
