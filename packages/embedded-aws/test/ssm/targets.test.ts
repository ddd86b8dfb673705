import {
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type Target,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DOCUMENT, FakeShell, HastyClock, instance, openSsm } from "./harness.ts";

const UNMANAGED = instance(5);
let shell: FakeShell;
let opened: Awaited<ReturnType<typeof openSsm>>;

beforeEach(async () => {
  shell = new FakeShell();
  for (let n = 1; n <= 5; n += 1) shell.states.set(instance(n), n === 4 ? "stopped" : "running");
  const keys = { team: "keys" };
  const tags = {
    ...{ [instance(1)]: { ...keys, zone: "a" }, [instance(2)]: { ...keys, zone: "b" }, [instance(3)]: { zone: "a" } },
    ...{ [instance(4)]: keys, [UNMANAGED]: keys },
  };
  opened = await openSsm(shell, { clock: new HastyClock(), tags, mayDo: (id) => id !== UNMANAGED });
  opened.ssm.deployDocument("Test-Turn", JSON.stringify(DOCUMENT));
});
afterEach(() => opened.close());

const send = (Targets: Target[], InstanceIds?: string[]) =>
  opened.client.send(new SendCommandCommand({ DocumentName: "Test-Turn", Targets, InstanceIds }));
const command = async (CommandId: string | undefined) =>
  (await opened.client.send(new ListCommandsCommand({ CommandId }))).Commands?.[0];

test.each<[string, Target[], number[]]>([
  ["a tag", [{ Key: "tag:team", Values: ["keys"] }], [1, 2]],
  ["a tag of several values", [{ Key: "tag:zone", Values: ["a", "b", "c"] }], [1, 2, 3]],
  [
    "two tags",
    [
      { Key: "tag:team", Values: ["keys"] },
      { Key: "tag:zone", Values: ["b"] },
    ],
    [2],
  ],
  ["IDs", [{ Key: "InstanceIds", Values: [instance(3), instance(9)] }], [3]],
])("%s chooses of the instances that run and are managed", async (_, Targets, chosen) => {
  const { Command } = await send(Targets);
  expect(Command).toMatchObject({ Status: "Pending", InstanceIds: [], Targets, TargetCount: 0 });
  await expect.poll(() => shell.runs.length).toBe(chosen.length);
  expect(shell.runs.map(({ id }) => id)).toEqual(chosen.map(instance));
  for (const { end } of shell.runs) end();
  await expect
    .poll(() => command(Command?.CommandId))
    .toMatchObject({ Status: "Success", CompletedCount: chosen.length });
  expect(await command(Command?.CommandId)).toMatchObject({ InstanceIds: [], Targets, TargetCount: chosen.length });
  const { CommandInvocations = [] } = await opened.client.send(
    new ListCommandInvocationsCommand({ CommandId: Command?.CommandId }),
  );
  expect(CommandInvocations.map(({ InstanceId }) => InstanceId).sort()).toEqual(chosen.map(instance));
});

test("targets that choose nobody end the command as AWS does", async () => {
  const { Command } = await send([{ Key: "tag:team", Values: ["others"] }]);
  const ended = { Status: "Success", StatusDetails: "NoInstancesInTag", TargetCount: 0 };
  await expect.poll(() => command(Command?.CommandId)).toMatchObject(ended);
  expect(shell.runs).toEqual([]);
  expect(opened.told).toEqual([{ type: "command", status: "Success" }]);
});

test("what chooses in another way, or beside IDs, is refused", async () => {
  await expect(send([{ Key: "resource-groups:Name", Values: ["all"] }])).rejects.toMatchObject({
    name: "InvalidTarget",
    message: "The embedded AWS knows no target resource-groups:Name.",
  });
  const team = { Key: "tag:team", Values: ["keys"] };
  await expect(send([team], [instance(1)])).rejects.toMatchObject({ name: "ValidationException" });
  await expect(send(Array.from({ length: 6 }, () => team))).rejects.toMatchObject({ name: "ValidationException" });
  expect(shell.runs).toEqual([]);
});
