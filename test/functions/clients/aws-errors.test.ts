import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { describe, expect, test } from "vitest";
import { keyRotated } from "../../../events/key-rotated.ts";
import { eventBridgeBus } from "../../../functions/clients/bus.eventbridge.ts";
import { sfnExecutions } from "../../../functions/clients/executions.sfn.ts";
import { snsMail } from "../../../functions/clients/mail.sns.ts";
import { kmsNonces } from "../../../functions/clients/nonces.kms.ts";
import { sfnRegistrations } from "../../../functions/clients/registrations.sfn.ts";
import { managedSecrets } from "../../../functions/clients/secrets.secretsmanager.ts";
import { dynamoSeries } from "../../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../../functions/clients/time-series.timestream.ts";
import type { TimeSeries } from "../../../functions/clients/time-series.ts";
import { dynamoUses } from "../../../functions/clients/uses.dynamodb.ts";
import { timestreamUses } from "../../../functions/clients/uses.timestream.ts";
import type { Uses } from "../../../functions/clients/uses.ts";
import { kmsVault } from "../../../functions/clients/vault.kms.ts";
import { EC2, EXECUTION, hex64Of, ID, NOW } from "../support.ts";
import { answering, json, nameOf, refusal, type WireAnswer } from "./answering.ts";

/** What every service may answer to any call, and the name under which a flow hears of it. */
const OF_ANY_SERVICE = [
  ["ThrottlingException", 400, "TemporarilyUnavailable"],
  ["InternalFailure", 500, "TemporarilyUnavailable"],
  ["ServiceUnavailable", 503, "TemporarilyUnavailable"],
  ["AccessDeniedException", 400, "AccessDeniedException"],
] as const;

const FLOWS = {
  rotation: "rotation:live",
  "fleet-rotation": "arn:aws:states:us-east-1:000000000000:stateMachine:fleet:live",
  credential: "arn:aws:states:us-east-1:000000000000:stateMachine:credential:live",
  "exposed-key": "arn:aws:states:us-east-1:000000000000:stateMachine:exposed-key:live",
};

const key = { id: ID, ec2InstanceId: EC2, generation: 2 };

describe("Step Functions, told to end a task", () => {
  const ends = { success: { output: { any: 1 } }, failure: { error: "PushFailed", cause: "any" } };
  const end = (how: keyof typeof ends, answer: WireAnswer) =>
    sfnExecutions(new SFNClient(answering([answer])), FLOWS).endTask("token", ends[how]);
  const HOWS = ["success", "failure"] as const;

  test.each(HOWS)("in %s, says whether it still waited", async (how) => {
    expect(await end(how, json({}))).toBe(true);
    for (const code of ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]) {
      expect(await end(how, refusal(code))).toBe(false);
    }
  });

  test.each([
    ...OF_ANY_SERVICE,
    ["InvalidOutput", 400, "InvalidOutput"],
    ["KmsThrottlingException", 400, "TemporarilyUnavailable"],
  ] as const)("and answering with %s (%i), has not said that it waits no more", async (code, status, name) => {
    for (const how of HOWS) expect(await nameOf(end(how, refusal(code, status)))).toBe(name);
  });
});

describe("Step Functions, told to start an execution", () => {
  const start = (answer: WireAnswer) =>
    sfnExecutions(new SFNClient(answering([answer])), FLOWS).start({
      ...{ flow: "rotation", name: "name", input: { id: ID } },
    });

  test("says whether it was there", async () => {
    expect(await start(json({ executionArn: "any", startDate: 0 }))).toBe("started");
    expect(await start(refusal("ExecutionAlreadyExists"))).toBe("there");
  });

  test.each([
    ...OF_ANY_SERVICE,
    ["StateMachineDoesNotExist", 400, "StateMachineDoesNotExist"],
    ["InvalidName", 400, "InvalidName"],
  ] as const)("and answering with %s (%i), has not said that it is there", async (code, status, name) => {
    expect(await nameOf(start(refusal(code, status)))).toBe(name);
  });
});

