import { SendCommandCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeShell, HastyClock, instance, openSsm } from "./harness.ts";

let shell: FakeShell;
let opened: Awaited<ReturnType<typeof openSsm>>;

beforeEach(async () => {
  shell = new FakeShell();
  shell.states.set(instance(1), "running");
  opened = await openSsm(shell, { clock: new HastyClock() });
  for (const word of ["first", "second"]) opened.ssm.deployDocument("Say", JSON.stringify(saying(word)));
});
afterEach(() => opened.close());

const saying = (word: string) => ({
  schemaVersion: "2.2",
  mainSteps: [{ action: "aws:runShellScript", name: "say", inputs: { runCommand: [word] } }],
});

test.each([
  [undefined, "first"],
  ["$DEFAULT", "first"],
  ["$LATEST", "second"],
  ["1", "first"],
  ["2", "second"],
])("version %s of a document is its %s one: a new one is not the default by itself", async (DocumentVersion, word) => {
  const to = { DocumentName: "Say", InstanceIds: [instance(1)] };
  await opened.client.send(new SendCommandCommand({ ...to, DocumentVersion }));
  await expect.poll(() => shell.runs.at(-1)?.run.script).toBe(word);
});
