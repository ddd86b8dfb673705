import { expect, test } from "vitest";
import { readPushAnswer } from "../../../functions/rotation/push-answer.ts";
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

test.each([
  ["nothing", ""],
  ["plain text", "Segmentation fault"],
  ["null", "null"],
  ["an unknown refusal", JSON.stringify({ refused: "BECAUSE" })],
  ["a receipt and a refusal", JSON.stringify({ receipt, refused: "WRONG_ID" })],
  ["an extra field", JSON.stringify({ receipt: { ...receipt, key: hex64Of("key") } })],
  ["a malformed proof", JSON.stringify({ receipt: { ...receipt, proof: "00" } })],
  ["an unknown outcome of a hook", JSON.stringify({ receipt: { ...receipt, hooks: [{ name: "a", outcome: "odd" }] } })],
  ["a hook with a path", JSON.stringify({ receipt: { ...receipt, hooks: [{ name: "../a", outcome: "done" }] } })],
  ["too many hooks", JSON.stringify({ receipt: { ...receipt, hooks: Array(51).fill(receipt.hooks[0]) } })],
  ["a receipt that was cut", JSON.stringify({ receipt }).slice(0, -5)],
])("%s is a failure, and none of it goes on", (_what, output) => {
  const answer = over(output, "Failed");
  expect(answer).toMatchObject({ error: "PushFailed" });
  if (output.length > 4) expect(JSON.stringify(answer)).not.toContain(output);
  expect(JSON.stringify(answer)).not.toContain(hex64Of("key"));
});