describe("Step Functions, asked how an execution is", () => {
  const find = (answer: WireAnswer, asked: string[] = []) =>
    sfnExecutions(new SFNClient(answering([answer], asked)), FLOWS).find({ flow: "credential", name: "name" });

  test("says so of the one of this name by any version, or that there is none", async () => {
    const asked: string[] = [];
    const failed = { status: "FAILED", error: "LoginRefused", cause: "It says why." };
    expect(await find(json({ executionArn: "any", startDate: 0, ...failed }), asked)).toEqual(failed);
    const executionArn = "arn:aws:states:us-east-1:000000000000:execution:credential:name";
    expect(asked.map((body) => JSON.parse(body))).toEqual([{ executionArn }]);
    expect(await find(json({ status: "TIMED_OUT" }))).toEqual({ status: "TIMED_OUT", error: "", cause: "" });
    expect(await find(refusal("ExecutionDoesNotExist"))).toBeUndefined();
  });

  test.each([...OF_ANY_SERVICE, ["InvalidArn", 400, "InvalidArn"]] as const)(
    "and answering with %s (%i), has not said that there is none",
    async (code, status, name) => {
      expect(await nameOf(find(refusal(code, status)))).toBe(name);
    },
  );
});

describe("Step Functions, asked when a flow was started last", () => {
  const lastStart = (answer: WireAnswer, asked: string[] = []) =>
    sfnExecutions(new SFNClient(answering([answer], asked)), FLOWS).lastStart("fleet-rotation");

  test("says so of the newest execution by any version, or that there is none", async () => {
    const asked: string[] = [];
    expect(await lastStart(json({ executions: [{ startDate: NOW / 1000 }] }), asked)).toBe(NOW);
    const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:fleet";
    expect(asked.map((body) => JSON.parse(body))).toEqual([{ stateMachineArn, maxResults: 1 }]);
    expect(await lastStart(json({ executions: [] }))).toBeUndefined();
  });

  test.each(OF_ANY_SERVICE)(
    "and answering with %s (%i), has not said that there is none",
    async (code, status, name) => {
      expect(await nameOf(lastStart(refusal(code, status)))).toBe(name);
    },
  );
});

describe("KMS, told to decrypt", () => {
  const vaultOver = (answer: WireAnswer) => kmsVault(new KMSClient(answering([answer])), "key");
  const unseal = (answer: WireAnswer) => vaultOver(answer).unseal("c2VhbGVk", key);

  test.each(["InvalidCiphertextException", "IncorrectKeyException"])(
    "and answering with %s, has said that the stored key is unreadable",
    async (code) => {
      const thrown = await unseal(refusal(code)).catch((error) => error);
      expect(thrown).toMatchObject({
        name: "KeyUnreadable",
        message: expect.stringContaining(`generation 2 of ${ID}`),
      });
    },
  );

  // These are about the KMS key as it stands, which can be mended: what is stored may be sound.
  test.each(["DisabledException", "KMSInvalidStateException", "NotFoundException", "AccessDeniedException"])(
    "and answering with %s, has said that the key for it cannot be used; it is named as that, where it is asked for else",
    async (code) => {
      const thrown = await unseal(refusal(code)).catch((error) => error);
      expect(thrown).toMatchObject({
        name: "KeyUnreadable",
        message: expect.stringContaining(`${code}: It says why.`),
      });
      expect(await nameOf(vaultOver(refusal(code)).seal(hex64Of("key"), key))).toBe(code);
      expect(await nameOf(kmsNonces(new KMSClient(answering([refusal(code)])), "key").compute(key))).toBe(code);
    },
  );

  test.each([
    ...OF_ANY_SERVICE.filter(([code]) => code !== "AccessDeniedException"),
    ["KMSInternalException", 500, "TemporarilyUnavailable"],
    ["DependencyTimeoutException", 503, "TemporarilyUnavailable"],
    ["KeyUnavailableException", 500, "TemporarilyUnavailable"],
    ["InvalidKeyUsageException", 400, "InvalidKeyUsageException"],
    ["InvalidGrantTokenException", 400, "InvalidGrantTokenException"],
  ] as const)("and answering with %s (%i), has said nothing of the stored key", async (code, status, name) => {
    expect(await nameOf(unseal(refusal(code, status)))).toBe(name);
    expect(await nameOf(vaultOver(refusal(code, status)).seal(hex64Of("key"), key))).toBe(name);
    expect(await nameOf(kmsNonces(new KMSClient(answering([refusal(code, status)])), "key").compute(key))).toBe(name);
  });
});

