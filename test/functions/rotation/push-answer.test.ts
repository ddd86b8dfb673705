import { expect, test } from "vitest";
import { readPushAnswer } from "../../../functions/rotation/push-answer.ts";
import { receipt as receiptSchema } from "../../../functions/rotation/ticket.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { hex64Of, ID } from "../support.ts";

const receipt = { id: ID, generation: 2, proof: hex64Of("proof"), hooks: [{ name: "10-reload", outcome: "failed" }] };
const over = (output: string, status = "Success") => readPushAnswer({ phase: "over", status, comment: "", output });

test("a command that is under way has no answer yet", () => {
  expect(readPushAnswer({ phase: "under way", status: "InProgress", comment: "", output: "" })).toBeUndefined();
});

test("a command that never arrived is undelivered, whatever it is said to have printed", () => {
  const output = JSON.stringify({ receipt });
  const answer = readPushAnswer({ phase: "undelivered", status: "DeliveryTimedOut", comment: "", output });
  expect(answer).toMatchObject({ error: "PushUndelivered", cause: expect.stringContaining("DeliveryTimedOut") });
});

test("a receipt is read, also of a command that failed", () => {
  expect(over(`${JSON.stringify({ receipt })}\n`)).toEqual({ receipt });
  expect(over(JSON.stringify({ receipt }), "Failed")).toEqual({ receipt });
});

test.each(["MALFORMED", "NO_KEY", "WRONG_ID", "WRONG_GENERATION", "NONCE_MODE", "WRONG_PROOF"])(
  "the refusal %s is read",
  (refused) => {
    expect(over(JSON.stringify({ refused }), "Failed")).toMatchObject({
      error: "PushRefused",
      cause: expect.stringContaining(refused),
    });
  },
);

test("a refusal that is not known is told as unknown, and its word goes nowhere", () => {
  const answer = over(JSON.stringify({ refused: "BECAUSE" }), "Failed");
  expect(answer).toMatchObject({ error: "PushRefused", cause: expect.stringContaining("does not know") });
  expect(JSON.stringify(answer)).not.toContain("BECAUSE");
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
  expect(over(JSON.stringify({ receipt, refused: "WRONG_ID" }))).toEqual({ receipt });
});

test.each([
  ["nothing", ""],
  ["plain text", "Segmentation fault"],
  ["null", "null"],
  ["a refusal that is no word", JSON.stringify({ refused: 5 })],
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
