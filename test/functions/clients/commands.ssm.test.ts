import { SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { ssmCommands } from "../../../functions/clients/commands.ssm.ts";
import { EC2, NOW } from "../support.ts";
import { answering, json, nameOf, refusal, type WireAnswer } from "./answering.ts";

const DOCUMENT = "keyturn-push";
const commandsOver = (answers: WireAnswer[], asked?: string[]) =>
  ssmCommands(new SSMClient(answering(answers, asked)), DOCUMENT);

describe("SSM, told to send a command", () => {
  test.each([
    ["InvalidInstanceId", 400, "InstanceUnreachable"],
    ["ThrottlingException", 400, "TemporarilyUnavailable"],
    ["InternalServerError", 500, "TemporarilyUnavailable"],
    ["ServiceUnavailable", 503, "TemporarilyUnavailable"],
    ["AccessDeniedException", 400, "AccessDeniedException"],
    ["InvalidDocument", 400, "InvalidDocument"],
    ["InvalidParameters", 400, "InvalidParameters"],
    ["UnsupportedPlatformType", 400, "UnsupportedPlatformType"],
    ["MaxDocumentSizeExceeded", 400, "MaxDocumentSizeExceeded"],
    ["DuplicateInstanceId", 400, "DuplicateInstanceId"],
  ])("and answering with %s (%i), is understood as %s", async (code, status, name) => {
    expect(await nameOf(commandsOver([refusal(code, status)]).send(EC2))).toBe(name);
  });
});

test("a command is of the document's newest version, for one host, and is handed over within a minute or not at all", async () => {
  const asked: string[] = [];
  expect(await commandsOver([json({ Command: { CommandId: "id" } })], asked).send(EC2)).toBe("id");
  expect(asked.map((text) => JSON.parse(text))).toEqual([
    { DocumentName: DOCUMENT, DocumentVersion: "$LATEST", InstanceIds: [EC2], TimeoutSeconds: 60 },
  ]);
});

describe("SSM, asked about a command", () => {
  const state = (answer: WireAnswer) => commandsOver([answer]).state("a command", EC2);

  test.each([
    ...["Pending", "Delayed", "In Progress", "InProgress", "Cancelling"].map((word) => ["under way", word] as const),
    ...["Success", "Failed"].map((word) => ["over", word] as const),
    ...["DeliveryTimedOut", "Delivery Timed Out", "ExecutionTimedOut", "Execution Timed Out"].map(
      (word) => ["undelivered", word] as const,
    ),
    ...["Undeliverable", "Terminated", "Cancelled", "Canceled", "AccessDenied", "Access Denied", "InvalidPlatform"].map(
      (word) => ["undelivered", word] as const,
    ),
  ])("says that it is %s by %s", async (phase, StatusDetails) => {
    const told = await state(json({ StatusDetails, StandardOutputContent: "printed" }));
    expect(told).toEqual({ phase, status: StatusDetails, output: "printed" });
  });

  test("and answering that there is no such invocation, does not know it", async () => {
    expect(await state(refusal("InvocationDoesNotExist"))).toBeUndefined();
  });

  test.each([
    ["ThrottlingException", 400, "TemporarilyUnavailable"],
    ["InternalServerError", 500, "TemporarilyUnavailable"],
    ["ServiceUnavailable", 503, "TemporarilyUnavailable"],
    ["AccessDeniedException", 400, "AccessDeniedException"],
    ["InvalidCommandId", 400, "InvalidCommandId"],
    ["InvalidInstanceId", 400, "InvalidInstanceId"],
  ])("and answering with %s (%i), has said nothing of it", async (code, status, name) => {
    expect(await nameOf(state(refusal(code, status)))).toBe(name);
  });
});

describe("SSM, asked for the commands since a moment", () => {
  const SINCE = NOW + 500;
  const listed = (CommandId: string, StatusDetails: string, atMs: number, DocumentName = DOCUMENT) => ({
    ...{ CommandId, StatusDetails, DocumentName, InstanceId: EC2 },
    RequestedDateTime: atMs / 1000,
  });
  const page = (CommandInvocations: object[], NextToken?: string) => json({ CommandInvocations, NextToken });
  const printed = (StatusDetails: string, StandardOutputContent: string) =>
    json({ StatusDetails, StandardOutputContent });

  test("gives those of its own document alone, from all pages, in whatever order they come", async () => {
    const asked: string[] = [];
    const commands = commandsOver(
      [
        page(
          [
            listed("second", "InProgress", SINCE + 2000),
            listed("of another document", "Success", SINCE + 2500, "AWS-RunShellScript"),
            listed("too early", "Pending", SINCE - 1),
            listed("fourth", "DeliveryTimedOut", SINCE + 4000),
          ],
          "more",
        ),
        page([
          listed("third", "Pending", SINCE + 3000),
          listed("of its other document", "Pending", SINCE + 1000, `${DOCUMENT}-2`),
          listed("first", "Delayed", SINCE),
        ]),
      ],
      asked,
    );
    expect(await commands.since(EC2, SINCE)).toEqual([
      { commandId: "second", phase: "under way", status: "InProgress", output: "", sentAt: SINCE + 2000 },
      { commandId: "fourth", phase: "undelivered", status: "DeliveryTimedOut", output: "", sentAt: SINCE + 4000 },
      { commandId: "third", phase: "under way", status: "Pending", output: "", sentAt: SINCE + 3000 },
      { commandId: "first", phase: "under way", status: "Delayed", output: "", sentAt: SINCE },
    ]);
    // To the second before, since SSM may cut the moment to whole seconds.
    const Filters = [{ key: "InvokedAfter", value: new Date(SINCE - 1000).toISOString() }];
    expect(asked.map((text) => JSON.parse(text))).toEqual([
      { InstanceId: EC2, Filters },
      { InstanceId: EC2, Filters, NextToken: "more" },
    ]);
  });

  test("asks for what those printed that are over", async () => {
    const asked: string[] = [];
    const list = page([listed("done", "Success", SINCE), listed("lost", "Failed", SINCE + 1)]);
    const commands = commandsOver([list, printed("Success", "done"), refusal("InvocationDoesNotExist")], asked);
    expect(await commands.since(EC2, SINCE)).toEqual([
      { commandId: "done", phase: "over", status: "Success", output: "done", sentAt: SINCE },
      { commandId: "lost", phase: "over", status: "Failed", output: "", sentAt: SINCE + 1 },
    ]);
    expect(asked.slice(1).map((text) => JSON.parse(text))).toEqual([
      { CommandId: "done", InstanceId: EC2 },
      { CommandId: "lost", InstanceId: EC2 },
    ]);
  });

  test.each([
    ["at once", [refusal("ThrottlingException")]],
    ["at the second page", [page([listed("first", "Pending", SINCE)], "more"), refusal("ThrottlingException")]],
    ["when asked what was printed", [page([listed("done", "Success", SINCE)]), refusal("ThrottlingException")]],
  ])("and throttling %s, has told of none", async (_, answers) => {
    expect(await nameOf(commandsOver(answers).since(EC2, SINCE))).toBe("TemporarilyUnavailable");
  });
});