describe("Secrets Manager", () => {
  const secretsOver = (...answers: WireAnswer[]) => managedSecrets(new SecretsManagerClient(answering(answers)));
  const REFUSALS = [
    ...OF_ANY_SERVICE,
    ["InternalServiceError", 500, "TemporarilyUnavailable"],
    ["InvalidRequestException", 400, "InvalidRequestException"],
    ["DecryptionFailure", 400, "DecryptionFailure"],
  ] as const;

  test("says that a secret or a version is not there, in one word alone", async () => {
    const missing = refusal("ResourceNotFoundException");
    expect(await secretsOver(missing).stages("s")).toBeUndefined();
    expect(await secretsOver(missing).read("s", "v")).toBeUndefined();
    expect(await secretsOver(missing).putPending("s", "v", "value")).toBe("not-pending");
    expect(await secretsOver(missing).dropPending("s", "v")).toBe(false);
    expect(await secretsOver(missing).oversight("s")).toBeUndefined();
    const deleted = json({ DeletedDate: NOW / 1000, VersionIdsToStages: { v: ["AWSCURRENT"] } });
    expect(await secretsOver(deleted).stages("s")).toBeUndefined();
    expect(await secretsOver(deleted).oversight("s")).toBeUndefined();
  });

  test.each(REFUSALS)(
    "asked and answering with %s (%i), has not said that it is not there",
    async (code, status, name) => {
      expect(await nameOf(secretsOver(refusal(code, status)).stages("s"))).toBe(name);
      expect(await nameOf(secretsOver(refusal(code, status)).read("s", "v"))).toBe(name);
      expect(await nameOf(secretsOver(refusal(code, status)).oversight("s"))).toBe(name);
      expect(await nameOf(secretsOver(json({}), refusal(code, status)).oversight("s"))).toBe(name);
    },
  );

  test.each([...REFUSALS, ["LimitExceededException", 400, "TemporarilyUnavailable"]] as const)(
    "told something and answering with %s (%i), has not said that it is done, or by somebody else",
    async (code, status, name) => {
      const refused = refusal(code, status);
      const pending = json({ VersionIdsToStages: { v: ["AWSPENDING"] } });
      expect(await nameOf(secretsOver(refused).putPending("s", "v", "value"))).toBe(name);
      expect(await nameOf(secretsOver(pending, refused).putPending("s", "v", "value"))).toBe(name);
      expect(await nameOf(secretsOver(refused).promote("s", "v", { from: "u" }))).toBe(name);
      expect(await nameOf(secretsOver(refused).dropPending("s", "v"))).toBe(name);
      expect(await nameOf(secretsOver(refused).askForRotation("s", "v"))).toBe(name);
    },
  );

  test("refusing a promotion, is asked which version is current; while it says the former one, it says nothing", async () => {
    const promote = (...answers: WireAnswer[]) =>
      secretsOver(refusal("InvalidParameterException"), ...answers).promote("s", "v", { from: "u" });
    const current = (version: string) => json({ VersionIdsToStages: { [version]: ["AWSCURRENT"] } });
    expect(await promote(current("v"))).toBe(true);
    expect(await promote(current("w"))).toBe(false);
    expect(await nameOf(promote(current("u")))).toBe("TemporarilyUnavailable");
    expect(await nameOf(promote(json({ VersionIdsToStages: {} })))).toBe("TemporarilyUnavailable");
    expect(await nameOf(promote(refusal("AccessDeniedException")))).toBe("AccessDeniedException");
  });

  test("refusing a rotation, is asked which version is pending; while none is, it was refused for something else", async () => {
    const ask = (VersionIdsToStages: Record<string, string[]>) =>
      secretsOver(refusal("InvalidRequestException"), json({ VersionIdsToStages })).askForRotation("s", "v");
    expect(await ask({ v: ["AWSPENDING"], u: ["AWSCURRENT"] })).toBe("asked");
    expect(await ask({ w: ["AWSPENDING"], u: ["AWSCURRENT"] })).toBe("under-way");
    expect(await nameOf(ask({ u: ["AWSCURRENT", "AWSPENDING"] }))).toBe("InvalidRequestException");
    expect(await nameOf(ask({ u: ["AWSCURRENT"] }))).toBe("InvalidRequestException");
  });

  test("keeps the value of a secret out of what is thrown", async () => {
    const pending = json({ VersionIdsToStages: { v: ["AWSPENDING"] } });
    const thrown = await secretsOver(pending, refusal("EncryptionFailure"))
      .putPending("s", "v", "hunter2")
      .catch((error: Error) => error);
    expect(thrown).toMatchObject({ name: "EncryptionFailure" });
    expect(`${thrown} ${JSON.stringify(thrown)}`).not.toContain("hunter2");
  });
});

