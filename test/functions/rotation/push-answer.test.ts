import { expect, test } from "vitest";
import type { CommandState } from "../../../functions/clients/commands.ts";
import { answerTo, receiptFor } from "../../../functions/rotation/push-answer.ts";
import { receipt as receiptSchema } from "../../../functions/rotation/receipt.ts";
import { digestOf } from "../../../functions/shared/digest.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { hex64Of, ID, NOW } from "../support.ts";

const hooks = [{ name: "10-reload", outcome: "failed" as const }];
const receipt = { id: ID, generation: 2, proof: hex64Of("proof"), hooks };
const TICKET = { id: ID, generation: 2, receiptDigest: digestOf(receipt.proof), pushes: {} };
const PUSH = { sentAt: NOW };

/** What becomes of a push whose only command stands so. */
const answerOf = (state: CommandState) => answerTo(TICKET, [{ ...state, commandId: "c", sentAt: NOW }], PUSH);
const over = (output: string, status = "Success") => answerOf({ phase: "over", status, output });

test("a command that is under way has no answer yet", () => {
  expect(answerOf({ phase: "under way", status: "InProgress", output: "" })).toBeUndefined();
});

test("a command that never arrived is undelivered, whatever it is said to have printed", () => {
  const output = JSON.stringify({ receipt });
  const answer = answerOf({ phase: "undelivered", status: "DeliveryTimedOut", output });
  expect(answer).toMatchObject({ error: "PushUndelivered", cause: expect.stringContaining("DeliveryTimedOut") });
});

test("a receipt is read, also of a command that failed", () => {
  expect(over(`${JSON.stringify({ receipt })}\n`)).toEqual({ receipt });
  expect(over(JSON.stringify({ receipt }), "Failed")).toEqual({ receipt });
});

const refusal = (reason: unknown, more: object = { id: ID, generation: 2 }) =>
  JSON.stringify({ refused: { ...more, reason } });

test.each([
  ...["MALFORMED", "NO_KEY", "WRONG_GENERATION", "NONCE_MODE", "WRONG_PROOF"],
  ...["NO_TICKET", "TICKET_DENIED", "TICKET_UNAVAILABLE"],
])("the refusal %s is read, with or without what it is of", (reason) => {
  for (const more of [{ id: ID, generation: 2 }, {}, { id: 5, generation: "2", more: {} }]) {
    expect(over(refusal(reason, more), "Failed")).toMatchObject({
      error: "PushRefused",
      cause: expect.stringContaining(reason),
    });
  }
});

test("a refusal that is not known is told as unknown, and its word goes nowhere", () => {
  const answer = over(refusal("BECAUSE"), "Failed");
  expect(answer).toMatchObject({ error: "PushRefused", cause: expect.stringContaining("does not know") });
  expect(JSON.stringify(answer)).not.toContain("BECAUSE");
});

test("a receipt for another ticket is no answer to this one", () => {
  for (const change of [{ generation: 1 }, { generation: 3 }, { id: "ffffff" }]) {
    expect(over(JSON.stringify({ receipt: { ...receipt, ...change } }))).toMatchObject({ error: "PushRefused" });
  }
});

test("a receipt that proves nothing hides no other one, and is handed on when there is none", () => {
  const madeUp = { ...receipt, proof: hex64Of("made up") };
  const command = (one: object, sentAt: number) => ({
    ...{ commandId: "c", phase: "over" as const, status: "Success", sentAt },
    output: JSON.stringify({ receipt: one }),
  });
  expect(answerTo(TICKET, [command(madeUp, NOW + 5), command(receipt, NOW)], PUSH)).toEqual({ receipt });
  expect(answerTo(TICKET, [command(madeUp, NOW)], PUSH)).toEqual({ receipt: madeUp });
  const underWay = { ...command(receipt, NOW), phase: "under way" as const, output: "" };
  expect(answerTo(TICKET, [command(madeUp, NOW), underWay], PUSH)).toBeUndefined();
});

test("of several commands a receipt counts, whichever brings it; a failure only when none is under way", () => {
  const at = (sentAt: number, state: Partial<CommandState>) => ({
    ...{ commandId: "c", phase: "over" as const, status: "Failed", output: "", sentAt },
    ...state,
  });
  const given = at(NOW, { output: JSON.stringify({ receipt }) });
  const underWay = at(NOW + 1, { phase: "under way" });
  const refused = at(NOW + 2, { output: refusal("WRONG_PROOF") });
  expect(answerTo(TICKET, [refused, given, underWay], PUSH)).toEqual({ receipt });
  expect(answerTo(TICKET, [refused, underWay], PUSH)).toBeUndefined();
  // The newest failure is told, whatever the order in which SSM lists them.
  for (const sent of [
    [at(NOW, {}), refused],
    [refused, at(NOW, {})],
  ]) {
    expect(answerTo(TICKET, sent, PUSH)).toMatchObject({ error: "PushRefused" });
  }
  expect(answerTo(TICKET, [refused], { sentAt: NOW + 60_000 })).toBeUndefined();
  expect(answerTo(TICKET, [], PUSH)).toBeUndefined();
});

