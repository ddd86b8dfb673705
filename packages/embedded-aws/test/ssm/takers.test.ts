import { GetCommandInvocationCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DOCUMENT, FakeShell, instance, openSsm } from "./harness.ts";

let shell: FakeShell;
let opened: Awaited<ReturnType<typeof openSsm>>;

beforeEach(async () => {
  shell = new FakeShell();
  for (const n of [1, 2]) shell.states.set(instance(n), "running");
  opened = await openSsm(shell);
  opened.ssm.deployDocument("Test-Turn", JSON.stringify(DOCUMENT));
});

afterEach(() => opened.close());

async function send(n: number): Promise<string> {
  const command = new SendCommandCommand({ DocumentName: "Test-Turn", InstanceIds: [instance(n)] });
  return (await opened.client.send(command)).Command?.CommandId ?? "";
}

const reaches = (CommandId: string, n: number, fields: object) =>
  expect
    .poll(() => opened.client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instance(n) })))
    .toMatchObject(fields);

/** The instances that ran a command themselves. */
const ran = () => shell.runs.map(({ id }) => id);

test("who takes an instance's commands gets their script, and what he says is their result", async () => {
  const taken: object[] = [];
  opened.ssm.takeCommands(instance(1), async (run) => {
    taken.push(run);
    return { exitCode: 3, stdout: "taken\n", stderr: "", timedOut: false };
  });
  await reaches(await send(1), 1, { StatusDetails: "Failed", ResponseCode: 3, StandardOutputContent: "taken\n" });
  expect(taken).toMatchObject([{ script: "echo one\necho {{two}}", timeoutMs: 300_000 }]);
  expect(ran()).toEqual([]);
});

test("the commands of other instances go on to them", async () => {
  opened.ssm.takeCommands(instance(1), async () => ({ exitCode: 0, stdout: "", stderr: "", timedOut: false }));
  const id = await send(2);
  await expect.poll(ran).toEqual([instance(2)]);
  shell.runs[0]?.end({ stdout: "its own\n" });
  await reaches(id, 2, { StatusDetails: "Success", StandardOutputContent: "its own\n" });
});

test("the commands go to the instance again once they are given back to it", async () => {
  opened.ssm.takeCommands(instance(1), async () => ({ exitCode: 0, stdout: "", stderr: "", timedOut: false }));
  await reaches(await send(1), 1, { StatusDetails: "Success" });
  opened.ssm.takeCommands(instance(1), undefined);
  await send(1);
  await expect.poll(ran).toEqual([instance(1)]);
});