describe("EventBridge, given an event", () => {
  const detail = { ...key, execution: EXECUTION };
  const put = (answer: WireAnswer) =>
    eventBridgeBus(new EventBridgeClient(answering([answer])), "bus").put(keyRotated, detail);

  test("that it took, says nothing more", async () => {
    expect(await put(json({ FailedEntryCount: 0, Entries: [{ EventId: "any" }] }))).toBeUndefined();
  });

  test.each(["ThrottlingException", "InternalFailure"])(
    "that it did not take for %s, has it put again",
    async (ErrorCode) => {
      const thrown = put(json({ FailedEntryCount: 1, Entries: [{ ErrorCode, ErrorMessage: "It says why." }] }));
      await expect(thrown).rejects.toMatchObject({
        name: "TemporarilyUnavailable",
        message: `EventBridge did not take "Key Rotated": ${ErrorCode}`,
      });
    },
  );

  test.each([...OF_ANY_SERVICE, ["ResourceNotFoundException", 400, "ResourceNotFoundException"]] as const)(
    "and answering with %s (%i), is understood as %s",
    async (code, status, name) => expect(await nameOf(put(refusal(code, status)))).toBe(name),
  );
});

describe("SNS, given a mail", () => {
  const send = (code: string, statusCode: number) => {
    const body = `<ErrorResponse><Error><Type>Any</Type><Code>${code}</Code><Message>It says why.</Message></Error>\
<RequestId>r</RequestId></ErrorResponse>`;
    return snsMail(new SNSClient(answering([{ statusCode, body }])), "topic").send("subject", "text");
  };

  test.each([
    ["Throttled", 429, "TemporarilyUnavailable"],
    ["Throttling", 400, "TemporarilyUnavailable"],
    ["KMSThrottling", 400, "TemporarilyUnavailable"],
    ["InternalError", 500, "TemporarilyUnavailable"],
    ["AuthorizationError", 403, "AuthorizationErrorException"],
    ["NotFound", 404, "NotFoundException"],
  ])("and answering with %s (%i), is understood as %s", async (code, status, name) => {
    expect(await nameOf(send(code, status))).toBe(name);
  });
});