const named = (name: unknown, outcome: unknown = "failed") => ({ name, outcome });
test.each<[string, unknown, unknown]>([
  ["a hook with a name of 65 characters", [named("n".repeat(65))], [named("n".repeat(64))]],
  ["a 51st hook", Array(51).fill(named("a", "done")), Array(50).fill(named("a", "done"))],
  ["a hook's name with a space", [named("hooks d")], [named("hooks_d")]],
  ["a hook's name with markup", [named("<b>\n{{x}}")], [named("_b____x__")]],
  ["a hook with a path", [named("../a", "done")], [named(".._a", "done")]],
  ["a hook without a name", [named(undefined)], [named("unknown")]],
  ["an unknown outcome of a hook", [named("a", "odd")], [named("a", "unknown")]],
  ["a hook with a field too many", [{ ...named("a"), tookMs: 5 }], [named("a")]],
  ["a hook that is none", [null, 5, "a"], Array(3).fill(named("unknown", "unknown"))],
  ["hooks that are no list", "many", []],
  ["no hooks at all", undefined, []],
])("%s does not spoil the receipt", async (_what, hooks, told) => {
  const answer = over(JSON.stringify({ receipt: { ...receipt, hooks } }));
  expect(answer).toEqual({ receipt: { ...receipt, hooks: told } });
  // What was read has the form that the steps after it take.
  expect(checkInput(receiptSchema, (answer as { receipt: unknown }).receipt)).toMatchObject({ ok: true });
});

test("of too many hooks those that did not succeed are told first", () => {
  const hooks = [...Array(60).fill(named("fine", "done")), named("broken"), named("slow", "timed-out")];
  const answer = over(JSON.stringify({ receipt: { ...receipt, hooks } })) as { receipt: { hooks: object[] } };
  expect(answer.receipt.hooks).toHaveLength(50);
  expect(answer.receipt.hooks.slice(0, 2)).toEqual([named("broken"), named("slow", "timed-out")]);
});

test("fields that are not known are passed over, and none of them goes on", () => {
  const more = { agentVersion: "9.0.0", key: hex64Of("key") };
  expect(over(JSON.stringify({ receipt: { ...receipt, ...more }, ...more }))).toEqual({ receipt });
  expect(over(JSON.stringify({ receipt, refused: { reason: "WRONG_PROOF" } }))).toEqual({ receipt });
});

test.each([
  ["nothing", ""],
  ["plain text", "Segmentation fault"],
  ["null", "null"],
  ["a refusal that is no word", refusal(5)],
  ["a refusal that is null", JSON.stringify({ refused: null })],
  ["a receipt without an ID", JSON.stringify({ receipt: { ...receipt, id: undefined } })],
  ["a malformed generation", JSON.stringify({ receipt: { ...receipt, generation: "2" } })],
  ["a malformed proof", JSON.stringify({ receipt: { ...receipt, proof: "00" } })],
  ["a receipt that was cut", JSON.stringify({ receipt }).slice(0, -5)],
])("%s is a failure, and none of it goes on", (_what, output) => {
  const answer = over(output, "Failed");
  expect(answer).toMatchObject({ error: "PushFailed" });
  if (output.length > 4) expect(JSON.stringify(answer)).not.toContain(output);
  expect(JSON.stringify(answer)).not.toContain(hex64Of("key"));
});

test("of a rekey of which no key was agreed no receipt is one, and counts only when nothing else can come", () => {
  const ticket = { ...TICKET, receiptDigest: undefined };
  const command = { commandId: "c", phase: "over" as const, status: "Success", output: JSON.stringify({ receipt }) };
  const underWay = { ...command, phase: "under way" as const, output: "", sentAt: NOW };
  expect(receiptFor(ticket, { receipt })).toBeUndefined();
  expect(receiptFor(TICKET, { receipt })).toEqual(receipt);
  expect(answerTo(ticket, [{ ...command, sentAt: NOW }, underWay], PUSH)).toBeUndefined();
  // The step that confirms refuses it.
  expect(answerTo(ticket, [{ ...command, sentAt: NOW }], PUSH)).toEqual({ receipt });
});
