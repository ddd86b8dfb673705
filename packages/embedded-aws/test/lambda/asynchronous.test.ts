import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LambdaFunctions } from "../../src/lambda/index.ts";
import { functionsIn, parts, temporaryFolder } from "./harness.ts";

/** Notes that it ran, and fails until the file `mended` is there. */
const SOURCE = `
import { appendFileSync, existsSync } from "node:fs";
export async function handler(event, { awsRequestId }) {
  const isMended = existsSync(process.env.MENDED);
  appendFileSync(process.env.NOTES, event.name + " " + awsRequestId + "\\n");
  if (!isMended) throw new Error("not yet");
}`;

let folder: ReturnType<typeof temporaryFolder>;
let given: ReturnType<typeof parts>;
let functions: LambdaFunctions;

const notes = () => {
  const path = join(folder.path, "notes");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
};
const mend = () => writeFileSync(join(folder.path, "mended"), "");
const open = (retryDelaysMs: number[]) => {
  given = parts(folder.path);
  functions = functionsIn(folder.path, given, retryDelaysMs);
  functions.define({
    name: "noting",
    modulePath: join(folder.path, "noting.mjs"),
    environment: { NOTES: join(folder.path, "notes"), MENDED: join(folder.path, "mended") },
    timeoutSeconds: 5,
    onFailure: "arn:aws:sqs:us-east-1:000000000000:failed",
  });
};
const close = async () => {
  await functions.close();
  given.store.close();
};

beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, "noting.mjs"), SOURCE);
});

afterEach(async () => {
  await close();
  folder.remove();
});

test("an event that fails is tried again after each delay, under the same request ID", async () => {
  open([5, 400]);
  functions.start();
  functions.invokeAsync("noting", { name: "first" });
  await expect.poll(() => notes().length).toBe(2);
  mend();
  await expect.poll(() => notes().length).toBe(3);
  expect(new Set(notes()).size).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([notes().length, functions.deadLetters()]).toEqual([3, []]);
});

test("an event that fails for good becomes a dead letter for its destination", async () => {
  open([1, 1]);
  functions.start();
  functions.invokeAsync("noting", { name: "first" });
  await expect.poll(() => functions.deadLetters()).toHaveLength(1);
  expect(functions.deadLetters()[0]?.destination).toBe("arn:aws:sqs:us-east-1:000000000000:failed");
  expect(given.sentences).toEqual(["An asynchronous invocation of noting failed for good: Error."]);
});

test("events that were taken before a restart are delivered after it, in order", async () => {
  open([]);
  functions.invokeAsync("noting", { name: "first" });
  functions.invokeAsync("noting", { name: "second" });
  await close();
  mend();
  open([]);
  functions.start();
  await expect.poll(() => notes().map((note) => note.split(" ")[0])).toEqual(["first", "second"]);
});

test("an event is taken with the transaction that is open, or not at all", async () => {
  open([]);
  mend();
  functions.start();
  const undone = () =>
    given.store.transaction(() => {
      functions.invokeAsync("noting", { name: "undone" });
      throw new Error("roll back");
    });
  expect(undone).toThrow("roll back");
  functions.invokeAsync("noting", { name: "done" });
  await expect.poll(() => notes().map((note) => note.split(" ")[0])).toEqual(["done"]);
});

test("an event over 1 MB is refused", () => {
  open([]);
  expect(() => functions.invokeAsync("noting", "x".repeat(1024 * 1024))).toThrow(/too large for the Event/);
});