describe("Step Functions, told to run a registration", () => {
  const run = (answer: WireAnswer) =>
    sfnRegistrations(new SFNClient(answering([answer])), "flow").run({ any: 1 } as never);

  test.each([...OF_ANY_SERVICE, ["StateMachineDoesNotExist", 400, "StateMachineDoesNotExist"]] as const)(
    "and answering with %s (%i), is understood as %s",
    async (code, status, name) => expect(await nameOf(run(refusal(code, status)))).toBe(name),
  );

  test.each([
    ["FAILED", "Keyturn.SomeError", "RegistrationFailed"],
    ["FAILED", "States.Runtime", "RegistrationCutOff"],
    ["TIMED_OUT", undefined, "RegistrationCutOff"],
  ])("that ended %s with %s, fails with whether people were told", async (status, error, name) => {
    expect(await nameOf(run(json({ executionArn: "any", startDate: 0, stopDate: 0, status, error })))).toBe(name);
  });
});

describe("the time series", () => {
  const window = { id: ID, ec2InstanceId: EC2, from: NOW - 1, to: NOW, limit: 1 };
  const endpoints = json({ Endpoints: [{ Address: "query.any", CachePeriodInMinutes: 1440 }] });
  const timestream = (answers: WireAnswer[]) =>
    timestreamSeries(new TimestreamQueryClient(answering(answers)), { database: "database", table: "table" });
  const place = { table: "table", partition: "aws", account: "000000000000" };
  const over: Record<string, (answer: WireAnswer) => TimeSeries> = {
    "in DynamoDB, asked": (answer) => dynamoSeries(new DynamoDBClient(answering([answer])), place),
    "in Timestream, asked": (answer) => timestream([endpoints, answer]),
    "in Timestream, asked where it is to be asked": (answer) => timestream([answer]),
  };

  test.each(
    Object.keys(over).flatMap((where) => [
      ...OF_ANY_SERVICE.map((error) => [where, ...error] as const),
      [where, "InternalServerException", 500, "TemporarilyUnavailable"] as const,
    ]),
  )("%s, and answering with %s (%i), has not said that nothing was written", async (where, code, status, name) => {
    const series = () => over[where]?.(refusal(code, status)) as TimeSeries;
    expect(await nameOf(series().read(window))).toBe(name);
    expect(await nameOf(series().hasAny(window))).toBe(name);
    expect(await nameOf(series().newest([window], window))).toBe(name);
  });

  test("in Timestream is empty before its columns are there, and for no other fault of a query", async () => {
    const invalid = (message: string) =>
      timestream([endpoints, { ...json({ __type: "ValidationException", message }), statusCode: 400 }]);
    expect(await invalid("Column 'generation' does not exist").read(window)).toEqual([]);
    expect(await nameOf(invalid("The query syntax is invalid").read(window))).toBe("ValidationException");
  });
});

describe("the uses in the time series", () => {
  const endpoints = json({ Endpoints: [{ Address: "query.any", CachePeriodInMinutes: 1440 }] });
  const timestream = (answers: WireAnswer[]) =>
    timestreamUses(new TimestreamQueryClient(answering(answers)), { database: "database", table: "table" });
  const over: Record<string, (answer: WireAnswer) => Uses> = {
    "in DynamoDB, asked": (answer) => dynamoUses(new DynamoDBClient(answering([answer])), { table: "table" }),
    "in Timestream, asked": (answer) => timestream([endpoints, answer]),
    "in Timestream, asked where they are to be asked": (answer) => timestream([answer]),
  };

  test.each(
    Object.keys(over).flatMap((where) => [
      ...OF_ANY_SERVICE.map((error) => [where, ...error] as const),
      [where, "ValidationException", 400, "ValidationException"] as const,
    ]),
  )("%s, and answering with %s (%i), have not said that nobody uses it", async (where, code, status, name) => {
    const uses = over[where]?.(refusal(code, status)) as Uses;
    expect(await nameOf(uses.of("orders/db", { from: NOW - 1, to: NOW }))).toBe(name);
  });
});
